"""The record of one peer: what it has asked the seed for, what it got, and how it ended; in Python and in JSON."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fakefiles.transfer.record import End, TransferRecord
from fakefiles.transfer.span import Span

#: What stands in the JSON of a peer where a request has its method.
METHOD = "PEER"

_SPANS = ("given", "sent", "asked", "again")
# The most spans kept of one peer: one that asks for single blocks without end must not fill the memory.
_MOST_SPANS = 1_500
# How many bytes of memory a span takes, roughly.
_SPAN = 120


@dataclass(eq=False, kw_only=True)
class PeerRecord(TransferRecord):
    """One connection of a peer to the seed. Spans are of all bytes of the torrent in a row; `size` is their number.

    - `url`: the path and the query of the file, without the suffix of its torrent.
    - `info_hash`: that of the handshake, in hexadecimal digits. `peer_id`: as latin-1. `agent`: what the peer calls
      itself, like "aria2/1.36.0"; "" if it does not say. `encrypted`: whether it began with MSE.
    - `asked`: what it asked for, each byte once. `sent`: what it was sent, each byte once; `again`
      what it was sent more often.
    - `waiting`: the bytes that it has asked for, and that are still to be sent.
    - `overflowed`: whether there were more spans than are kept, so that these are not all.
    """

    FIELDS = (
        *("method", "url", "started", "client", "connection", "tag", "number", "version", "info_hash", "peer_id"),
        *("agent", "encrypted", "size", "asked", "given", "length", "body_sent", "sent", "again", "first_byte"),
        *("last_byte", "ended", "end", "faults", "overflowed", "waiting"),
    )

    method: str = METHOD
    info_hash: str = ""
    peer_id: str = ""
    agent: str = ""
    encrypted: bool = False
    asked: list[Span] = field(default_factory=list)
    again: list[Span] = field(default_factory=list)
    overflowed: bool = False
    waiting: int = 0

    @property
    def live(self) -> bool:
        """Whether more may yet be sent: of what the peer has asked for, as long as it is there."""
        return self.end is None and self.waiting > 0

    def wants(self, span: Span) -> None:
        """Note that the peer has asked for a span."""
        self._merge(self.asked, span)

    def progress(self, amount: int, span: Span | None) -> None:
        """Note `amount` more bytes of blocks, which are a span of the row."""
        self.body_sent += amount
        if span is not None:
            for overlap in self._merge(self.sent, span):
                self._merge(self.again, overlap)

    def _merge(self, spans: list[Span], span: Span) -> list[Span]:
        """Add a span to sorted spans that do not touch; return the parts that were there already."""
        first = bisect_left(spans, span)
        if first and spans[first - 1].stop >= span.start:
            first -= 1
        last, overlaps, merged = first, [], span
        while last < len(spans) and spans[last].start <= span.stop:
            there = spans[last]
            overlap = Span(max(span.start, there.start), min(span.stop, there.stop))
            if overlap.stop > overlap.start:
                overlaps.append(overlap)
            merged = Span(min(merged.start, there.start), max(merged.stop, there.stop))
            last += 1
        if first == last and len(self.asked) + len(self.sent) + len(self.again) >= _MOST_SPANS:
            self.overflowed = True
            return overlaps
        self.weight += _SPAN * (1 - (last - first))
        spans[first:last] = [merged]
        return overlaps

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PeerRecord:
        """Return the record that as_dict() has written. Unknown values are ignored."""
        known = {name: values[name] for name in cls.FIELDS if name in values}
        for name in _SPANS:
            known[name] = [Span(*span) for span in known.get(name, ())]
        known["end"] = End(known["end"]) if known.get("end") else None
        return cls(**known)
