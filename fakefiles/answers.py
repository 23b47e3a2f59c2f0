"""A request and its answer, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fakefiles.conditions import Header
from fakefiles.delivery import Body
from fakefiles.digest import Algorithm
from fakefiles.errors import RequestError
from fakefiles.faults import Refusal
from fakefiles.files import FakeFile
from fakefiles.ranges import Span

#: The Cache-Control of an answer that may be another the next time.
UNCACHEABLE = "no-store"

_TEXT = "text/plain; charset=utf-8"
# No Content, and Not Modified (RFC 9110, 6.4.1).
_WITHOUT_BODY = (204, 304)


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


def line_of_text(status: int, text: str, headers: Mapping[str, str], faults: Sequence[str] = ()) -> Answer:
    """Return an answer of one line, which is a text unless the headers say otherwise."""
    if status in _WITHOUT_BODY:
        return Answer(status, dict(headers), faults=faults)
    return Answer(status, {"Content-Type": _TEXT, **headers}, Body.literal(f"{text}\n".encode()), faults=faults)


def refused(error: RequestError) -> Answer:
    """Return the answer to a request that cannot be served."""
    return line_of_text(error.status, str(error), error.headers)
