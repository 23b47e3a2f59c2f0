"""record.py: a transfer of any protocol; tests/unit/http/test_record.py has those of HTTP."""

from __future__ import annotations

import pytest

from fakefiles.transfer.record import End, JournalError, TransferRecord


@pytest.mark.parametrize(
    ("record", "live"),
    [
        (TransferRecord(length=5, body_sent=4), True),
        (TransferRecord(length=5, body_sent=5), False),
        (TransferRecord(length=5, body_sent=4, end=End.CLIENT_LEFT), False),
    ],
)
def test_live(record: TransferRecord, live: bool) -> None:  # noqa: FBT001
    """A transfer is live until it has ended, or all its bytes are sent."""
    assert record.live is live


def test_release() -> None:
    """Only a transfer that is under way can be released."""
    released: list[str] = []
    TransferRecord(releaser=lambda: released.append("released")).release()
    assert released == ["released"]
    with pytest.raises(JournalError, match="no transfer of this request is under way"):
        TransferRecord().release()
