"""The one place where an answer is decided: a request in plain values goes in, status, headers and body come out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from fakefiles.conditions import Header, not_modified, range_applies
from fakefiles.content import Content
from fakefiles.delivery import Body, Framing, Step
from fakefiles.digest import Algorithm, digest_field, digest_if_small, legacy_field, sidecar, wanted, wanted_legacy
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


class Refusal(str, Enum):
    """How a connection ends before the first byte of a body."""

    CLOSE = "close"  # a FIN, without an answer
    RESET = "reset"  # an RST, without an answer
    HEADERS = "headers"  # a FIN, inside the headers


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Wait:
    """There is an answer when this digest is known: then ask again."""

    file: FakeFile
    algorithm: Algorithm


#: Returns the digest of a file if it can be had at once, or None.
Known = Callable[[FakeFile, Algorithm], "bytes | None"]

_OPTIONS = Answer(204, {"Allow": ", ".join(ALLOWED_METHODS)})


class _DigestNeededError(Exception):
    def __init__(self, file: FakeFile, algorithm: Algorithm) -> None:
        super().__init__(file, algorithm)
        self.wait = Wait(file, algorithm)


def answer(ask: Ask, settings: Settings, known: Known = digest_if_small) -> Answer | Wait:
    """Decide the answer to a request. It raises nothing: what is wrong with the request is an answer too."""
    try:
        reply = _decide(ask, settings, known)
    except _DigestNeededError as needed:
        return needed.wait
    except RequestError as error:
        headers = {**error.headers, "Content-Type": "text/plain; charset=utf-8"}
        reply = Answer(error.status, headers, Body.literal(f"{error}\n".encode()))
    framed = _frame(reply, ask.version)
    # HEAD is the same answer without its body (RFC 9110, 9.3.2).
    return replace(framed, body=None) if ask.method == "HEAD" else framed


def _decide(ask: Ask, settings: Settings, known: Known) -> Answer:
    _check_host(ask)
    if ask.method not in ALLOWED_METHODS:
        raise MethodNotAllowedError(f"the methods here are {', '.join(ALLOWED_METHODS)}")
    if page := find_page(ask.path, ask.mount):
        reply = Answer(200, {"Content-Type": page.media_type}, Body.literal(page.text.encode()))
        return reply if ask.method != "OPTIONS" else _OPTIONS
    target = parse_target(ask.path, ask.query, settings)
    if ask.method == "OPTIONS":
        return _OPTIONS
    if target.checksum:
        return _serve(ask, _checksum_file(ask, target.file, target.checksum, known), target.options, {})
    return _serve(ask, target.file, target.options, _digest_headers(ask, target.file, target.options, known))


def _check_host(ask: Ask) -> None:
    """Demand exactly one valid Host of an HTTP/1.1 request (RFC 9112, 3.2)."""
    host = ask.header("Host")
    if host is None and ask.version == "HTTP/1.1":
        raise RequestError("an HTTP/1.1 request needs a Host header")
    if host is not None and not _HOST.fullmatch(host):
        raise RequestError("a request needs exactly one Host header, like example.org:8000")


def _checksum_file(ask: Ask, file: FakeFile, algorithm: Algorithm, known: Known) -> FakeFile:
    """Return the checksum file of a file; its headers need no digest."""
    digest = known(file, algorithm)
    checksum_file = sidecar(file, algorithm, digest)
    if digest is None and ask.method == "GET" and not not_modified(ask.header, checksum_file.etag, LAST_MODIFIED):
        raise _DigestNeededError(file, algorithm)
    return checksum_file


def _digest_headers(ask: Ask, file: FakeFile, options: Options, known: Known) -> dict[str, str]:
    """Return the digest headers: of what the URL demands, or of what the client would like and can have at once.

    aria2 sends Want-Digest with every request, and must not wait for a hash.
    """
    if options.digest:
        digest = known(file, options.digest)
        if digest is None:
            raise _DigestNeededError(file, options.digest)
        return {
            "Repr-Digest": digest_field(options.digest, digest),
            "Digest": legacy_field(options.digest, digest),
        }
    headers = {}
    for name, choices, field in (
        ("Repr-Digest", wanted(ask.header("Want-Repr-Digest")), digest_field),
        ("Digest", wanted_legacy(ask.header("Want-Digest")), legacy_field),
    ):
        for algorithm in choices:
            if (digest := known(file, algorithm)) is not None:
                headers[name] = field(algorithm, digest)
                break
    return headers


def _serve(ask: Ask, file: FakeFile, options: Options, more_headers: dict[str, str]) -> Answer:
    headers = {
        **more_headers,
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
        whole = [Span(0, file.size)]
        return Answer(200, headers, _body(whole, file.size, file.content, options), size=file.size, given=whole)
    if len(spans) == 1:
        headers["Content-Type"] = file.media_type
        headers["Content-Range"] = spans[0].content_range(file.size)
        body = _body(spans, spans[0].stop - spans[0].start, file.content, options)
        return Answer(206, headers, body, size=file.size, given=spans)
    multipart = Multipart(spans, file.size, file.media_type)
    headers["Content-Type"] = multipart.content_type
    body = _body(multipart.parts(), multipart.length, file.content, options)
    return Answer(206, headers, body, size=file.size, given=spans)


def _spans(ask: Ask, file: FakeFile) -> list[Span] | None:
    """Return the spans to send, or None for the whole file. Range has a meaning for GET only (RFC 9110, 14.2)."""
    asked = ask.header("Range") if ask.method == "GET" else None
    if asked is None or not range_applies(ask.header("If-Range"), file.etag, LAST_MODIFIED):
        return None
    return requested_spans(asked, file.size)


def _body(steps: Iterable[Step], length: int, content: Content, options: Options) -> Body:
    return Body(steps, length, content, options.chunk_size, options.framing)


def _frame(reply: Answer, version: str) -> Answer:
    """Add the headers that say where the body ends (RFC 9112, section 6)."""
    body = reply.body
    if body is None:
        return reply
    if body.framing is Framing.LENGTH:
        return replace(reply, headers={**reply.headers, "Content-Length": str(body.length)})
    if body.framing is Framing.CHUNKED and version == "HTTP/1.1":
        return replace(reply, headers={**reply.headers, "Transfer-Encoding": "chunked"})
    body = replace(body, framing=Framing.CLOSE)
    if version == "HTTP/2":  # frames its bodies itself (RFC 9113, 8.1), in somebody else's Site
        return replace(reply, body=body)
    # HTTP/1.0 knows no chunks: its bodies of untold length end with the connection.
    return replace(reply, headers={**reply.headers, "Connection": "close"}, body=body, close=True)
