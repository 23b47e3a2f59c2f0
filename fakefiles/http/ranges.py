"""Byte ranges: the Range header against a length, and the multipart/byteranges framing (RFC 9110, section 14).

Everything here is linear in the length of the header (sorting apart), whatever the numbers in it: a header of a
thousand overlapping ranges, or a number of ten thousand digits, costs no more than reading it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fakefiles.files.errors import RangeNotSatisfiableError
from fakefiles.transfer.span import Span, merge_overlapping

#: More ranges than this, after overlapping ones are merged, are refused (RFC 9110, 14.2 allows it).
MAX_RANGES = 256

# Of no larger number do the digits matter: every size has at most 19.
_MAX_DIGITS = 20
_SPEC = re.compile(r"([0-9]*)-([0-9]*)", re.ASCII)
_MALFORMED = "not a Range header; write bytes=0-99, bytes=100-, bytes=-100 or bytes=0-0,10-19"


def requested_spans(header: str, size: int) -> list[Span] | None:
    """Return the spans of a file of `size` bytes that a Range header asks for, in its order; overlapping ones merged.

    None stands for the whole file: the unit is not bytes (14.2: must be ignored), or a suffix was asked of an empty
    file, which satisfies it but has no bytes that a Content-Range could name.

    Raises RangeNotSatisfiableError when the header is malformed, when the file has none of its bytes, or when more
    than MAX_RANGES remain.
    """
    asked = range_specs(header)
    if asked is None:
        return None
    if not asked:
        raise RangeNotSatisfiableError(_MALFORMED, size)
    spans = [span for span in (_resolve(spec, size) for spec in asked) if span is not None]
    if not spans:
        raise RangeNotSatisfiableError(f"that range lies outside the file, which has {size} bytes", size)
    if size == 0:
        return None
    merged = merge_overlapping(spans)
    if len(merged) > MAX_RANGES:
        raise RangeNotSatisfiableError(f"too many ranges: at most {MAX_RANGES} that do not overlap are served", size)
    return merged


def range_specs(header: str) -> list[str] | None:
    """Return the ranges in a Range header as they stand there, like "0-99"; None if their unit is not bytes."""
    unit, equals, specs = header.partition("=")
    if equals and unit.strip().lower() != "bytes":
        return None
    # Empty elements of a list are to be ignored (5.6.1.2).
    return [spec for spec in (spec.strip(" \t") for spec in specs.split(",")) if spec]


def is_suffix(spec: str) -> bool:
    """Return whether a range is the last so many bytes, like "-100" (14.1.2)."""
    match = _SPEC.fullmatch(spec)
    return match is not None and not match[1] and bool(match[2])


def begins_at(spec: str, size: int) -> bool:
    """Return whether a valid range begins right after the last one of `size` bytes, as that of a complete download."""
    match = _SPEC.fullmatch(spec)
    if match is None or not match[1] or _number(match[1]) != size:
        return False
    return not match[2] or _number(match[2]) >= size


def is_open(spec: str, size: int) -> bool:
    """Return whether a range goes from one of `size` bytes to the end, whatever that is, like "100-" (14.1.2)."""
    match = _SPEC.fullmatch(spec)
    return match is not None and not match[2] and bool(match[1]) and _number(match[1]) < size


def _resolve(spec: str, size: int) -> Span | None:
    """Return what one range-spec means for `size` bytes, or None if it is unsatisfiable (14.1.2)."""
    match = _SPEC.fullmatch(spec)
    if match is None or spec == "-":
        raise RangeNotSatisfiableError(_MALFORMED, size)
    first, last = match.groups()
    if not first:
        suffix = _number(last)
        return Span(max(0, size - suffix), size) if suffix else None
    start = _number(first)
    stop = _number(last) + 1 if last else max(size, start + 1)
    if stop <= start:
        raise RangeNotSatisfiableError(_MALFORMED, size)
    return Span(start, min(stop, size)) if start < size else None


def _number(digits: str) -> int:
    """Return the number, or one beyond every size: int() refuses thousands of digits (CVE-2020-10735)."""
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) <= _MAX_DIGITS else int("9" * (_MAX_DIGITS + 1))


def content_range(span: Span, size: int) -> str:
    """Return the Content-Range value of a span of a file of `size` bytes (RFC 9110, 14.4)."""
    return f"bytes {span.start}-{span.stop - 1}/{size}"


@dataclass(frozen=True, slots=True)
class Multipart:
    """A multipart/byteranges body: the spans of a file, in order, each under its own headers (RFC 9110, 14.6).

    `label` makes the Content-Range of a span of a file of so many bytes; a part whose label is "" has none.
    """

    spans: list[Span]
    size: int
    media_type: str
    label: Callable[[Span, int], str] = content_range

    # Fixed, so that a response is the same on every replica; unlikely enough to stand in any content.
    BOUNDARY = "fakefiles-7f4d1c9be05a4e6c8b23"

    @property
    def content_type(self) -> str:
        """The Content-Type of the whole response."""
        return f"multipart/byteranges; boundary={self.BOUNDARY}"

    @property
    def length(self) -> int:
        """The exact length of the body, in bytes."""
        return sum(len(part) if isinstance(part, bytes) else part.stop - part.start for part in self.parts())

    def parts(self) -> Iterator[bytes | Span]:
        """Yield the body: literal framing bytes, and the spans between them."""
        delimiter = f"--{self.BOUNDARY}"
        for span in self.spans:
            label = self.label(span, self.size)
            fields = f"Content-Type: {self.media_type}\r\n" + (f"Content-Range: {label}\r\n" if label else "")
            yield f"{delimiter}\r\n{fields}\r\n".encode("ascii")
            yield span
            delimiter = f"\r\n--{self.BOUNDARY}"
        yield f"{delimiter}--\r\n".encode("ascii")
