"""The Link fields of a file with mirrors: duplicates, and what describes the file (RFC 6249; RFC 8288)."""

from __future__ import annotations

from fakefiles.urls.mirrors import mirror_urls, url_beside
from fakefiles.urls.sidecars import SIDECARS, About

_DESCRIBED_BY = (".meta4", ".torrent")


def link_fields(about: About) -> list[str]:
    """Return the values of Link: the mirrors in the order of their priority, the metalink and the torrent.

    Each is for a line of its own: aria2 reads no more than one link of a line.
    """
    links = [f"<{url}>; rel=duplicate; pri={place}" for place, url in enumerate(mirror_urls(about), 1)]
    links += [
        f'<{url_beside(about, suffix)}>; rel=describedby; type="{SIDECARS[suffix].media_type}"'
        for suffix in _DESCRIBED_BY
    ]
    return links
