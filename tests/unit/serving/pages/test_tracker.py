"""tracker.py: the pages of the tracker; tests/unit/bittorrent/test_tracker.py has what they answer."""

from __future__ import annotations

import pytest

from peers import Server


@pytest.mark.parametrize("path", ["/announce", "/scrape"])
def test_pages(path: str) -> None:
    """They stand at the root, are for everybody, and are in the journal with what they were asked."""
    server = Server(control="off")
    assert server.get(f"{path}?port=1").body.startswith(b"d14:failure reason")
    (record,) = server.records
    assert (record.method, record.url, record.status) == ("GET", f"{path}?port=1", 200)
    assert server.get(f"{path}/x").status == 404
