"""How a part of the URL's options declares parameters: as dataclass fields, with their metadata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from fakefiles.behaviour.schedule import Schedule, parse_schedule
from fakefiles.behaviour.values import Kind
from fakefiles.files.errors import RequestError


class _Declared(NamedTuple):
    """What the metadata of a field says about its parameter."""

    kind: Kind
    help: str
    url_only: bool
    needs: str
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of URLs: its name, its kind of values, a line of help, and the dataclass (`part`) that has the field.

    `misbehaves`: it makes the server slow, broken or lying, or overrules the operator, so that --no-faults refuses it.
    `url_only`: it names the file or belongs to one request, so that defaults and profiles may not have it. `needs`: the
    parameter without which it means nothing. `repeatable`: a query may have it several times, and its value is a tuple.
    `scheduled`: whether it may have a schedule, see schedule.py.
    """

    name: str
    kind: Kind
    help: str
    part: type
    misbehaves: bool
    url_only: bool
    needs: str = ""
    repeatable: bool = False
    scheduled: bool = False

    def read(self, value: str) -> Any:
        """Return the parsed value; in a tuple, if the parameter is repeatable.

        Raises RequestError, with the name of the parameter, if it is wrong.
        """
        try:
            parsed = self.kind.parse(value)
        except RequestError as error:
            raise RequestError(f"{self.name} is {error}") from None
        return (parsed,) if self.repeatable else parsed

    def read_scheduled(self, value: str) -> tuple[Any, Schedule | None]:
        """Return the parsed value, and its schedule, if it has one. Raises RequestError as read() does."""
        before, at, text = value.rpartition("@")
        if not at or not self.scheduled:
            return self.read(value), None
        try:
            schedule = parse_schedule(text)
        except RequestError as wrong:
            try:
                return self.read(value), None  # a text that has an @ of its own
            except RequestError:
                raise RequestError(f"{self.name} is {wrong}") from None
        return self.read(before), schedule


def parameter(  # noqa: PLR0913  each is one thing that a declaration can say, by name
    kind: Kind,
    help_line: str,
    *,
    default: Any = None,
    url_only: bool = False,
    needs: str = "",
    repeatable: bool = False,
) -> Any:
    """Return a dataclass field that is a parameter of URLs with the same name; `default` is for URLs without it.

    `needs` names the parameter without which it means nothing. If it is `repeatable`, its value is a tuple.
    """
    return field(default=default, metadata={_Declared: _Declared(kind, help_line, url_only, needs, repeatable)})


def parameters_of(part: type, *, misbehaves: bool = True, scheduled: bool = False) -> Iterator[Parameter]:
    """Yield the parameters that a dataclass declares, in the order of its fields. Other fields are skipped."""
    for each in fields(part):
        if declared := each.metadata.get(_Declared):
            kind, help_line, url_only, needs, repeatable = declared
            yield Parameter(each.name, kind, help_line, part, misbehaves, url_only, needs, repeatable, scheduled)
