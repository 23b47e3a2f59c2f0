"""A piece of a file, as two offsets."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Bytes `start` up to, not including, `stop` of a file."""

    start: int
    stop: int


def merge_overlapping(spans: list[Span]) -> list[Span]:
    """Merge the spans that share bytes, each into the place of the first of them; adjacent spans stay apart.

    RFC 9110, 15.3.7.2: parts should stay in the order asked for, save those that were coalesced.
    """
    groups: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda item: item[1]):
        if groups and span.start < groups[-1][1].stop:
            first_place, union = groups[-1]
            groups[-1] = min(place, first_place), Span(union.start, max(union.stop, span.stop))
        else:
            groups.append((place, span))
    return [span for _, span in sorted(groups)]
