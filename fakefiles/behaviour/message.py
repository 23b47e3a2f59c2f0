"""What is odd about the message that brings a file, and not about the file.

Its date, its version, its chunks, what comes before it, and whether its connection may be used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fakefiles.behaviour.dates import SKEW
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.substitute import Refusal
from fakefiles.behaviour.values import Kind, one_of
from fakefiles.files.errors import RequestError
from fakefiles.transfer.framing import PLAIN_CHUNKS, Chunks

#: The field that announces those of chunks=trailer (RFC 9110, 6.6.2).
TRAILER = {"Trailer": "X-Trailer-1, X-Trailer-2"}
# More than readers of lines take; many stop at 4, 8, 16 or 64 KiB.
_LONG = 1 << 17
_CHUNKS = {
    # A field section behind the last chunk (RFC 9112, 7.1.2).
    "trailer": Chunks(last=b"0\r\nX-Trailer-1: one\r\nX-Trailer-2: two\r\n\r\n"),
    # All that can be behind a size (7.1.1).
    "extension": Chunks(b'%x;word;name=token;text="quoted; \\"text\\""\r\n', b"0;word\r\n\r\n"),
    "long": Chunks(b"%x;long=" + b"x" * _LONG + b"\r\n"),
    # A size may have any number of digits (7.1).
    "zeros": Chunks(b"%032x\r\n", b"0" * 32 + b"\r\n\r\n"),
    # The right size and 2^64: a reader of 64 bits that does not look for an overflow finds it right.
    "huge": Chunks(b"1%016x\r\n"),
}

# Answers before the answer (RFC 9110, 15.2; RFC 2518, 10.1; RFC 8297).
_EARLY = {
    100: b"HTTP/1.1 100 Continue\r\n\r\n",
    102: b"HTTP/1.1 102 Processing\r\n\r\n",
    103: b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n",
}
_MOST_EARLY = 8


def _early(value: str) -> tuple[int, ...]:
    statuses = value.split(",")
    if len(statuses) > _MOST_EARLY or not {*statuses} <= {str(status) for status in _EARLY}:
        raise RequestError(f"up to {_MOST_EARLY} of {', '.join(map(str, _EARLY))}, with commas between them")
    return tuple(map(int, statuses))


_STATUSES = Kind("100|102|103[,...]", _early, "int | str")


@dataclass(frozen=True, slots=True)
class Message:
    """The oddities that a URL asks for in the message around its file. The fields are the parameters of the URL."""

    early: Sequence[int] = parameter(_STATUSES, "Send these answers before the answer.", default=())
    http: str = parameter(one_of("1.0"), "Answer in this version of HTTP, and close the connection.", default="")
    reused: Refusal | None = parameter(
        one_of("close", "reset", into=Refusal), "End the connection at once if it had a request before."
    )
    chunks: str = parameter(one_of(*_CHUNKS), "Send unusual chunks.", default="")
    skew: int = parameter(SKEW, "The clock of the server is wrong by this much, in Date and in Retry-After.", default=0)

    @property
    def chunk_style(self) -> Chunks:
        """What the chunks of a body look like."""
        return _CHUNKS[self.chunks] if self.chunks else PLAIN_CHUNKS

    @property
    def heads_before(self) -> bytes:
        """The heads of the answers before the answer."""
        return b"".join(_EARLY[status] for status in self.early)

    def version_of(self, asked: str) -> str:
        """Return the version of the answer to a request of the version `asked`; both are like "HTTP/1.1"."""
        return "HTTP/1.0" if self.http and asked == "HTTP/1.1" else asked
