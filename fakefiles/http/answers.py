"""A request and its answer, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus

from fakefiles.behaviour.faults import Refusal
from fakefiles.files.digests import Algorithm
from fakefiles.files.errors import RequestError
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.conditions import Header
from fakefiles.transfer.body import Body, Framing
from fakefiles.transfer.span import Span

#: The Cache-Control of an answer that may be another the next time.
UNCACHEABLE = "no-store"

#: What stands behind a status, in words (RFC 9110, 15).
REASONS = {status.value: status.phrase for status in HTTPStatus}

_TEXT = "text/plain; charset=utf-8"
# No Content, and Not Modified (RFC 9110, 6.4.1).
_WITHOUT_BODY = (204, 304)
_RESET_CONTENT = 205


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, as far as the answer depends on it.

    `version` is like "HTTP/1.1"; `path` the unquoted segments below the place of the files; `query` is still encoded;
    `mount` leads to the root of the files as a relative URL; `url_path` is the whole path, still encoded.
    """

    method: str
    version: str
    path: Sequence[str]
    query: str
    header: Header
    mount: str = ""
    url_path: str = "/"


# A body up to this many bytes goes out in the turn that asked for it, without a producer.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Answer:
    """A response: without a body nothing follows the headers; with `close` the connection ends after it.

    `given` are the spans of the file, of `size` bytes, that it promises. It begins after `delay` seconds, or with
    `refusal` never does. `faults` are those that are in it already.
    """

    status: int
    headers: dict[str, str]
    body: Body | None = None
    close: bool = False
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
        if not body.plain or body.length > min(_AT_ONCE, body.chunk_size):
            return None
        return b"".join(piece for piece in body.pieces(_unheeded) if isinstance(piece, bytes))


def _unheeded(amount: int, span: Span | None) -> None:
    """Take no note of progress."""


@dataclass(frozen=True, slots=True)
class Wait:
    """There is an answer when this digest is known: then ask again."""

    file: VirtualFile
    algorithm: Algorithm


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
    headers, body, close = dict(reply.headers), reply.body, reply.close
    if body is not None:
        if body.framing is Framing.LENGTH:
            headers.setdefault("Content-Length", str(body.length))
        elif body.framing is Framing.CHUNKED and version == "HTTP/1.1":
            headers["Transfer-Encoding"] = "chunked"
        else:
            # HTTP/1.0 knows no chunks: its bodies of untold length end with the connection.
            body, close = replace(body, framing=Framing.CLOSE), True
    # HTTP/2 frames its bodies itself (RFC 9113, 8.1), in somebody else's Site, and has no such header (8.2.2).
    if close := close and version != "HTTP/2":
        headers["Connection"] = "close"
    return replace(reply, headers=headers, body=body, close=close)
