"""/announce and /scrape: the tracker of BitTorrent. They stand at the root: libtorrent demands it on loopback."""

from __future__ import annotations

from fakefiles._lazy import deferred
from fakefiles.serving.pages.page import Page

_TRACKER = "fakefiles.bittorrent.tracker"

PAGES = (
    Page(
        "/announce",
        "the tracker of the torrents, for BitTorrent clients",
        {"GET": deferred(_TRACKER, "announce")},
        recorded=True,
        open=True,
    ),
    Page(
        "/scrape",
        "how many peers a torrent has, for BitTorrent clients",
        {"GET": deferred(_TRACKER, "scrape")},
        recorded=True,
        open=True,
    ),
)
