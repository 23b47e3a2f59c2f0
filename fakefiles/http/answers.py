"""An answer of HTTP, in plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus

from fakefiles.behaviour.substitute import Refusal
from fakefiles.files.errors import RequestError
from fakefiles.http.request import Ask
from fakefiles.transfer.body import MAX_PIECE, Body, Piece, Progress
from fakefiles.transfer.framing import Framing, chunked
from fakefiles.transfer.span import Span

#: The Cache-Control of an answer that may be another the next time.
UNCACHEABLE = "no-store"

#: What stands behind a status, in words (RFC 9110, 15).
REASONS = {status.value: status.phrase for status in HTTPStatus}

_TEXT = "text/plain; charset=utf-8"
# No Content, and Not Modified (RFC 9110, 6.4.1).
_WITHOUT_BODY = (204, 304)
_RESET_CONTENT = 205


# A body up to this many bytes goes out in the turn that asked for it, without a producer.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Answer:
    """A response: without a body nothing follows the headers; with `close` the connection ends after it.

    `framing` is how the end of the body is told; the last of its chunks is marked as such with `last_chunk`. `given`
    are the spans of the file, of `size` bytes, that it promises. It begins after `delay` seconds, or with `refusal`
    never does. `faults` are those that are in it already.
    """

    status: int
    headers: dict[str, str]
    body: Body | None = None
    close: bool = False
    framing: Framing = Framing.LENGTH
    last_chunk: bool = True
    size: int | None = None
    given: Sequence[Span] = ()
    delay: float = 0
    refusal: Refusal | None = None
    faults: Sequence[str] = ()

    @property
    def lasting(self) -> bool:
        """Whether the same request has the same answer at any time: any cache may keep it, and no part has a state."""
        kept = self.headers.get("Cache-Control", UNCACHEABLE) != UNCACHEABLE
        return kept and not self.delay and (self.body is None or self.body.plain)

    @cached_property
    def status_text(self) -> bytes:
        """The status in a status line, like "200 OK"."""
        return f"{self.status} {REASONS.get(self.status, 'Unknown')}".encode("ascii")

    @cached_property
    def fields(self) -> bytes:
        """The lines of the headers."""
        return "".join(f"{name}: {value}\r\n" for name, value in self.headers.items()).encode("ascii")

    @cached_property
    def small_body(self) -> bytes | None:
        """All bytes of a body that is plain and small, or of none; None of any other.

        It raises what the content raises.
        """
        body = self.body
        if body is None:
            return b""
        if not body.plain or body.length > min(_AT_ONCE, body.piece_size):
            return None
        return b"".join(piece for piece in self.pieces(_unheeded) if isinstance(piece, bytes))

    def pieces(self, progress: Progress, most: int = MAX_PIECE) -> Iterator[Piece]:
        """Yield the body for the wire: in each piece at most one chunk, or `most` bytes of it, and some framing."""
        body = self.body
        if body is None:
            return iter(())
        pieces = body.pieces(progress, most)
        if self.framing is not Framing.CHUNKED:
            return pieces
        return chunked(pieces, body.length if body.exact else None, body.piece_size, last_chunk=self.last_chunk)

    @property
    def span(self) -> Span | None:
        """The span of the file, if the body is on the wire as that and nothing else."""
        return None if self.body is None or self.framing is Framing.CHUNKED else self.body.span


def _unheeded(amount: int, span: Span | None) -> None:
    """Take no note of progress."""


def line_of_text(status: int, text: str, headers: Mapping[str, str], faults: Sequence[str] = ()) -> Answer:
    """Return an answer of one line, which is a text unless the headers say otherwise."""
    if status in _WITHOUT_BODY:
        return Answer(status, dict(headers), faults=faults)
    if status == _RESET_CONTENT:  # has a body, of no bytes (15.3.6)
        return Answer(status, dict(headers), Body.literal(b""), faults=faults)
    return Answer(status, {"Content-Type": _TEXT, **headers}, Body.literal(f"{text}\n".encode()), faults=faults)


def refused(error: RequestError) -> Answer:
    """Return the answer to a request that cannot be served."""
    return line_of_text(error.status, str(error), error.headers)


def finished(reply: Answer, ask: Ask) -> Answer:
    """Return an answer with what frames its body; to HEAD it is the same without the body (RFC 9110, 9.3.2)."""
    framed = _framed(reply, ask.version)
    return replace(framed, body=None) if ask.method == "HEAD" else framed


def _framed(reply: Answer, version: str) -> Answer:
    """Add the headers that say where the body ends (RFC 9112, 6), as far as they are not there already."""
    headers, framing, close = dict(reply.headers), reply.framing, reply.close
    if reply.body is not None:
        if framing is Framing.LENGTH:
            headers.setdefault("Content-Length", str(reply.body.length))
        elif framing is Framing.CHUNKED and version == "HTTP/1.1":
            headers["Transfer-Encoding"] = "chunked"
        else:
            # HTTP/1.0 knows no chunks: its bodies of untold length end with the connection.
            framing, close = Framing.CLOSE, True
    # HTTP/2 frames its bodies itself (RFC 9113, 8.1), and has no such header (8.2.2).
    if close := close and version != "HTTP/2":
        headers["Connection"] = "close"
    return replace(reply, headers=headers, framing=framing, close=close)
