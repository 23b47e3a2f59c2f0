"""The answer to a request for a file: whole or in ranges, with the faults, lies and pace of its URL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fakefiles.behaviour.occasions import Occasion, Occasions
from fakefiles.behaviour.partial import NO_PARTIAL
from fakefiles.files.content import Content
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.answers import UNCACHEABLE, Answer, line_of_text
from fakefiles.http.conditions import not_modified, range_applies
from fakefiles.http.false_framing import falsely_framed
from fakefiles.http.head_answers import instead_of_head, with_length
from fakefiles.http.media_types import media_type_of
from fakefiles.http.messages import later
from fakefiles.http.partial_answers import enclosed, picked
from fakefiles.http.ranges import requested_spans
from fakefiles.http.request import Ask
from fakefiles.transfer.body import Body, Shape, Step
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.shaping import gzipped, in_turn, interrupted
from fakefiles.transfer.span import Span
from fakefiles.urls.options import Options

# A file never changes under its URL: caches may keep it, for a year (RFC 9111, 5.2.2.1), without asking (RFC 8246).
# max-age alone lets shared caches keep it, too: "public" would add nothing (5.2.2.9).
_CACHE_CONTROL = "max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Makes the answer to a request for a file, on this occasion. `headers` are additional ones for the answer.

    With `lasting`, an equal request always gets the same answer, so that caches may keep it.
    """

    ask: Ask
    file: VirtualFile
    options: Options
    headers: Mapping[str, str]
    occasion: Occasion
    occasions: Occasions
    lasting: bool

    def make(self) -> Answer:
        """Return the answer, without the headers that frame its body (see answers.finished).

        Raises RequestError if a precondition fails (412), no requested range can be served (416), or the shared bucket
        has another rate (400).
        """
        if reply := self._instead():
            return reply
        headers, last_modified = self._metadata()
        lies, refusal = self.options.lies, self.options.substitute.refuse
        if refusal:
            headers |= {"Content-Type": self._media_type, "Content-Length": str(self.file.size)}
            return Answer(200, headers, close=True, refusal=refusal, faults=[f"refuse={refusal.value}"])
        told = self._lies_in(headers)
        # Nobody has an ETag that rotates, not even when the counts start again: no condition that names one is true.
        etag = headers.get("ETag", "") if lies.has_lasting_etag else ""
        if not_modified(self.ask.header, etag, last_modified):
            return Answer(304, headers, faults=told)
        asked = self._asked_range(etag, last_modified, told)
        if lies.ranges and (asked is not None or lies.ranges.kind in {"off", "hidden"}):
            told.append(f"ranges={lies.ranges}")
        spans = self._spans(asked, told) if asked is not None and lies.serves_ranges else None
        if isinstance(spans, Answer):
            return spans
        reply = self._whole(headers, told) if spans is None else self._partial(spans, headers, told)
        if self._apart:
            reply = with_length(reply, self.options.head, told)
        return falsely_framed(reply, self.options, self.options.message.version_of(self.ask.version), told)

    @property
    def _apart(self) -> bool:
        """Whether the request is a HEAD that gets another answer than GET would."""
        return self.options.head.head is not None and self.ask.method == "HEAD"

    def _instead(self) -> Answer | None:
        """Return what comes instead of the file, if something does."""
        if self.options.substitute.status is not None:
            return self._status(self.options.substitute.status)
        return instead_of_head(self.options.head) if self._apart else None

    def _lies_in(self, headers: dict[str, str]) -> list[str]:
        """Return the lies that are in the headers, for the journal; take out Accept-Ranges, if HEAD has none."""
        told, head, coding = self.options.lies.in_headers(), self.options.head, self.options.codings.coding
        if self._apart and head.hides_ranges and headers.pop("Accept-Ranges", ""):
            told.append(f"head={head.head}")
        if coding:
            told.append(f"coding={coding}")
        return told

    def _status(self, status: int) -> Answer:
        substitute, lies = self.options.substitute, self.options.lies
        headers = {"Cache-Control": UNCACHEABLE}
        if lies.type:
            headers["Content-Type"] = lies.type
        reply = line_of_text(status, f"{status}, as the URL wants it", headers, [f"status={status}"])
        return later(reply, substitute.retry_after)

    @property
    def _media_type(self) -> str:
        return self.options.lies.type or media_type_of(self.file.name)

    def _metadata(self) -> tuple[dict[str, str], int | None]:
        """Return the headers of every answer, and the modification time in seconds since the epoch, None if unknown."""
        lies = self.options.lies
        last_modified, date = lies.last_modified(self.file.modified)
        headers = {
            **self.headers,
            "Accept-Ranges": "bytes" if lies.advertises_ranges else "",
            "ETag": lies.etag_of(self.file.etag, f"{self.ask.method.lower()}{self.occasion.number}"),
            "Last-Modified": date,
            "Cache-Control": _CACHE_CONTROL if self.lasting else UNCACHEABLE,
            "Content-Encoding": "gzip" if lies.encoding else self.headers.get("Content-Encoding", ""),
        }
        return {name: value for name, value in headers.items() if value}, last_modified

    def _asked_range(self, etag: str, last_modified: int | None, told: list[str]) -> str | None:
        """Return the Range field, or None if it does not apply: to methods but GET (RFC 9110, 14.2), or by If-Range.

        What ifrange= changes goes into `told`.
        """
        asked = self.ask.header("Range") if self.ask.method == "GET" else None
        if_range = self.ask.header("If-Range")
        applies = range_applies(if_range, etag, last_modified)
        if asked is not None and if_range is not None:
            honestly, applies = applies, self.options.if_range.applies(applies)
            if applies is not honestly:
                told.append(f"ifrange={self.options.if_range.ifrange}")
        return asked if applies else None

    def _spans(self, asked: str, told: list[str]) -> list[Span] | Answer | None:
        """Return the spans for a Range field; None for the whole file; or what comes instead (see picked)."""
        lies, partial = self.options.lies, self.options.partial
        if lies.ranges is None and partial is NO_PARTIAL:
            return requested_spans(asked, self.file.size)
        return picked(asked, self.file.size, lies, partial, told)

    def _whole(self, headers: dict[str, str], told: list[str]) -> Answer:
        size, spans, partial = self.file.size, [Span(0, self.file.size)], self.options.partial
        headers["Content-Type"] = self._media_type
        if partial is not NO_PARTIAL and (label := partial.label_of_all(size)):
            headers["Content-Range"] = label
            told.append(f"content_range={partial.content_range}")
        return self._with_body(Answer(200, headers, self._body(spans, size, self.file.content)), spans)

    def _partial(self, spans: list[Span], headers: dict[str, str], told: list[str]) -> Answer:
        size = self.file.size
        fields, steps, length = enclosed(spans, size, self._media_type, self.options.partial, told)
        body = self._body(steps, length, self.options.lies.distort(self.file.content, size))
        return self._with_body(Answer(206, {**headers, **fields}, body), spans)

    def _with_body(self, reply: Answer, spans: list[Span]) -> Answer:
        lies = self.options.lies
        framing = lies.framing(self.options.framing)
        return replace(reply, size=self.file.size, given=spans, framing=framing)

    def _body(self, steps: Iterable[Step], length: int, content: Content) -> Body:
        options = self.options
        content = options.breaks.distort(content, self.file.size)
        return Body(
            steps,
            length,
            content,
            options.chunk_size,
            self._shape(length, content),
            exact=options.lies.encoding != "gzip",
        )

    def _shape(self, length: int, content: Content) -> Shape | None:
        """Return the shape of a body of `length` bytes, None if it has none.

        Faults come first: they need spans of the file. Then gzip. The pace comes last: it counts the bytes sent.
        """
        options, size, pace = self.options, self.file.size, self.options.pace
        if options.plain:
            return None
        shapes: list[Shape] = []
        if marks := options.breaks.marks(size):
            shapes.append(partial(interrupted, marks=marks, size=size))
        if options.lies.encoding == "gzip":
            shapes.append(partial(gzipped, content=content))
        shapes += options.breaks.limits()
        rate = pace.rate_of(length)
        bucket = None if rate is None else Bucket(rate)
        if pace.bucket and pace.rate:
            bucket = self.occasions.bucket(options.tag, pace.bucket, pace.rate)
        return in_turn(shapes + pace.shapes(rate, bucket, self.occasion.rng))
