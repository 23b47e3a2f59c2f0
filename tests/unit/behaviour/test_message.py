"""message.py: what can be odd about the message around a file."""

from __future__ import annotations

import re

import pytest

from fakefiles.behaviour.message import Message
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.substitute import Refusal
from fakefiles.files.errors import RequestError
from fakefiles.transfer.framing import PLAIN_CHUNKS

PARAMETERS = {each.name: each for each in parameters_of(Message)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("skew", "-1h", -3600),
        ("skew", "0", 0),
        ("early", "103", (103,)),
        ("early", "102,102,100", (102, 102, 100)),
        ("http", "1.0", "1.0"),
        ("reused", "reset", Refusal.RESET),
    ],
)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value


def test_nothing_is_odd() -> None:
    """Without its parameters a message is as any other."""
    assert Message() == Message(skew=PARAMETERS["skew"].read("0"))


@pytest.mark.parametrize("chunks", ["trailer", "extension", "long", "zeros", "huge"])
def test_chunks(chunks: str) -> None:
    """A size stands in the line before each chunk, and a last chunk of size 0 ends them; each style differs."""
    style = Message(chunks=PARAMETERS["chunks"].read(chunks)).chunk_style
    assert style != PLAIN_CHUNKS
    digits = re.match(rb"[0-9a-f]+", style.line % 10)
    assert digits
    assert int(digits[0], 16) == 10 + (2**64 if chunks == "huge" else 0)
    assert int(style.last.partition(b"\r\n")[0].partition(b";")[0], 16) == 0
    assert style.last.endswith(b"\r\n\r\n")


def test_long_lines() -> None:
    """One style has a line that is longer than what most clients take."""
    assert len(Message(chunks="long").chunk_style.line) > 100_000
    assert Message().chunk_style is PLAIN_CHUNKS


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("early", "", "up to 8 of 100, 102, 103, with commas between them"),
        ("early", "101", "up to 8 of 100, 102, 103, with commas between them"),
        ("early", "103,", "up to 8 of 100, 102, 103, with commas between them"),
        ("early", ",".join(["103"] * 9), "up to 8 of 100, 102, 103, with commas between them"),
        ("http", "1.1", "one of 1.0"),
        ("reused", "headers", "one of close, reset"),
        ("chunks", "off", "one of trailer, extension, long, zeros, huge"),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{name} is {message}$"):
        PARAMETERS[name].read(text)


def test_version() -> None:
    """Only an answer of HTTP/1.1 has another one."""
    assert [Message(http="1.0").version_of(f"HTTP/{version}") for version in ("1.1", "1.0", "2")] == [
        "HTTP/1.0",
        "HTTP/1.0",
        "HTTP/2",
    ]
    assert Message().version_of("HTTP/1.1") == "HTTP/1.1"
