"""Lies of an answer about its file: which ones a URL can ask for, and what the answer then says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from typing import NamedTuple

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import OFF, Kind, one_of, parse_bytes
from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.virtual_file import LAST_MODIFIED, LAST_MODIFIED_TEXT
from fakefiles.transfer.framing import Framing
from fakefiles.transfer.span import Span

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}(?:; ?charset=[\w-]{1,40})?", re.ASCII)
_DATE = re.compile(r"([1-9]\d{3}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)Z)?", re.ASCII)


class Lie(NamedTuple):
    """One lie of a parameter, like "short:10": its kind, and for some kinds by how many bytes it is off."""

    kind: str
    amount: int = 0

    def __str__(self) -> str:
        """Return the lie as the URL has it."""
        return f"{self.kind}:{self.amount}" if self.amount else self.kind

    def of_length(self, length: int) -> str:
        """Return the false Content-Length for a body of `length` bytes; for the kind "both", the true one.

        For the kind "twice" it is the second one, which differs from the true one.
        """
        if self.kind in {"garbage", "negative"}:
            return "many" if self.kind == "garbage" else "-1"
        return str(length + self.amount if self.kind in {"long", "both"} else max(0, length - self.amount))


def kind_of_lie(*plain: str, by_bytes: Sequence[str], backwards: bool = False, keyword: str = "str") -> Kind:
    """Return the Kind of a parameter that takes one of several lies.

    Those of `plain` are a word alone. Those in `by_bytes` have an amount in bytes, like "short:10"; with `backwards` it
    may be negative, too.
    """
    shapes = ", ".join([*plain, *(f"{kind}:BYTES" for kind in by_bytes)])

    def parse(value: str) -> Lie:
        kind, colon, amount = value.partition(":")
        if not colon and kind in plain:
            return Lie(kind)
        if not colon or kind not in by_bytes:
            raise RequestError(f"one of {shapes}")
        if backwards and amount.startswith("-"):
            return Lie(kind, -parse_bytes(amount[1:]))
        return Lie(kind, parse_bytes(amount))

    return Kind("|".join([*plain, *(f"{kind}:SIZE" for kind in by_bytes)]), parse, keyword)


def _modified(value: str) -> str | int:
    if value in {"none", "garbage"}:
        return value
    match = _DATE.fullmatch(value)
    try:
        # Without a match, "" is parsed, which raises the same ValueError as a date like 2030-02-31.
        moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}+00:00" if match else "")
    except ValueError:
        raise RequestError("none, garbage, or a date like 2030-01-31 or 2030-01-31T12:00:00Z") from None
    return int(moment.timestamp())


def _media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise RequestError("a media type, like text/html or text/html;charset=utf-8")
    return value


_RANGES = kind_of_lie("off", "lie", "hidden", by_bytes=("shift", "mislabel"), backwards=True)
_LENGTH = kind_of_lie("none", "garbage", "negative", "both", by_bytes=("short", "long", "spill", "twice"))


@dataclass(frozen=True, slots=True)
class Lies:
    """The lies that a URL asks for. The fields are the parameters of the URL; an empty one means the truth.

    `modified` is "none", "garbage" or seconds since the epoch. Raises RequestError if the lies contradict each other.
    """

    ranges: Lie | None = parameter(_RANGES, "Offer no ranges, ignore them, hide them, or serve wrong ones.")
    length: Lie | None = parameter(_LENGTH, "Send a wrong Content-Length, or none.")
    etag: str = parameter(one_of("none", "weak", "rotate"), "No ETag, a weak one, or a new one each time.", default="")
    modified: str | int = parameter(Kind("none|garbage|DATE", _modified), "Send this Last-Modified.", default="")
    type: str = parameter(Kind("MEDIA-TYPE", _media_type), "Send this Content-Type.", default="")
    encoding: str = parameter(one_of("gzip", "lie"), "Compress the body, or only say so.", default="")
    lastchunk: str = parameter(OFF, "Leave out the last chunk, which ends a chunked body.", default="")

    def __post_init__(self) -> None:
        if self.encoding == "gzip" and self.ranges:
            raise RequestError("encoding=gzip is sent without ranges: leave out ranges=")
        if self.encoding == "gzip" and self.length:
            raise RequestError("the length of encoding=gzip is not known, so that none can be wrong: leave out length=")
        if self.lastchunk and self.length:
            raise RequestError("lastchunk= goes with chunks, which have no length=; leave out one of them")

    @property
    def advertises_ranges(self) -> bool:
        """Whether the answer has Accept-Ranges: bytes (RFC 9110, 14.3)."""
        return self.encoding != "gzip" and (self.ranges is None or self.ranges.kind not in {"off", "hidden"})

    @property
    def serves_ranges(self) -> bool:
        """Whether a Range field is honoured."""
        return self.encoding != "gzip" and (self.ranges is None or self.ranges.kind not in {"off", "lie"})

    def displaced(self, spans: list[Span], size: int, *, open_ended: bool = False) -> list[Span]:
        """Return the spans to send for the requested ones, of a file of `size` bytes: others for ranges=shift.

        Content-Range tells the truth about them. A shifted span has the same length and stays inside the file. Only the
        last bytes of a span that was asked for as "from here to the end" stay where they are: with `open_ended`, such a
        one is the span that ends with the file. Shifted, it is shorter or longer, and never empty.
        """
        if self.ranges is None or self.ranges.kind != "shift":
            return spans
        moved = []
        for span in spans:
            if open_ended and span.stop == size:
                moved.append(Span(min(max(0, span.start + self.ranges.amount), size - 1), size))
                continue
            length = span.stop - span.start
            start = min(max(0, span.start + self.ranges.amount), size - length)
            moved.append(Span(start, start + length))
        return moved

    def distort(self, content: Content, size: int) -> Content:
        """Return the content that ranges are read from: for ranges=mislabel, not what Content-Range says."""
        if self.ranges is None or self.ranges.kind != "mislabel":
            return content
        return Displaced(content, self.ranges.amount, size)

    def etag_of(self, etag: str, visit: str) -> str:
        """Return the entity tag to send in place of the strong `etag`; "" for none (RFC 9110, 8.8.3).

        `visit` must differ for each request. With gzip the tag is weak: different versions of zlib may compress the
        same file to different bytes, and a strong tag promises the same bytes.
        """
        if self.etag == "none":
            return ""
        suffix = ("-gzip" if self.encoding == "gzip" else "") + (f"-{visit}" if self.etag == "rotate" else "")
        weak = "W/" if self.etag == "weak" or self.encoding == "gzip" else ""
        return f'{weak}{etag[:-1]}{suffix}"'

    def last_modified(self, truth: int) -> tuple[int | None, str]:
        """Return the modification time to tell, or None; and the Last-Modified field, "" for none.

        Times are in seconds since the epoch. `truth` is the real one.
        """
        if self.modified in {"none", "garbage"}:
            return None, "" if self.modified == "none" else "long ago"
        moment = self.modified if isinstance(self.modified, int) else truth
        # Of almost every file it is the same.
        return moment, LAST_MODIFIED_TEXT if moment == LAST_MODIFIED else formatdate(moment, usegmt=True)

    @property
    def has_lasting_etag(self) -> bool:
        """Whether a client can name the ETag of an earlier answer; a rotating one is of that answer alone."""
        return self.etag != "rotate"

    def framing(self, framing: Framing) -> Framing:
        """Return the framing to use where the URL asks for `framing`; some lies need another one."""
        if self.length and self.length.kind in {"none", "both"}:
            return Framing.CLOSE if self.length.kind == "none" else Framing.CHUNKED
        return Framing.CHUNKED if self.encoding == "gzip" and framing is Framing.LENGTH else framing

    def in_headers(self) -> list[str]:
        """Return the lies that are in every answer, like "etag=weak", for the journal."""
        names = ("etag", "modified", "type", "encoding")
        return [f"{name}={getattr(self, name)}" for name in names if getattr(self, name) != ""]


@dataclass(frozen=True, slots=True)
class Displaced:
    """Wraps the content of a file of `size` bytes: reads `amount` bytes further on, and at the end wraps around."""

    content: Content
    amount: int
    size: int

    @property
    def identity(self) -> str:
        """A name that differs from that of the wrapped content."""
        return f"{self.content.identity}-displaced"

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes of the content, from `offset` + `amount` on."""
        start = (offset + self.amount) % self.size
        until_end = min(length, self.size - start)
        return self.content.read(start, until_end) + self.content.read(0, length - until_end)
