"""The record of one request of HTTP and its answer, in Python and in JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fakefiles.transfer.record import End, TransferRecord
from fakefiles.transfer.span import Span


class Headers(Mapping[str, str]):
    """Header fields. Names match in any case (RFC 9110, 5.1); iteration yields them in lower case."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return repr(self._fields)


@dataclass(eq=False, kw_only=True)
class Record(TransferRecord):
    """One request and its answer.

    `asked`: the Range field. `status`: None until the answer begins. `framing`: how the end of the body is marked.
    """

    FIELDS = (
        *("method", "url", "started", "client", "connection", "tag", "number", "version", "status", "size", "edition"),
        *("asked", "given", "framing", "length", "body_sent", "sent", "first_byte", "last_byte", "ended", "end"),
        "faults",
    )

    method: str = ""
    status: int | None = None
    asked: str | None = None
    framing: str | None = None
    headers_of: Callable[[], Mapping[str, str]] = field(default=dict, repr=False)

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """The header fields of the request, by name in any case; the values of a repeated field are joined by ", "."""
        return Headers(self.headers_of())

    @property
    def live(self) -> bool:
        """Whether more may yet be sent."""
        return self.end is None and (self.status is None or self.body_sent < self.length)

    def as_dict(self) -> dict[str, Any]:
        """Return the record as plain values, for JSON; from_dict() reads them."""
        return {**super().as_dict(), "headers": dict(self.headers)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Record:
        """Return the record that as_dict() has written. Unknown values are ignored."""
        known = {name: values[name] for name in cls.FIELDS if name in values}
        for name in ("given", "sent"):
            known[name] = [Span(*span) for span in known.get(name, ())]
        known["end"] = End(known["end"]) if known.get("end") else None
        headers = dict(values.get("headers", {}))
        return cls(**known, headers_of=lambda: headers)
