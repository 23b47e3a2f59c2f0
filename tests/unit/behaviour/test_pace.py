"""pace.py: the speed that a URL asks for, and how its body is slowed down."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles import joined, unheeded
from fakefiles.behaviour.pace import PIECE_TIME, Pace
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import RULER
from fakefiles.transfer.body import Note, Pause, Step, Take, cut
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.shaping import in_turn
from fakefiles.transfer.span import Span

spans = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: Span(min(pair), max(pair)))
steps_lists = st.lists(st.one_of(st.binary(min_size=1, max_size=50), spans, st.just(Note("x"))), max_size=6)


def data_of(steps: Sequence[Step]) -> bytes:
    """Return the bytes of steps; their spans are read from a ruler."""
    return joined(cut((step for step in steps if isinstance(step, Span | bytes)), RULER, 1000, unheeded))


RATES = [
    (Pace(), 100, None),
    (Pace(rate=10), 100, 10),
    (Pace(duration=4), 100, 25),
    (Pace(duration=4), 0, None),
]


@pytest.mark.parametrize(("pace", "length", "rate"), RATES, ids=str)
def test_rate_of(pace: Pace, length: int, rate: float | None) -> None:
    """The rate is given, or is the length divided by the duration."""
    assert pace.rate_of(length) == rate


PIECES = [
    (Pace(), None, 1000),
    (Pace(), 1, 1),
    (Pace(), 500, int(500 * PIECE_TIME)),
    (Pace(), 1e9, 1000),
    (Pace(drip=7), None, 7),
    (Pace(drip=7), 1e9, 7),
]


@pytest.mark.parametrize(("pace", "rate", "size"), PIECES, ids=str)
def test_piece_size(pace: Pace, rate: float | None, size: int) -> None:
    """A piece has the bytes of a tenth of a second, or as many as the URL says."""
    assert pace.piece_size(rate, 1000) == size


def test_bucket_without_rate() -> None:
    """A bucket without a rate is refused: there is nothing to share."""
    with pytest.raises(RequestError, match="say rate= too"):
        Pace(bucket="x")
    assert Pace(bucket="x", rate=1).bucket == "x"


def shaped_by(pace: Pace, rate: float | None, steps: list[Step]) -> list[Step]:
    """Return the steps of a body at a pace."""
    shape = in_turn(pace.shapes(rate, None if rate is None else Bucket(rate), Random(1)))
    return steps if shape is None else list(shape(steps))


def test_no_pace() -> None:
    """Without parameters for the pace, there are no shapes."""
    assert Pace(delay=5).shapes(None, None, Random(1)) == []
    assert (Pace().delay, Pace().jitter) == (0, 0)


def test_pieces_of_a_rate() -> None:
    """At a rate, a piece has the bytes of a tenth of a second."""
    shaped = shaped_by(Pace(rate=100), 100, [Span(0, 25)])
    assert [step for step in shaped if isinstance(step, Span)] == [Span(0, 10), Span(10, 20), Span(20, 25)]
    assert [step.amount for step in shaped if isinstance(step, Take)] == [10, 10, 5]


def test_drip() -> None:
    """Without a rate, drip= only cuts the body into pieces."""
    assert shaped_by(Pace(drip=10), None, [Span(0, 25)]) == [Span(0, 10), Span(10, 20), Span(20, 25)]


def test_jitter() -> None:
    """The pauses are random, within bounds, and the same in every run."""
    shaped = shaped_by(Pace(jitter=0.5, drip=1), None, [Span(0, 50)])
    pauses = [step.seconds for step in shaped if isinstance(step, Pause) and step.seconds is not None]
    assert len(pauses) == 50
    assert all(0 <= pause <= 0.5 for pause in pauses)
    assert len(set(pauses)) > 40
    assert shaped == shaped_by(Pace(jitter=0.5, drip=1), None, [Span(0, 50)])
    assert any(isinstance(step, Pause) for step in shaped_by(Pace(jitter=0.5), None, [Span(0, 50)]))
    lots = Random(1)
    assert pauses == [lots.uniform(0, 0.5) for _ in range(50)]


@given(
    steps_lists,
    st.sampled_from([None, 1.0, 50.0, 1e9]),
    st.sampled_from([None, 1, 7, 1000]),
    st.sampled_from([0.0, 2.0]),
)
def test_no_pace_changes_a_byte(steps: list[Step], rate: float | None, drip: int | None, jitter: float) -> None:
    """Any combination of pacing sends the same bytes."""
    assert data_of(shaped_by(Pace(drip=drip, jitter=jitter), rate, steps)) == data_of(steps)
