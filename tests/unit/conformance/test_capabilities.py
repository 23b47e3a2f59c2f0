"""capabilities.py: what clients claim."""

from __future__ import annotations

from fakefiles.conformance.capabilities import CAPABILITIES, OF_COMMANDS
from fakefiles.conformance.catalogue import cases
from fakefiles.conformance.client import PLACEHOLDERS


def test_all_are_needed() -> None:
    """Each capability is needed by some case, and each has its name as its key."""
    assert CAPABILITIES.keys() == {name for case in cases() for name in case.needs}
    assert {*OF_COMMANDS} <= CAPABILITIES.keys()


def test_placeholders() -> None:
    """What a command must contain is something that it may contain."""
    wanted = {placeholder.strip("{}") for each in CAPABILITIES.values() for placeholder in each.placeholders}
    assert wanted <= PLACEHOLDERS.keys()
