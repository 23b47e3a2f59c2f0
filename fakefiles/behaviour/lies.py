"""Where an answer lies about its file: what a URL may want, and what the answer says then."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from typing import NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.virtual_file import LAST_MODIFIED, LAST_MODIFIED_TEXT
from fakefiles.transfer.body import Framing
from fakefiles.transfer.span import Span


class Lie(NamedTuple):
    """One of several lies, some of which are by so many bytes."""

    kind: str
    amount: int = 0

    def __str__(self) -> str:
        """Return what the URL says."""
        return f"{self.kind}:{self.amount}" if self.amount else self.kind

    def of_length(self, length: int) -> str:
        """Return the Content-Length that it tells of a body of `length` bytes."""
        wrong = {"short": max(0, length - self.amount), "long": length + self.amount}
        return str(wrong.get(self.kind, "many"))


@dataclass(frozen=True, slots=True)
class Lies:
    """What a URL wants to be untrue; the fields are its parameters, and empty when all is true.

    `modified` is "none", "garbage" or seconds since the epoch. Raises RequestError when it makes no sense.
    """

    ranges: Lie | None = None
    length: Lie | None = None
    etag: str = ""
    modified: str | int = ""
    type: str = ""
    encoding: str = ""
    lastchunk: str = ""

    def __post_init__(self) -> None:
        if self.encoding == "gzip" and self.ranges:
            raise RequestError("encoding=gzip is sent without ranges: leave out ranges=")
        if self.encoding == "gzip" and self.length:
            raise RequestError("the length of encoding=gzip is not known, so that none can be wrong: leave out length=")
        if self.lastchunk and self.length:
            raise RequestError("lastchunk= goes with chunks, which have no length=; leave out one of them")

    @property
    def advertises_ranges(self) -> bool:
        """Whether the answer says that there are ranges."""
        return self.encoding != "gzip" and (self.ranges is None or self.ranges.kind != "off")

    @property
    def serves_ranges(self) -> bool:
        """Whether there are."""
        return self.advertises_ranges and (self.ranges is None or self.ranges.kind != "lie")

    def displaced(self, spans: list[Span], size: int) -> list[Span]:
        """Return the spans to give for those that were asked for, of a file of `size` bytes."""
        if self.ranges is None or self.ranges.kind != "shift":
            return spans
        moved = []
        for span in spans:
            length = span.stop - span.start
            start = min(max(0, span.start + self.ranges.amount), size - length)
            moved.append(Span(start, start + length))
        return moved

    def distort(self, content: Content, size: int) -> Content:
        """Return the content of ranges, which may be that of other ranges."""
        if self.ranges is None or self.ranges.kind != "mislabel":
            return content
        return Displaced(content, self.ranges.amount, size)

    def etag_of(self, etag: str, visit: str) -> str:
        """Return the entity tag to send instead of a strong one, or nothing; `visit` is different at each request.

        What gzip makes of a file may differ from machine to machine: its tag is weak.
        """
        if self.etag == "none":
            return ""
        suffix = ("-gzip" if self.encoding == "gzip" else "") + (f"-{visit}" if self.etag == "rotate" else "")
        weak = "W/" if self.etag == "weak" or self.encoding == "gzip" else ""
        return f'{weak}{etag[:-1]}{suffix}"'

    @property
    def last_modified(self) -> tuple[int | None, str]:
        """When the file was last modified, in seconds since the epoch, and what the answer says of it, if anything."""
        if isinstance(self.modified, int):
            return self.modified, formatdate(self.modified, usegmt=True)
        told = {"": (LAST_MODIFIED, LAST_MODIFIED_TEXT), "none": (None, ""), "garbage": (None, "long ago")}
        return told[self.modified]

    def framing(self, framing: Framing) -> Framing:
        """Return how the body is framed, instead of as the URL says."""
        if self.length and self.length.kind == "none":
            return Framing.CLOSE
        return Framing.CHUNKED if self.encoding == "gzip" and framing is Framing.LENGTH else framing

    def in_headers(self) -> list[str]:
        """Return the lies that every answer tells."""
        names = ("etag", "modified", "type", "encoding")
        return [f"{name}={getattr(self, name)}" for name in names if getattr(self, name) != ""]


@dataclass(frozen=True, slots=True)
class Displaced:
    """Another content, of a file of `size` bytes, as if it began `amount` bytes later; at its end it begins again."""

    content: Content
    amount: int
    size: int

    @property
    def identity(self) -> str:
        """Return a name of its own."""
        return f"{self.content.identity}-displaced"

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the content from elsewhere."""
        start = (offset + self.amount) % self.size
        until_end = min(length, self.size - start)
        return self.content.read(start, until_end) + self.content.read(0, length - until_end)
