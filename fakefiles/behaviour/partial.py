"""What is unusual or wrong about answers to a Range: which bytes a 206 has, its labels, which ranges are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fakefiles.behaviour.lies import Lie, kind_of_lie
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import one_of
from fakefiles.transfer.body import Step
from fakefiles.transfer.span import Span

# Bytes that no range has: of another value than any byte of our own kinds of content that repeat, and printable.
_FILLER = b"!" * (1 << 14)

_PARTIAL = kind_of_lie("whole", "multipart", by_bytes=("cap", "overrun"))
_LABELS = ("none", "star", "open", "inverted", "equals", "nounit", "capital", "garbage", "in-200")
_CONTENT_RANGE = kind_of_lie(*_LABELS, by_bytes=("short", "long"))
_AT_END = ("206", "206-open", "206-inverted", "206-star", "200")


@dataclass(frozen=True, slots=True)
class Partial:
    """How answers to a Range differ from what is usual. The fields are the parameters of the URL.

    `partial`: what a 206 has in it. `content_range`: how it is labelled. `several`, `suffix` and `at_end`: what comes
    instead, for these kinds of ranges; "" for the usual answer. Most is against RFC 9110, 14.4 and 15.3.7.
    """

    partial: Lie | None = parameter(_PARTIAL, "Send a 206 that has more or less than asked, or in parts.")
    content_range: Lie | None = parameter(_CONTENT_RANGE, "Send another Content-Range, or none.")
    several: str = parameter(
        one_of("501", "200", "first", "merged", keyword="int | str"),
        "Serve no several ranges, or only one of them.",
        default="",
    )
    suffix: str = parameter(
        one_of("501", "500", "404", "400", "200", keyword="int | str"),
        "Answer so to a range of the last N bytes.",
        default="",
    )
    at_end: str = parameter(
        one_of(*_AT_END, keyword="int | str"), "Answer so, not with 416, to a range that begins at the end.", default=""
    )

    @property
    def needs_ranges(self) -> bool:
        """Whether a parameter is given that changes nothing where ranges are not served."""
        labels = self.content_range is not None and self.content_range.kind != "in-200"
        return labels or bool(self.partial or self.several or self.suffix or self.at_end)

    def picked(self, spans: list[Span], size: int) -> list[Span]:
        """Return what a 206 has of the file of `size` bytes, for the `spans` that it should have."""
        if self.partial is None or self.partial.kind not in {"whole", "cap"}:
            return spans
        return [Span(0, size)] if self.partial.kind == "whole" else list(_capped(spans, self.partial.amount))

    @property
    def in_parts(self) -> bool:
        """Whether even a single range comes as multipart/byteranges, which 15.3.7.2 forbids."""
        return self.partial is not None and self.partial.kind == "multipart"

    @property
    def overrun(self) -> int:
        """How many bytes follow after each range that do not belong to it."""
        return self.partial.amount if self.partial is not None and self.partial.kind == "overrun" else 0

    def overrunning(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Yield the steps of a body, and after each span the bytes that do not belong to it."""
        for step in steps:
            yield step
            if isinstance(step, Span):
                for start in range(0, self.overrun, len(_FILLER)):
                    yield _FILLER[: self.overrun - start]

    @property
    def labels(self) -> bool:
        """Whether the Content-Range of a 206 is another one, or missing."""
        return self.content_range is not None and self.content_range.kind != "in-200"

    def label(self, span: Span, size: int) -> str:
        """Return the Content-Range of a span of a file of `size` bytes, "" for none (RFC 9110, 14.4)."""
        first, last = span.start, span.stop - 1
        lie = self.content_range or Lie("in-200")
        values = {
            "none": "",
            "star": f"bytes {first}-{last}/*",
            "open": f"bytes {first}-/{size}",
            "inverted": f"bytes {first}-{first - 1}/{size}",
            "equals": f"bytes={first}-{last}/{size}",
            "nounit": f"{first}-{last}/{size}",
            "capital": f"Bytes {first}-{last}/{size}",
            "garbage": "bytes some/many",
            "in-200": f"bytes {first}-{last}/{size}",
        }
        return values[lie.kind] if lie.kind in values else f"bytes {first}-{last}/{lie.of_length(size)}"

    def label_of_all(self, size: int) -> str:
        """Return the Content-Range of a 200 with all `size` bytes, "" for none; there it means nothing (14.4)."""
        if self.content_range is None or self.content_range.kind != "in-200":
            return ""
        return f"bytes 0-{size - 1}/{size}" if size else "bytes */0"

    def label_at_end(self, size: int) -> str:
        """Return the Content-Range of an empty 206 at the end of `size` bytes, "" for none."""
        values = {
            "206-open": f"bytes {size}-/{size}",
            "206-inverted": f"bytes {size}-{size - 1}/{size}",
            "206-star": f"bytes */{size}",
        }
        return values.get(self.at_end, "")


def _capped(spans: list[Span], most: int) -> Iterator[Span]:
    """Yield the spans, until they have `most` bytes together."""
    for span in spans:
        if not most:
            return
        yield Span(span.start, min(span.stop, span.start + most))
        most = max(0, most - (span.stop - span.start))


#: The usual answers. A URL without these parameters has this very object.
NO_PARTIAL = Partial()
