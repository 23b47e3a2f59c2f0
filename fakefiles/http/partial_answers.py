"""What a Range gets: which bytes, and how a 206 encloses them; with what the lies and the part Partial change there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.partial import NO_PARTIAL, Partial
from fakefiles.files.errors import RangeNotSatisfiableError
from fakefiles.http.answers import UNCACHEABLE, Answer, line_of_text, refused
from fakefiles.http.ranges import (
    Multipart,
    begins_at,
    content_range,
    is_open,
    is_suffix,
    range_specs,
    requested_spans,
)
from fakefiles.transfer.body import Step
from fakefiles.transfer.span import Span

_WHOLE, _PARTIAL_CONTENT = 200, 206


class Enclosed(NamedTuple):
    """The bytes of a 206 on the wire: the fields that describe them, the steps of the body, and its length."""

    fields: dict[str, str]
    steps: Iterable[Step]
    length: int


def picked(asked: str, size: int, lies: Lies, partial: Partial, told: list[str]) -> list[Span] | Answer | None:
    """Return the spans that the answer to a Range field has, of a file of `size` bytes.

    None stands for a 200 with the whole file, no spans for an empty 206. An Answer, an error, stands for itself. Faults
    that happen are added to `told`.
    """
    specs, before = range_specs(asked), len(told)
    if specs is None:
        return None
    several = partial.several if len(specs) > 1 else ""
    if several and several != "merged":
        told.append(f"several={several}")
    specs = specs[:1] if several == "first" else specs
    status = several if several.isdecimal() else _status_for(specs, size, partial, told)
    if status:
        return _answered(int(status), told[before:])
    try:
        spans = requested_spans(f"bytes={','.join(specs)}", size)
    except RangeNotSatisfiableError as error:
        return _unsatisfiable(error, partial, told[before:])
    if spans is None:
        return None
    if several == "merged" and len(spans) > 1:
        told.append("several=merged")
        spans = [Span(min(span.start for span in spans), max(span.stop for span in spans))]
    spans = lies.displaced(spans, size, open_ended=any(is_open(spec, size) for spec in specs))
    given = partial.picked(spans, size)
    if given != spans:
        told.append(f"partial={partial.partial}")
    return given


def _status_for(specs: list[str], size: int, partial: Partial, told: list[str]) -> str:
    """Return the status of an answer without the ranges asked for, because of what kind they are; "" if it has them."""
    if partial.suffix and any(is_suffix(spec) for spec in specs):
        told.append(f"suffix={partial.suffix}")
        return partial.suffix
    if partial.at_end and len(specs) == 1 and begins_at(specs[0], size):
        told.append(f"at_end={partial.at_end}")
        return partial.at_end.partition("-")[0]
    return ""


def _answered(status: int, faults: list[str]) -> list[Span] | Answer | None:
    """Return what picked() returns for a status."""
    if status == _PARTIAL_CONTENT:
        return []
    if status == _WHOLE:
        return None
    return line_of_text(status, f"{status}, as the URL wants it", {"Cache-Control": UNCACHEABLE}, faults)


def _unsatisfiable(error: RangeNotSatisfiableError, partial: Partial, faults: list[str]) -> Answer:
    """Return the 416, without its Content-Range for content_range=none."""
    reply = refused(error)
    if partial.content_range is None or partial.content_range.kind != "none":
        return replace(reply, faults=faults)
    headers = {name: value for name, value in reply.headers.items() if name != "Content-Range"}
    return replace(reply, headers=headers, faults=[*faults, "content_range=none"])


def enclosed(spans: list[Span], size: int, media_type: str, partial: Partial, told: list[str]) -> Enclosed:
    """Return how spans of a file of `size` bytes go out as a 206: one as it is, several in parts (RFC 9110, 15.3.7).

    Faults that happen are added to `told`.
    """
    if partial is NO_PARTIAL:
        return _enclosed(spans, size, media_type, content_range, in_parts=len(spans) > 1)
    if not spans:
        return Enclosed(_fields(media_type, partial.label_at_end(size)), [b""], 0)
    if partial.labels:
        told.append(f"content_range={partial.content_range}")
    if partial.overrun or (partial.in_parts and len(spans) == 1):
        told.append(f"partial={partial.partial}")
    whole = _enclosed(spans, size, media_type, partial.label, in_parts=len(spans) > 1 or partial.in_parts)
    if not partial.overrun:
        return whole
    return Enclosed(whole.fields, partial.overrunning(whole.steps), whole.length + partial.overrun * len(spans))


def _enclosed(
    spans: list[Span], size: int, media_type: str, label: Callable[[Span, int], str], *, in_parts: bool
) -> Enclosed:
    if in_parts:
        multipart = Multipart(spans, size, media_type, label)
        return Enclosed({"Content-Type": multipart.content_type}, multipart.parts(), multipart.length)
    return Enclosed(_fields(media_type, label(spans[0], size)), spans, spans[0].stop - spans[0].start)


def _fields(media_type: str, label: str) -> dict[str, str]:
    return {"Content-Type": media_type, "Content-Range": label} if label else {"Content-Type": media_type}
