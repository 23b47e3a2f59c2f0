"""substitute.py: what a URL asks for in place of its file, and which of that contradicts itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fakefiles.behaviour.dates import RetryAfter
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.substitute import Refusal, Substitute
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Substitute)}
PARSED = [
    ("refuse", "close", Refusal.CLOSE),
    ("refuse", "reset", Refusal.RESET),
    ("refuse", "headers", Refusal.HEADERS),
    ("refuse", "hang", Refusal.HANG),
    ("status", "200", 200),
    ("status", "599", 599),
    ("retry_after", "0", RetryAfter("0")),
    ("retry_after", "2m", RetryAfter("120")),
]
REFUSED = [
    ("refuse", "", "one of close, reset, headers, hang"),
    ("status", "199", "a whole number from 200 to 599"),
    ("status", "600", "a whole number from 200 to 599"),
    ("retry_after", "0.5", "a whole number of seconds"),
]


@pytest.mark.parametrize(("name", "text", "value"), PARSED)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{name} is {message}$"):
        PARAMETERS[name].read(text)


def test_what_help_says() -> None:
    """A status is a CODE."""
    assert (PARAMETERS["refuse"].kind.takes, PARAMETERS["status"].kind.takes) == ("close|reset|headers|hang", "CODE")


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"refuse": Refusal.CLOSE, "status": 503}, "leave out one of them"),
]


@pytest.mark.parametrize(("fields", "message"), NONSENSE, ids=str)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(RequestError, match=re.escape(message)):
        Substitute(**fields)


@pytest.mark.parametrize(
    "fields", [{}, {"refuse": Refusal.RESET}, {"status": 503}, {"status": 503, "retry_after": RetryAfter("0")}]
)
def test_sense(fields: dict[str, Any]) -> None:
    """Each parameter alone is valid, and so is a status with retry_after=."""
    substitute = Substitute(**fields)
    assert {name: getattr(substitute, name) for name in fields} == fields
