"""How a part of a URL's options declares its parameters: each is a field, which says all there is to say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from fakefiles.behaviour.values import Kind
from fakefiles.files.errors import RequestError


class _Declared(NamedTuple):
    """What a field says of its parameter."""

    kind: Kind
    help: str
    url_only: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a URL: its name, its kind of values, a line of help, and the part that it is a field of.

    With `misbehaves` it makes a server slow, broken or lying, or not as its operator has it: --no-faults refuses it.
    With `url_only` it says which file it is, or belongs to one request: no default and no profile can have it.
    """

    name: str
    kind: Kind
    help: str
    part: type
    misbehaves: bool
    url_only: bool

    def read(self, value: str) -> Any:
        """Return what a value means. Raises RequestError when it means nothing."""
        try:
            return self.kind.parse(value)
        except RequestError as error:
            raise RequestError(f"{self.name} is {error}") from None


def parameter(kind: Kind, help_line: str, *, default: Any = None, url_only: bool = False) -> Any:
    """Return a field of a dataclass that is a parameter of URLs by the same name; `default` is for those without it."""
    return field(default=default, metadata={_Declared: _Declared(kind, help_line, url_only)})


def parameters_of(part: type, *, misbehaves: bool = True) -> Iterator[Parameter]:
    """Yield the parameters that a part declares, in its order; other fields of it are none."""
    for each in fields(part):
        if declared := each.metadata.get(_Declared):
            yield Parameter(each.name, declared.kind, declared.help, part, misbehaves, declared.url_only)
