"""span.py: spans that overlap are merged, and no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakefiles.transfer.span import Span, merge_overlapping

spans = st.tuples(st.integers(0, 200), st.integers(1, 30)).map(lambda pair: Span(pair[0], sum(pair)))


@given(st.lists(spans, min_size=1, max_size=30))
def test_merging_keeps_the_bytes(asked: list[Span]) -> None:
    """Merged spans hold the same bytes, none twice, and each lies where the first of its parts was asked for."""
    merged = merge_overlapping(asked)
    positions = [position for span in merged for position in range(*span)]
    assert len(positions) == len(set(positions))
    assert set(positions) == {position for span in asked for position in range(*span)}
    firsts = [next(i for i, part in enumerate(asked) if span.start <= part.start < span.stop) for span in merged]
    assert firsts == sorted(firsts)


def test_adjacent_spans_stay_apart() -> None:
    """Only spans that share a byte are merged."""
    assert merge_overlapping([Span(5, 9), Span(0, 5)]) == [Span(5, 9), Span(0, 5)]
