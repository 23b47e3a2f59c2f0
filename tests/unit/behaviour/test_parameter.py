"""parameter.py: parameters are found where a part declares them, and parsed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fakefiles.behaviour.parameter import Parameter, parameter, parameters_of
from fakefiles.behaviour.values import NAME, SIZE
from fakefiles.files.errors import RequestError


@dataclass(frozen=True, slots=True)
class Part:
    """A part with three parameters, and one field that is no parameter."""

    size: int | None = parameter(SIZE, "A size.")
    other: int = 0
    name: str = parameter(NAME, "A name.", default="x", url_only=True)
    sizes: tuple[int, ...] = parameter(SIZE, "Sizes.", default=(), repeatable=True)


def test_parameters_of() -> None:
    """Each parameter is found, in the order of the fields."""
    assert list(parameters_of(Part)) == [
        Parameter("size", SIZE, "A size.", Part, misbehaves=True, url_only=False),
        Parameter("name", NAME, "A name.", Part, misbehaves=True, url_only=True),
        Parameter("sizes", SIZE, "Sizes.", Part, misbehaves=True, url_only=False, repeatable=True),
    ]
    assert not any(each.misbehaves for each in parameters_of(Part, misbehaves=False))


def test_fields() -> None:
    """For the dataclass, parameters are ordinary fields."""
    assert (Part().size, Part().other, Part().name, Part().sizes) == (None, 0, "x", ())


def test_read() -> None:
    """A value is parsed; an error begins with the name of the parameter."""
    size = next(parameters_of(Part))
    assert size.read("1k") == 1024
    with pytest.raises(RequestError, match="size is at least 1 byte"):
        size.read("0")


def test_read_repeated() -> None:
    """The value of a repeatable parameter is a tuple, even of one."""
    *_, sizes = parameters_of(Part)
    assert sizes.read("1k") == (1024,)
    with pytest.raises(RequestError, match=r"^sizes is at least 1 byte$"):
        sizes.read("0")
