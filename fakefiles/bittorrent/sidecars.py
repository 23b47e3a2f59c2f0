"""The sidecars of BitTorrent: torrents, and magnet links."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote_to_bytes, urlsplit

from fakefiles.behaviour.torrents import Torrents
from fakefiles.bittorrent.hashes import TorrentHashing
from fakefiles.bittorrent.layout import layout_of
from fakefiles.bittorrent.metainfo import Torrent
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.pieces import MOST_HASHED
from fakefiles.urls.mirrors import base_of, pairs_of, web_seed, written
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import About
from fakefiles.urls.target import parse_target

# What of a URL is in the bytes and the layout of a torrent already. The rest, its faults above all, goes into the info
# dictionary: so each has an info-hash of its own, and a peer can tell from the hash what it is to do.
_SHAPES = {"content", "seed", "sidecar"}


def torrent_hashing(about: About) -> TorrentHashing:
    """Return what a torrent needs to know of its file. Raises RequestError if there can be no such torrent."""
    layout, options = layout_of(about), about.options
    scheduled = (each.value for each in options.scheduled if each.name == "peer")
    for fault in (options.swarm.peer, *scheduled):
        if fault is not None:
            fault.check(layout.row.size)
    hashing = TorrentHashing(layout)
    if hashing.work > MOST_HASHED:
        raise RequestError(
            "to hash the pieces of so much would take more than about 15 seconds; there can be at most"
            f" {MOST_HASHED >> 30} GiB, half of that in a hybrid, or of content=ones or zeros any size"
        )
    return hashing


def torrent_of(about: About, result: bytes) -> Torrent:
    """Return the torrent of a file whose TorrentHashing had this result."""
    hashing = torrent_hashing(about)
    return Torrent(hashing.layout, hashing.unpacked(result), mark_of(about))


def mark_of(about: About) -> str:
    """Return what tells the torrent of a URL from others with the same bytes; "" for a plain URL."""
    return written(sorted(pair for pair in pairs_of(about.query, Torrents) if pair[0] not in _SHAPES))


def torrent_text(about: About, result: bytes) -> bytes:
    """Return the torrent as a file. Raises RequestError if its URLs cannot be told."""
    web_seeds = [web_seed(about)] if "web" in about.options.torrents.sources else []
    return torrent_of(about, result).metainfo(trackers_of(about), web_seeds)


def trackers_of(about: About) -> list[str]:
    """Return the URLs of the trackers that a torrent names: they have the file, so that the tracker needs no memory.

    A slash in it stays encoded: whoever makes a /scrape of an /announce looks behind the last one (BEP 48).
    """
    target = f"/{about.path}"
    if query := written(pairs_of(about.query)):
        target += f"?{query}"
    place = f"announce?file={quote(target, safe='')}"
    trackers = []
    for source in about.options.torrents.sources:
        if source == "tracker":
            trackers.append(f"{base_of(about)}{place}")
        elif source == "udp":
            if not about.udp_port:
                raise RequestError("this server has no UDP tracker; start it with --udp-tracker-port")
            host = urlsplit(base_of(about)).hostname or ""
            trackers.append(f"udp://{f'[{host}]' if ':' in host else host}:{about.udp_port}/{place}")
    return trackers


#: A magnet needs the same.
magnet_hashing = torrent_hashing


def magnet_text(about: About, result: bytes) -> bytes:
    """Return the magnet link in one line (BEP 9). Raises NotFoundError if the server seeds nothing."""
    if not about.peer_port:
        raise NotFoundError("a magnet leads to a seed, and this server has none; start it with --peer-port")
    torrent = torrent_of(about, result)
    parts = [f"xt=urn:btih:{torrent.v1.hex()}"] if torrent.v1 else []
    parts += [f"xt=urn:btmh:1220{torrent.v2.hex()}"] if torrent.v2 else []
    parts += [f"dn={quote(torrent.layout.name, safe='')}", f"xl={torrent.layout.row.size}"]
    parts += [f"tr={quote(tracker, safe='')}" for tracker in trackers_of(about)]
    if "web" in about.options.torrents.sources:
        parts.append(f"ws={quote(web_seed(about), safe='')}")
    if host := about.peer_host:
        parts.append(f"x.pe={f'[{host}]' if ':' in host else host}:{about.peer_port}")
    return f"magnet:?{'&'.join(parts)}\n".encode()


def abouts_of(target: str, settings: Settings) -> Sequence[About]:
    """Return what a path with its query is about: one file, or the two versions of one that changes.

    Raises RequestError if it names none.
    """
    path, _, query = target.partition("?")
    segments = [unquote_to_bytes(each).decode("utf-8", "surrogateescape") for each in path.split("/")[1:]]
    if not segments:
        raise RequestError("file= is the path of a file, like /10m/a.iso")
    # With its suffix: so a file whose own name looks like that of a sidecar is one all the same.
    named = parse_target([*segments[:-1], f"{segments[-1]}.torrent"], query, settings)
    if named.sidecar is None or named.sidecar.suffix != ".torrent":
        raise RequestError("file= names a file that has no torrent; leave out sidecar=off")
    return [
        About(file, named.options, named.members, "", path[1:], query)
        for file in named.options.change.editions(named.file)
    ]
