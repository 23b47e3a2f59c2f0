"""Finds of which versions of a file that changes a download is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fakefiles.verification.damage import Comparison

# A download that seems to be made of more stretches than these is damaged in another way.
_MOST_STRETCHES = 1000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes `start` up to, not including, `stop`, which are those of one version, 1 or 2."""

    start: int
    stop: int
    edition: int


def stretches(comparisons: Sequence[Comparison], size: int) -> list[Stretch]:
    """Return the stretches of which a file of `size` bytes is made, as few as can be; none if that is not all of it.

    There is a comparison for each version. A byte that two versions have in common counts for the stretch before it.
    """
    found: list[Stretch] = []
    position = 0
    while position < size:
        reaches = [comparison.right_until(position) for comparison in comparisons]
        reach = max(reaches)
        if reach <= position or len(found) == _MOST_STRETCHES:
            return []
        found.append(Stretch(position, reach, reaches.index(reach) + 1))
        position = reach
    return found


def in_words(found: Sequence[Stretch], most: int) -> str:
    """Return stretches in words, the first `most` of them."""
    *parts, last = [f"bytes {each.start} to {each.stop - 1} of version {each.edition}" for each in found]
    if len(found) > most:
        return ", ".join([*parts[:most], f"and {len(found) - most} more"])
    return ", ".join([*parts, f"the rest of version {found[-1].edition}"]) if parts else last
