"""What is under way: an answer that is being sent, or a peer that is connected."""

from __future__ import annotations

from typing import Protocol

from fakefiles.transfer.record import End, TransferRecord


class Live(Protocol):
    """A transfer under way, on a connection of its own or of others."""

    @property
    def record(self) -> TransferRecord:
        """Its record in the journal."""

    def release(self) -> None:
        """Let it go on if hold= has stopped it."""

    def drop(self, end: End) -> None:
        """Reset its connection now, and record `end` as the reason."""
