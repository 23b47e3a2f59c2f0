"""values.py: kinds of values; tests/unit/urls/test_parameters.py tests them for each parameter."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour import values
from fakefiles.behaviour.values import Kind, number, one_of
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_offset

CODE = one_of("301", "302", into=int, keyword="int")
GOOD: list[tuple[Kind, str, Any]] = [
    (CODE, "302", 302),
    (number(1, 5), "5", 5),
    (values.SIZE, "1k", 1024),
    (values.OFFSET, "50%", parse_offset("50%")),
    (values.DURATION, "0", 0),
    (values.SOME_TIME, "200ms", 0.2),
    (values.WHOLE_SECONDS, "2m", 120),
    (values.NAME, "a:b~c", "a:b~c"),
    (values.NAME, "x" * 64, "x" * 64),
    (values.TEXT, "", ""),
    (values.TEXT, "\xe9" * 100, "\xe9" * 100),
    (values.SWITCH, "on", True),
    (values.SWITCH, "off", False),
    (values.OFF, "off", "off"),
]
NO_TEXTS = ("\n", "x\x1f", "\x7f", "\x9fx", "\ud800", "\udfff", "x" * 101)
BAD: list[tuple[Kind, str, str]] = [
    (CODE, "300", "one of 301, 302"),
    (number(1, 5), "6", "a whole number from 1 to 5"),
    (values.SIZE, "0", "at least 1 byte"),
    (values.SOME_TIME, "0", "more than 0 seconds"),
    (values.WHOLE_SECONDS, "0.5", "a whole number of seconds"),
    (values.NAME, "", "1 to 64 letters, digits and any of ._~:-"),
    (values.NAME, "x" * 65, "1 to 64 letters, digits and any of ._~:-"),
    (values.NAME, "a b", "1 to 64 letters, digits and any of ._~:-"),
    (values.NAME, "\xe9", "1 to 64 letters, digits and any of ._~:-"),
    *((values.TEXT, text, "up to 100 characters, none of them a control character") for text in NO_TEXTS),
    (values.SWITCH, "yes", "on or off"),
    (values.OFF, "on", "one of off"),
]


def _id(value: object) -> str:
    """Return a name that is the same in each process: workers of pytest-xdist compare them."""
    return value.takes if isinstance(value, Kind) else str(value)


@pytest.mark.parametrize(("kind", "text", "value"), GOOD, ids=_id)
def test_good(kind: Kind, text: str, value: object) -> None:
    """A value is parsed to this."""
    assert kind.parse(text) == value


@pytest.mark.parametrize(("kind", "text", "message"), BAD, ids=_id)
def test_bad(kind: Kind, text: str, message: str) -> None:
    """An error says which values are right."""
    with pytest.raises(RequestError) as caught:
        kind.parse(text)
    assert str(caught.value) == message


def test_what_help_says() -> None:
    """Help lists the words if they are few, else it names the kind."""
    assert (CODE.takes, CODE.keyword) == ("301|302", "int")
    assert (number(1, 2).takes, number(1, 2, "CODE").takes) == ("NUMBER", "CODE")
    assert {values.SIZE.takes, values.OFFSET.takes, values.NAME.takes, values.TEXT.takes} == {
        *("SIZE", "OFFSET", "NAME", "TEXT")
    }
    assert {values.DURATION.takes, values.SOME_TIME.takes, values.WHOLE_SECONDS.takes} == {"DURATION"}
    assert (values.SWITCH.takes, values.OFF.takes) == ("on|off", "off")


def test_what_type_checkers_say() -> None:
    """In Python a number may be a number, and what is on or off may be a bool."""
    assert number(1, 2).keyword == "int"
    assert {kind.keyword for kind in (values.SIZE, values.OFFSET)} == {"int | str"}
    assert {kind.keyword for kind in (values.DURATION, values.SOME_TIME, values.WHOLE_SECONDS)} == {"float | str"}
    assert {kind.keyword for kind in (values.SWITCH, values.OFF)} == {"bool | str"}
    assert {kind.keyword for kind in (values.NAME, values.TEXT, one_of("x"))} == {"str"}
