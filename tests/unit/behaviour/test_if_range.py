"""if_range.py: what becomes of If-Range."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.if_range import IfRange
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

(PARAMETER,) = parameters_of(IfRange)


@pytest.mark.parametrize(
    ("value", "applies"), [("honour", [False, True]), ("ignore", [True, True]), ("never", [False, False])]
)
def test_applies(value: str, applies: list[bool]) -> None:
    """Whether the range is sent, if If-Range is false, and if it is true."""
    assert PARAMETER.read(value) == value
    assert [IfRange(value).applies(honestly) for honestly in (False, True)] == applies


def test_refused() -> None:
    """Another value is an error."""
    with pytest.raises(RequestError, match=r"^ifrange is one of honour, ignore, never$"):
        PARAMETER.read("on")
