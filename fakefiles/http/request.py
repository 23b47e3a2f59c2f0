"""The part of a request that its answer may depend on."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from fakefiles.urls import mirrors

#: All request fields that an answer may depend on, as Twisted spells them. Ask.header() knows no others.
FIELDS = frozenset(
    {
        b"Access-Control-Request-Method",
        b"Access-Control-Request-Private-Network",
        b"Authorization",
        b"Host",
        b"If-Match",
        b"If-Modified-Since",
        b"If-None-Match",
        b"If-Range",
        b"If-Unmodified-Since",
        b"Origin",
        b"Range",
        b"Sec-Fetch-Site",
        b"Want-Digest",
        b"Want-Repr-Digest",
    }
)
#: Those, and one more for URLs with negotiate=: most clients send it, and no other answer depends on it. So it must not
#: be in the keys of the answer cache for nothing.
NEGOTIATED_FIELDS = FIELDS | {b"Accept-Encoding"}
_SPELLED = {field.decode("ascii"): field for field in NEGOTIATED_FIELDS}


_WITH = mirrors.WITH.encode("ascii")


class Ask(NamedTuple):
    """All of a request that an answer may depend on. It is the key of the answer cache.

    Nothing else of a request reaches the plan. So a cached answer is right for every equal request, by construction: if
    an answer needs more of the request, add it here, and it is in the key as well. All is bytes, as received: nothing
    is decoded for a request that the cache answers.

    - `target`: as in the request line. `raw_version`: like b"HTTP/1.1". `secure`: whether the client uses TLS.
      `local`: whether it is on this machine.
    - `raw_path`: the whole path, still percent-encoded.
    - `root`: the segments that lead to the files in a resource tree. `segments`: those below it. Both are unquoted.
    - `fields`: those of FIELDS, or of NEGOTIATED_FIELDS, that the client sent, in the order of arrival; values of a
      repeated one are joined (RFC 9110, 5.3).
    - `reused`: whether its connection has had another request before.
    - `addresses`: the IP addresses of the client and of this server, for pages only: no file depends on them.
    """

    raw_method: bytes
    target: bytes
    raw_version: bytes = b"HTTP/1.1"
    secure: bool = False
    local: bool = False
    raw_path: bytes = b"/"
    root: tuple[bytes, ...] = ()
    segments: tuple[bytes, ...] = ()
    fields: tuple[tuple[bytes, bytes], ...] = ()
    reused: bool = False
    addresses: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        """The method, like "GET"."""
        return self.raw_method.decode("ascii")

    @property
    def version(self) -> str:
        """The version of the protocol, like "HTTP/1.1"."""
        return self.raw_version.decode("ascii")

    @property
    def path(self) -> list[str]:
        """The unquoted segments below the root of the files."""
        return [segment.decode("utf-8", "surrogateescape") for segment in self.segments]

    @property
    def mount(self) -> str:
        """The relative URL from this page to the root of the files.

        At /files, without a slash at the end, clients resolve links against / (RFC 3986, 5.2.3): so "files" is added.
        """
        return "" if self.segments else f"./{quote(self.root[-1] if self.root else b'')}/"

    @property
    def query(self) -> str:
        """The query, still percent-encoded; "" if there is none."""
        return self.target.partition(b"?")[2].decode("latin-1")

    @property
    def url_path(self) -> str:
        """The whole path, still percent-encoded."""
        return self.raw_path.decode("latin-1")

    def header(self, name: str) -> str | None:
        """Return the value of a field, or None if it was not sent. Raises KeyError for a name of no use."""
        wanted = _SPELLED[name]
        for field, value in self.fields:
            if field == wanted:
                return value.decode("latin-1")
        return None

    @property
    def origin(self) -> str:
        """The scheme and the host of the request, like "http://localhost:8000"; "" if it does not name its host."""
        host = self.header("Host")
        return f"{self.scheme}://{host}" if host else ""

    @property
    def scheme(self) -> str:
        """The scheme of the request's URL."""
        return "https" if self.secure else "http"


def unfolded(ask: Ask) -> Ask:
    """Return a request for /with/{query}/... as the one for /...?{query} that it stands for; any other as it is."""
    if ask.segments[:1] != (_WITH,):
        return ask
    segments, query = mirrors.unfolded([segment.decode("latin-1") for segment in ask.segments], ask.query)
    if len(segments) == len(ask.segments):
        return ask
    before, mark, after = ask.raw_path.partition(b"/" + _WITH + b"/")
    raw_path = before + b"/" + after.partition(b"/")[2] if mark else ask.raw_path
    target = raw_path + b"?" + query.encode("latin-1") if query else raw_path
    return ask._replace(target=target, raw_path=raw_path, segments=ask.segments[2:])
