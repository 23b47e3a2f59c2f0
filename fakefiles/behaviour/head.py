"""What HEAD says otherwise than GET: another status, other fields, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

from fakefiles.behaviour.lies import Lie, kind_of_lie
from fakefiles.behaviour.parameter import parameter

_STATUSES = ("403", "404", "405", "501")
_HEAD = kind_of_lie(*_STATUSES, "hang", "zero", "nolength", "noranges", by_bytes=("long", "short"), keyword="int | str")


@dataclass(frozen=True, slots=True)
class Head:
    """How HEAD differs from GET (it should not: RFC 9110, 9.3.2). Its field is the parameter of the URL."""

    head: Lie | None = parameter(_HEAD, "Answer HEAD with this error or these other fields, and GET as usual.")

    @property
    def status(self) -> int | None:
        """The status of HEAD alone, None if it is that of GET."""
        return int(self.head.kind) if self.head and self.head.kind in _STATUSES else None

    @property
    def hangs(self) -> bool:
        """Whether HEAD is never answered."""
        return self.head == Lie("hang")

    @property
    def hides_ranges(self) -> bool:
        """Whether HEAD has no Accept-Ranges."""
        return self.head == Lie("noranges")

    def length(self, length: int) -> str | None:
        """Return the Content-Length of HEAD where GET has a body of `length` bytes; "" for none, None for the same."""
        match self.head:
            case Lie("zero"):
                return "0"
            case Lie("nolength"):
                return ""
            case Lie("long" | "short"):
                return self.head.of_length(length)
        return None
