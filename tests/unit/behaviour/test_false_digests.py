"""false_digests.py: which digests a URL makes wrong, and how."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.false_digests import FalseDigests, falsified
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

(PARAMETER,) = parameters_of(FalseDigests)


@pytest.mark.parametrize(
    ("value", "where"),
    [("", (0, 0)), ("fields", (1, 0)), ("sidecar", (0, 1)), ("all", (1, 1))],
)
def test_where(value: str, where: tuple[int, int]) -> None:
    """The fields, the checksum files, or both are wrong."""
    false = FalseDigests(PARAMETER.read(value)) if value else FalseDigests()
    assert (false.in_fields, false.in_sidecars) == where


def test_refused() -> None:
    """An error says what it would be."""
    with pytest.raises(RequestError, match=r"^digest_lie is one of fields, sidecar, all$"):
        PARAMETER.read("on")


def test_falsified() -> None:
    """One bit differs."""
    assert [falsified(digest) for digest in (b"\x00\x00", b"\x00\xff")] == [b"\x00\x01", b"\x00\xfe"]
