"""The one place where an answer is decided: a request in plain values goes in, status, headers and body come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fakefiles.conditions import Header, not_modified, range_applies
from fakefiles.delivery import Body, Framing, Step
from fakefiles.errors import ALLOWED_METHODS, MethodNotAllowedError, RequestError
from fakefiles.files import LAST_MODIFIED, LAST_MODIFIED_TEXT, FakeFile
from fakefiles.pages import find_page
from fakefiles.ranges import Multipart, Span, requested_spans
from fakefiles.target import Options, Settings, parse_target

# A file never changes under its URL: caches may keep it for a year (RFC 9111, 5.2.2; "immutable": RFC 8246).
_CACHE_CONTROL = "public, max-age=31536000, immutable"
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, as far as the answer depends on it.

    `version` is like "HTTP/1.1"; `path` the unquoted segments below the place of the files; `query` is still encoded;
    `mount` leads to the root of the files as a relative URL.
    """

    method: str
    version: str
    path: Sequence[str]
    query: str
    header: Header
    mount: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: without a body nothing follows the headers; with `close` the connection ends after it."""

    status: int
    headers: dict[str, str]
    body: Body | None = None
    close: bool = False


_OPTIONS = Answer(204, {"Allow": ", ".join(ALLOWED_METHODS)})


def answer(ask: Ask, settings: Settings) -> Answer:
    """Decide the answer to a request. It raises nothing: what is wrong with the request is an answer too."""
    try:
        reply = _decide(ask, settings)
    except RequestError as error:
        headers = {**error.headers, "Content-Type": "text/plain; charset=utf-8"}
        reply = Answer(error.status, headers, Body.literal(f"{error}\n".encode()))
    framed = _frame(reply, ask.version)
    # HEAD is the same answer without its body (RFC 9110, 9.3.2).
    return replace(framed, body=None) if ask.method == "HEAD" else framed


def _decide(ask: Ask, settings: Settings) -> Answer:
    if ask.method not in ALLOWED_METHODS:
        raise MethodNotAllowedError(f"the methods here are {', '.join(ALLOWED_METHODS)}")
    _check_host(ask)
    if page := find_page(ask.path, ask.mount):
        reply = Answer(200, {"Content-Type": page.media_type}, Body.literal(page.text.encode()))
        return reply if ask.method != "OPTIONS" else _OPTIONS
    file, options = parse_target(ask.path, ask.query, settings)
    return _serve(ask, file, options) if ask.method != "OPTIONS" else _OPTIONS


def _check_host(ask: Ask) -> None:
    """Demand exactly one valid Host of an HTTP/1.1 request (RFC 9112, 3.2)."""
    host = ask.header("Host")
    if host is None and ask.version == "HTTP/1.1":
        raise RequestError("an HTTP/1.1 request needs a Host header")
    if host is not None and not _HOST.fullmatch(host):
        raise RequestError("a request needs exactly one Host header, like example.org:8000")


def _serve(ask: Ask, file: FakeFile, options: Options) -> Answer:
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": file.etag,
        "Last-Modified": LAST_MODIFIED_TEXT,
        "Cache-Control": _CACHE_CONTROL,
    }
    if not_modified(ask.header, file.etag, LAST_MODIFIED):
        return Answer(304, headers)
    spans = _spans(ask, file)
    if spans is None:
        headers["Content-Type"] = file.media_type
        return Answer(200, headers, _body([Span(0, file.size)], file.size, options))
    if len(spans) == 1:
        headers["Content-Type"] = file.media_type
        headers["Content-Range"] = spans[0].content_range(file.size)
        return Answer(206, headers, _body(spans, spans[0].stop - spans[0].start, options))
    multipart = Multipart(spans, file.size, file.media_type)
    headers["Content-Type"] = multipart.content_type
    return Answer(206, headers, _body(multipart.parts(), multipart.length, options))


def _spans(ask: Ask, file: FakeFile) -> list[Span] | None:
    """Return the spans to send, or None for the whole file. Range has a meaning for GET only (RFC 9110, 14.2)."""
    asked = ask.header("Range") if ask.method == "GET" else None
    if asked is None or not range_applies(ask.header("If-Range"), file.etag, LAST_MODIFIED):
        return None
    return requested_spans(asked, file.size)


def _body(steps: Iterable[Step], length: int, options: Options) -> Body:
    return Body(steps, length, options.content, options.chunk_size, options.framing)


def _frame(reply: Answer, version: str) -> Answer:
    """Add the headers that say where the body ends (RFC 9112, section 6)."""
    body = reply.body
    if body is None:
        return reply
    if body.framing is Framing.LENGTH:
        return replace(reply, headers={**reply.headers, "Content-Length": str(body.length)})
    if body.framing is Framing.CHUNKED and version == "HTTP/1.1":
        return replace(reply, headers={**reply.headers, "Transfer-Encoding": "chunked"})
    # HTTP/1.0 knows no chunks: its bodies of untold length end with the connection.
    body = replace(body, framing=Framing.CLOSE)
    return replace(reply, headers={**reply.headers, "Connection": "close"}, body=body, close=True)
