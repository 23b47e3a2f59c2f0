"""A request, as far as an answer may depend on it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

#: The fields of a request that answers may depend on, as Twisted spells them. There are no others: see Ask.header.
FIELDS = frozenset(
    {
        b"Authorization",
        b"Host",
        b"If-Match",
        b"If-Modified-Since",
        b"If-None-Match",
        b"If-Range",
        b"If-Unmodified-Since",
        b"Range",
        b"Want-Digest",
        b"Want-Repr-Digest",
    }
)
_SPELLED = {field.decode("ascii"): field for field in FIELDS}


class Ask(NamedTuple):
    """All of a request that an answer may depend on; the answer cache keys on this very value.

    Nothing else of a request reaches the plan. So an answer that is kept is right for every request that is equal to
    the one it was made for, by construction: whoever needs something more for an answer adds it here, and has it in the
    key. All is bytes, as it came: what is recalled is never decoded.

    `target` is what the request line has, `version` is like b"HTTP/1.1". `secure` is whether the client came by TLS.
    `url_path` is the whole path in origin form, still encoded; `root` are the segments that lead to the place of the
    files in a resource tree, `segments` those below it, unquoted. `fields` are those of FIELDS that were sent, in their
    order; of a repeated one the values are joined (RFC 9110, 5.3).
    """

    raw_method: bytes
    target: bytes
    raw_version: bytes = b"HTTP/1.1"
    secure: bool = False
    raw_path: bytes = b"/"
    root: tuple[bytes, ...] = ()
    segments: tuple[bytes, ...] = ()
    fields: tuple[tuple[bytes, bytes], ...] = ()

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
        """The unquoted segments below the place of the files."""
        return [segment.decode("utf-8", "surrogateescape") for segment in self.segments]

    @property
    def mount(self) -> str:
        """The way to the root of the files, as a relative URL: at /files, not /files/, they count from the root."""
        return "" if self.segments else f"./{quote(self.root[-1] if self.root else b'')}/"

    @property
    def query(self) -> str:
        """The query, still percent-encoded; empty if there is none."""
        return self.target.partition(b"?")[2].decode("latin-1")

    @property
    def url_path(self) -> str:
        """The whole path, still percent-encoded."""
        return self.raw_path.decode("latin-1")

    def header(self, name: str) -> str | None:
        """Return the value of a field, or None if it was not sent. Raises KeyError when it is not one of FIELDS."""
        wanted = _SPELLED[name]
        for field, value in self.fields:
            if field == wanted:
                return value.decode("latin-1")
        return None
