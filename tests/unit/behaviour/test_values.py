"""values.py: kinds of values; tests/unit/urls/test_parameters.py tests them for each parameter."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour import values
from fakefiles.behaviour.values import Kind, number, one_of
from fakefiles.files.errors import RequestError

CODE = one_of("301", "302", into=int, keyword="int")
GOOD: list[tuple[Kind, str, Any]] = [
    (CODE, "302", 302),
    (number(1, 5), "5", 5),
    (values.SIZE, "1k", 1024),
    (values.DURATION, "0", 0),
    (values.SOME_TIME, "200ms", 0.2),
    (values.WHOLE_SECONDS, "2m", 120),
    (values.NAME, "a:b~c", "a:b~c"),
    (values.TEXT, "", ""),
    (values.SWITCH, "on", True),
    (values.SWITCH, "off", False),
    (values.OFF, "off", "off"),
]
BAD: list[tuple[Kind, str, str]] = [
    (CODE, "300", "one of 301, 302"),
    (number(1, 5), "6", "a whole number from 1 to 5"),
    (values.SIZE, "0", "at least 1 byte"),
    (values.SOME_TIME, "0", "more than 0 seconds"),
    (values.WHOLE_SECONDS, "0.5", "a whole number of seconds"),
    (values.NAME, "", "1 to 64 letters, digits and any of ._~:-"),
    (values.TEXT, "\n", "up to 100 characters, none of them a control character"),
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
