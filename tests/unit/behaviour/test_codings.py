"""codings.py: which coding a URL wants, and whether a client accepts it."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.codings import Codings, accepts
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Codings)}


@pytest.mark.parametrize(
    ("field", "gzip", "br"),
    [
        (None, 0, 0),
        ("", 0, 0),
        ("gzip", 1, 0),
        ("GZip, deflate", 1, 0),
        ("x-gzip", 1, 0),
        ("gzip;q=0, br", 0, 1),
        ("gzip ; Q=0.001,br;q=1.000", 1, 1),
        ("gzip;q=0.000, *", 0, 1),
        ("*", 1, 1),
        ("*;q=0", 0, 0),
        ("identity", 0, 0),
        ("gzip;q=2, br;q=a, , zstd", 0, 0),
        ("gzip br", 0, 0),
    ],
)
def test_accepts(field: str | None, gzip: int, br: int) -> None:
    """A coding must be there, by name or as *, with a weight; x-gzip is gzip."""
    assert [accepts(coding, field) for coding in ("gzip", "x-gzip", "br")] == [gzip, gzip, br]


def test_allows() -> None:
    """Without negotiate= it does not matter what a client accepts."""
    assert Codings("br").allows("br", "gzip")
    assert not Codings("br", "on").allows("br", "gzip")
    assert Codings("br", "on").allows("br", "br")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("coding", "deflate", "one of gzip, x-gzip, br, zstd"), ("negotiate", "off", "one of on")],
)
def test_refused(name: str, value: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{name} is {message}$"):
        PARAMETERS[name].read(value)
    assert PARAMETERS["coding"].read("x-gzip") == "x-gzip"
    assert (PARAMETERS["negotiate"].read("on"), PARAMETERS["negotiate"].kind.keyword) == ("on", "bool | str")
