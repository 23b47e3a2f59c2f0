"""What is measured of the requests of a client."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import TransferRecord


def sizes_sent(records: Sequence[TransferRecord], size: int) -> float:
    """Return how many times the file's size was sent in all; of an empty file, 0."""
    return sum(record.body_sent for record in records) / size if size else 0.0


def shortest_wait(records: Sequence[TransferRecord]) -> float | None:
    """Return the shortest time in seconds from the end of an error (4xx, 5xx) to the next request; None without one."""
    waits = [
        later.started - (earlier.ended or earlier.started)
        for earlier, later in pairwise(requests_in(records))
        if earlier.status is not None and earlier.status >= 400  # noqa: PLR2004  errors of HTTP begin there
    ]
    return min(waits, default=None)
