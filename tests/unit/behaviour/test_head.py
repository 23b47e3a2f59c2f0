"""head.py: what HEAD says otherwise than GET."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.head import Head
from fakefiles.behaviour.lies import Lie
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

(HEAD,) = parameters_of(Head)

# A value; the status, whether HEAD hangs, whether it hides ranges, and the length that it tells of 100 bytes.
MEANINGS = [
    ("403", (403, False, False, None)),
    ("404", (404, False, False, None)),
    ("405", (405, False, False, None)),
    ("501", (501, False, False, None)),
    ("hang", (None, True, False, None)),
    ("noranges", (None, False, True, None)),
    ("zero", (None, False, False, "0")),
    ("nolength", (None, False, False, "")),
    ("long:10", (None, False, False, "110")),
    ("short:10", (None, False, False, "90")),
    ("short:1k", (None, False, False, "0")),
]


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_meaning(text: str, meaning: tuple[int | None, bool, bool, str | None]) -> None:
    """A value changes one thing."""
    head = Head(HEAD.read(text))
    assert (head.status, head.hangs, head.hides_ranges, head.length(100)) == meaning


def test_nothing() -> None:
    """Without the parameter, HEAD is like GET."""
    assert Head().head is None
    assert (Head().status, Head().hangs, Head().hides_ranges, Head().length(100)) == (None, False, False, None)


SHAPES = "one of 403, 404, 405, 501, hang, zero, nolength, noranges, long:BYTES, short:BYTES"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", SHAPES),
        ("200", SHAPES),
        ("405:1", SHAPES),
        ("long", SHAPES),
        ("long:0", "at least 1 byte"),
        ("405\r\n", SHAPES),
    ],
)
def test_refused(text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError) as caught:
        HEAD.read(text)
    assert str(caught.value) == f"head is {message}"


def test_what_help_says() -> None:
    """Help shows the words, and which of them need an amount; the journal has them as in the URL."""
    assert HEAD.kind.takes == "403|404|405|501|hang|zero|nolength|noranges|long:SIZE|short:SIZE"
    assert str(Lie("long", 10)) == "long:10"
