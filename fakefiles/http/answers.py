"""The answer to a request, in plain values: status, fields, body, and how its end is framed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus

from fakefiles.behaviour.dates import HttpDate
from fakefiles.behaviour.fields import Field
from fakefiles.behaviour.limits import Seat
from fakefiles.behaviour.substitute import Refusal
from fakefiles.files.errors import RequestError
from fakefiles.http.request import Ask
from fakefiles.transfer.body import MAX_PIECE, Body, Piece, Progress
from fakefiles.transfer.framing import PLAIN_CHUNKS, Chunks, Framing, chunked
from fakefiles.transfer.span import Span

#: The Cache-Control of an answer that may differ the next time (RFC 9111, 5.2.2.5).
UNCACHEABLE = "no-store"

#: Browsers then take an answer for what its Content-Type says, and for nothing else, like a script (the Fetch standard,
#: "X-Content-Type-Options header"). Our own texts and pages have it; files do not, because their content is made up.
NOSNIFF = {"X-Content-Type-Options": "nosniff"}

#: The reason phrases of the known statuses (RFC 9110, 15).
REASONS = {status.value: status.phrase for status in HTTPStatus}

_TEXT = "text/plain; charset=utf-8"
# 204 (No Content) and 304 (Not Modified) never have a body (RFC 9110, 6.4.1).
_WITHOUT_BODY = (204, 304)
_RESET_CONTENT = 205


# A body of up to this many bytes is written together with the head, without a producer.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Answer:
    """The answer to a request.

    `body` None: nothing follows the headers. `close`: the connection ends after the answer. `framing`: how the client
    knows where the body ends; without `last_chunk`, a chunked body lacks its end. `given`: the spans that the answer
    promises, of the file with `size` bytes. `edition`: which version of a file that changes it is about. `delay`:
    seconds to wait before the head. `refusal`: how the connection ends instead of an answer. `faults`: those that are
    part of the answer, for the journal.
    promises, of the file with `size` bytes. `delay`: seconds to wait before the head. `refusal`: how the connection
    ends instead of an answer. `faults`: those that are part of the answer, for the journal.
    `seat`: to be left when the request has ended.
    ends instead of an answer. `faults`: those that are part of the answer, for the journal. `overriding`: more
    fields, in place of others with these names, also of those that Twisted adds (Server, Date).
    knows where the body ends; `chunks`: what its chunks look like, if it has them. `more`: lines of fields that
    `headers` has already, with other values. `given`: the spans that the answer promises, of the file with `size`
    bytes. `delay`: seconds to wait before the head. `refusal`: how the connection ends instead of an answer. `faults`:
    those that are part of the answer, for the journal. `dates`: fields that depend on the moment when the head is sent;
    see at(). `version`: that of the answer, if it is not that of the request. `before`: what is sent ahead of it all,
    even of the delay: the heads of interim answers (RFC 9110, 15.2).
    """

    status: int
    headers: dict[str, str]
    body: Body | None = None
    close: bool = False
    framing: Framing = Framing.LENGTH
    chunks: Chunks = PLAIN_CHUNKS
    more: Sequence[tuple[str, str]] = ()
    size: int | None = None
    given: Sequence[Span] = ()
    edition: int | None = None
    delay: float = 0
    refusal: Refusal | None = None
    faults: Sequence[str] = ()
    seat: Seat | None = None
    overriding: Sequence[Field] = ()
    dates: Mapping[str, HttpDate] = field(default_factory=dict)
    version: str = ""
    before: bytes = b""

    def at(self, now: float) -> Answer:
        """Return the answer with its `dates` as fields, when its head is sent at `now`, in seconds since the epoch.

        It has a Date of its own then, so that a client can compare the others with it.
        """
        dates = {"Date": HttpDate(), **self.dates}
        return replace(self, headers={**self.headers, **{name: date.text(now) for name, date in dates.items()}})

    @property
    def lasting(self) -> bool:
        """Whether an equal request always gets this answer, so that caches may keep it, and so can the server's own."""
        kept = self.headers.get("Cache-Control", UNCACHEABLE) != UNCACHEABLE
        return kept and not self.delay and (self.body is None or self.body.plain)

    @cached_property
    def status_text(self) -> bytes:
        """The status and its reason phrase, as in a status line, like b"200 OK"."""
        return f"{self.status} {REASONS.get(self.status, 'Unknown')}".encode("ascii")

    @cached_property
    def fields(self) -> bytes:
        """The header lines of the answer itself, each with its CRLF; a Location may have any bytes, as latin-1."""
        lines: Iterable[tuple[str, str]] = self.headers.items()
        if not (self.overriding or self.more):
            return _lines(lines)
        overridden = {field.name.decode("ascii").lower() for field in self.overriding}
        kept = [(name, value) for name, value in [*lines, *self.more] if name.lower() not in overridden]
        return b"".join([_lines(kept), *(field.line for field in self.overriding)])

    @cached_property
    def small_body(self) -> bytes | None:
        """The whole body on the wire, if it is small and has no events; b"" without a body; None for any other body.

        Raises whatever the content raises.
        """
        body = self.body
        if body is None:
            return b""
        if not (body.plain and body.exact) or body.length > min(_AT_ONCE, body.piece_size):
            return None
        return b"".join(piece for piece in self.pieces(_unheeded) if isinstance(piece, bytes))

    def pieces(self, progress: Progress, most: int = MAX_PIECE) -> Iterator[Piece]:
        """Yield the pieces of the body with their framing, as they go to the wire. None without a body.

        A piece has at most `most` bytes of the body.
        """
        body = self.body
        if body is None:
            return iter(())
        pieces = body.pieces(progress, most)
        if self.framing is not Framing.CHUNKED:
            return pieces
        return chunked(pieces, body.length if body.exact else None, body.piece_size, self.chunks)

    @property
    def span(self) -> Span | None:
        """The span of the file, if the body on the wire is exactly the bytes of one span; else None."""
        return None if self.body is None or self.framing is Framing.CHUNKED else self.body.span


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")


def _unheeded(amount: int, span: Span | None) -> None:
    """Ignore progress."""


def line_of_text(status: int, text: str, headers: Mapping[str, str], faults: Sequence[str] = ()) -> Answer:
    """Return an answer with one line of text as its body, without a body where the status allows none."""
    if status in _WITHOUT_BODY:
        return Answer(status, dict(headers), faults=faults)
    if status == _RESET_CONTENT:  # its body must be empty, and needs Content-Length: 0 (RFC 9110, 15.3.6)
        return Answer(status, dict(headers), Body.literal(b""), faults=faults)
    fields = {"Content-Type": _TEXT, **NOSNIFF, **headers}
    return Answer(status, fields, Body.literal(f"{text}\n".encode()), faults=faults)


def page_of_html(status: int, text: str, headers: Mapping[str, str], faults: Sequence[str] = ()) -> Answer:
    """Return an answer with a small page for people, such as servers send to programs, too."""
    page = f"<!DOCTYPE html>\n<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n"
    fields = {"Content-Type": "text/html; charset=utf-8", **NOSNIFF, **headers}
    return Answer(status, fields, Body.literal(page.encode()), faults=faults)


def refused(error: RequestError) -> Answer:
    """Return the answer to a request that cannot be served: the status, the headers and the text of the error."""
    return line_of_text(error.status, str(error), error.headers)


def finished(reply: Answer, ask: Ask) -> Answer:
    """Return the answer with the headers that frame its body; for HEAD, then without the body (RFC 9110, 9.3.2)."""
    framed = _framed(reply, reply.version or ask.version)
    return replace(framed, body=None) if ask.method == "HEAD" else framed


def _framed(reply: Answer, version: str) -> Answer:
    """Add the headers that say where the body ends (RFC 9112, 6). A Content-Length that is there, a lie, stays."""
    headers, framing, close = dict(reply.headers), reply.framing, reply.close
    if reply.body is not None:
        if framing is Framing.LENGTH:
            headers.setdefault("Content-Length", str(reply.body.length))
        elif framing is Framing.CHUNKED and version == "HTTP/1.1":
            headers["Transfer-Encoding"] = "chunked"
        else:
            # HTTP/1.0 has no chunks (RFC 9112, 6.1): such a body ends with the connection.
            framing, close = Framing.CLOSE, True
    # HTTP/2 frames bodies itself (RFC 9113, 8.1), and forbids Connection (8.2.2).
    if reply.version:
        close = True  # by its version alone: without "keep-alive", an answer of HTTP/1.0 is the last (RFC 9112, 9.3)
    elif close := close and version != "HTTP/2":
        headers["Connection"] = "close"
    return replace(reply, headers=headers, framing=framing, close=close)
