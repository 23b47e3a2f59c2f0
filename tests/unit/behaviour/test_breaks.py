"""breaks.py: faults at offsets, their order, and which ones are impossible."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.behaviour.breaks import Breaks, Flipped, Limit, Stall
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.files.units import parse_offset
from fakefiles.transfer.body import Cut, Deadline, Hold, Note, Pause, Step
from fakefiles.transfer.shaping import Mark
from fakefiles.transfer.span import Span

PARAMETERS = {each.name: each for each in parameters_of(Breaks)}
PARSED = [
    ("reset", "1k", (parse_offset("1k"),)),
    ("close", "1,50%", (parse_offset("1"), parse_offset("50%"))),
    ("stall", "50%", (Stall(parse_offset("50%")),)),
    ("stall", "1k:20s,2k", (Stall(parse_offset("1k"), 20), Stall(parse_offset("2k")))),
    ("cut", "10m", Limit(10 << 20)),
    ("cut", "0", Limit(0)),
    ("cut", "30s", Limit(seconds=30)),
    ("cut", "1.5s", Limit(seconds=1.5)),
    ("cut", "500ms", Limit(seconds=0.5)),
    ("flip", "0", (parse_offset("0"),)),
    ("flip", "50%,1,50%", (parse_offset("50%"), parse_offset("1"), parse_offset("50%"))),
    ("flip", ",".join(["7"] * 64), (parse_offset("7"),) * 64),
]
REFUSED = [
    ("reset", "-1", "reset is not an offset"),
    ("stall", "", "stall is not an offset"),
    ("stall", "5:", "stall is not a duration"),
    ("stall", "5:1s:1s", "stall is not a duration"),
    ("stall", "1:1s,", "stall is not an offset"),
    ("close", ",".join(["7"] * 65), "close is at most 64 offsets"),
    ("cut", "", "cut is not a size like 10m, or seconds like 30s or 500ms"),
    ("cut", "x", "cut is not a size"),
    ("cut", "1.2.3s", "cut is not a duration"),
    ("cut", "99999999s", "cut is too long"),
    ("flip", "", "flip is not an offset"),
    ("flip", "1,", "flip is not an offset"),
    ("flip", ",".join(["7"] * 65), "flip is at most 64 offsets"),
]


@pytest.mark.parametrize(("name", "text", "value"), PARSED)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{re.escape(message)}"):
        PARAMETERS[name].read(text)


def test_what_help_says() -> None:
    """Help shows how the parameters that are more than an offset are written."""
    takes = [PARAMETERS[name].kind.takes for name in ("close", "flip", "stall", "cut")]
    assert takes == ["OFFSET[,OFFSET...]", "OFFSET[,OFFSET...]", "OFFSET[:DURATION][,...]", "SIZE|SECONDS"]
    assert {each.kind.keyword for each in PARAMETERS.values()} == {"int | str"}


MARKS = [
    (Breaks(), []),
    (Breaks(reset=(parse_offset("50%"),)), [Mark(50, (Note("reset@50"), Cut(reset=True)))]),
    (Breaks(close=(parse_offset("0"),)), [Mark(0, (Note("close@0"), Cut()))]),
    (Breaks(stall=(Stall(parse_offset("1"), 2.5),)), [Mark(1, (Note("stall@1"), Pause(2.5)))]),
    (Breaks(stall=(Stall(parse_offset("1")),)), [Mark(1, (Note("stall@1"), Pause(None)))]),
    (Breaks(hold=(parse_offset("100%"),)), [Mark(100, (Note("hold@100"), Hold()))]),
    (
        Breaks(flip=(parse_offset("7"), parse_offset("5"), parse_offset("7%"))),
        [Mark(5, (Note("flip@5"),), byte=True), Mark(7, (Note("flip@7"),), byte=True)],
    ),
    (
        Breaks(reset=(parse_offset("9"),), hold=(parse_offset("9"),), close=(parse_offset("3"),)),
        [
            Mark(3, (Note("close@3"), Cut())),
            Mark(9, (Note("hold@9"), Hold())),
            Mark(9, (Note("reset@9"), Cut(reset=True))),
        ],
    ),
]


@pytest.mark.parametrize(("breaks", "marks"), MARKS, ids=str)
def test_marks(breaks: Breaks, marks: list[Mark]) -> None:
    """Faults happen in the order of their offsets. Of several at one offset, the end of the connection comes last."""
    assert breaks.marks(100) == marks


BEYOND = [
    (Breaks(reset=(parse_offset("101"),)), {"reset"}, "reset= lies beyond the end of the file, which has 100 bytes"),
    (Breaks(stall=(Stall(parse_offset("1k")),)), {"stall"}, "stall= lies beyond"),
    (Breaks(flip=(parse_offset("0"), parse_offset("100"))), {"flip"}, "flip= names a byte beyond the last one"),
    (Breaks(flip=(parse_offset("100%"),)), {"flip"}, "flip= names a byte beyond the last one"),
]


@pytest.mark.parametrize(("breaks", "names", "message"), BEYOND, ids=str)
def test_beyond_the_end(breaks: Breaks, names: set[str], message: str) -> None:
    """A fault of the URL beyond the end of its file is refused; one in a default or a profile is ignored."""
    with pytest.raises(RequestError, match=message):
        breaks.check(names, 100)
    breaks.check((), 100)


def test_at_the_end() -> None:
    """All offsets up to the end are valid, but a flip needs a byte at its offset."""
    breaks = Breaks(reset=(parse_offset("100"),), close=(parse_offset("100%"),), flip=(parse_offset("99"),))
    breaks.check({"reset", "close", "flip"}, 100)
    assert [mark.offset for mark in breaks.marks(100)] == [99, 100, 100]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=5), st.integers(0, 200), st.integers(0, 200))
def test_flips(offsets: list[int], start: int, length: int) -> None:
    """Exactly the lowest bits of those bytes are flipped, in every range."""
    breaks = Breaks(flip=tuple(parse_offset(str(offset)) for offset in offsets))
    wrong, right = breaks.distort(RULER, 1000).read(start, length), RULER.read(start, length)
    assert len(wrong) == len(right)
    differences = {start + i: a ^ b for i, (a, b) in enumerate(zip(wrong, right, strict=True)) if a != b}
    assert differences == {offset: 1 for offset in offsets if start <= offset < start + length}


def test_flipped_content() -> None:
    """It has an identity of its own. Where no bit is flipped, it does not copy the bytes of the wrapped content."""
    flipped = Breaks(flip=(parse_offset("5"),)).distort(ONES, 10)
    assert isinstance(flipped, Flipped)
    assert flipped.identity == "ones-flipped"
    assert flipped.read(4, 3) == b"101"
    assert flipped.read(6, ONES.PIECE_SIZE) is ONES.read(0, ONES.PIECE_SIZE)
    assert Breaks().distort(ONES, 10) is ONES


def shaped(query: str, length: int = 100) -> list[Step]:
    """Return the steps of a body of a span, as its limits leave it."""
    name, _, value = query.partition("=")
    breaks = Breaks(**{name: PARAMETERS[name].read(value)})
    (shape,) = breaks.limits()
    return list(shape([Span(0, length)]))


def test_limits() -> None:
    """An answer ends after so many bytes, if it has more, or after so many seconds."""
    assert Breaks().limits() == []
    assert shaped("cut=10") == [Span(0, 10), Note("cut@10"), Cut()]
    assert shaped("cut=0") == [Note("cut@0"), Cut()]
    assert shaped("cut=99") == [Span(0, 99), Note("cut@99"), Cut()]
    assert shaped("cut=100") == [Span(0, 100)]
    assert shaped("cut=1.5s") == [Deadline(1.5, (Note("cut@1.5s"), Cut())), Span(0, 100)]
    (shape,) = Breaks(cut=Limit(5)).limits()
    assert list(shape([b"abc", Pause(1), b"def", Span(0, 9)])) == [b"abc", Pause(1), b"de", Note("cut@5"), Cut()]


def test_several_offsets() -> None:
    """Each is a fault of its own, in the order of the file."""
    breaks = Breaks(close=(parse_offset("60"), parse_offset("30")), stall=(Stall(parse_offset("60"), 1),))
    assert breaks.marks(100) == [
        Mark(30, (Note("close@30"), Cut())),
        Mark(60, (Note("stall@60"), Pause(1))),
        Mark(60, (Note("close@60"), Cut())),
    ]
