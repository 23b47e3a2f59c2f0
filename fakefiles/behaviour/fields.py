"""Fields of an answer that a URL spells out: more of them, or others in place of those that the answer has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind
from fakefiles.files.errors import RequestError

#: How many fields a URL may have, and how many bytes they may have together.
MOST_FIELDS = 20
MOST_BYTES = 4096

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, 5.6.2)
_VALUE = re.compile(rb"[^\x00\r\n]*")  # what is dangerous in a value (RFC 9110, 5.5)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Percent-encoded bytes of a URL that are no UTF-8 have become U+FFFD: what was meant is lost.
_LOST = re.compile("[\ufffd\ud800-\udfff]")

# They say where an answer ends, and how its connection goes on (RFC 9110, 7.6.1 and 10.1.4; RFC 9112, 6). Parameters
# that lie about these also close the connection.
_FRAMING = (
    *("Connection", "Content-Length", "HTTP2-Settings", "Keep-Alive", "Proxy-Connection"),
    *("TE", "Trailer", "Transfer-Encoding", "Upgrade"),
)
# They would make an open redirect of the server.
_LEADING_AWAY = ("Location", "Refresh")


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it goes to the wire, byte for byte.

    Raises ValueError if it could be anything but one line: for a name that is no token (RFC 9110, 5.6.2), and for CR,
    LF or NUL in the value (5.5).
    """

    name: bytes
    value: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not _VALUE.fullmatch(self.value):
            raise ValueError("a field has a token as its name, and no CR, LF or NUL")

    @property
    def line(self) -> bytes:
        """The line, with its CRLF."""
        return b"%b: %b\r\n" % (self.name, self.value)


def is_lost(text: str) -> bool:
    """Return whether the text came from bytes of a URL that are no UTF-8."""
    return bool(_LOST.search(text))


def _field(value: str) -> Field:
    name, colon, text = value.partition(":")
    if not colon or not name.isascii() or not _NAME.fullmatch(name.encode()) or _CONTROL.search(text) or is_lost(text):
        raise RequestError("a field like X-Name: value, in UTF-8 and without control characters")
    for names, reason in (
        (_FRAMING, "which say where an answer ends and how its connection goes on"),
        (_LEADING_AWAY, "which could lead to any other server"),
    ):
        if name.lower() in map(str.lower, names):
            raise RequestError(f"any field but {', '.join(names)}, {reason}")
    return Field(name.encode("ascii"), text.strip(" \t").encode())


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that a URL adds to its answers. The fields of this class are the parameters of the URL.

    Raises RequestError if there are more than MOST_FIELDS, or if they have more than MOST_BYTES.
    """

    header: Sequence[Field] = parameter(
        Kind("NAME: VALUE", _field), "Send this field; in place of those of that name.", default=(), repeatable=True
    )

    def __post_init__(self) -> None:
        if len(self.header) > MOST_FIELDS:
            raise RequestError(f"header= can be there {MOST_FIELDS} times")
        if sum(len(field.line) for field in self.header) > MOST_BYTES:
            raise RequestError(f"the fields of header= have at most {MOST_BYTES} bytes together")
