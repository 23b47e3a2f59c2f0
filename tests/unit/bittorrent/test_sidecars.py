"""sidecars.py: torrents and magnets as files beside a file."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

import pytest

from fakefiles.bittorrent.bencode import decode
from fakefiles.bittorrent.sidecars import (
    abouts_of,
    magnet_text,
    mark_of,
    torrent_hashing,
    torrent_of,
    torrent_text,
    trackers_of,
)
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.urls.settings import Settings
from peers import PEER_PORT, UDP_PORT, about, hashed

BASE = "http://localhost:8000"


def torrent(target: str) -> dict[bytes, object]:
    """Return the torrent of a URL, decoded."""
    found = about(target)
    value: dict[bytes, object] = decode(torrent_text(found, hashed(found)))
    return value


def test_torrent() -> None:
    """It names the tracker with the URL of the file, and the file as its web seed."""
    value = torrent("/100k/a%20b.iso?content=ruler&seed=1&chance=0.5&status=503&piece=16k&tag=t")
    assert (
        value[b"announce"]
        == (
            f"{BASE}/announce?file=%2F100k%2Fa%2520b.iso%3Fcontent%3Druler%26seed%3D1%26chance%3D0.5%26status%3D503"
            "%26piece%3D16k%26tag%3Dt"
        ).encode()
    )
    # libtorrent takes no web seed with a "?".
    assert value[b"url-list"] == (
        f"{BASE}/with/content=ruler&seed=1&chance=0.5&status=503&tag=t/100k/a%20b.iso".encode()
    )
    assert torrent("/1k/a")[b"url-list"] == f"{BASE}/1k/a".encode()


def test_a_set() -> None:
    """Its web seed is its folder, to which clients append the name of the set and of each file."""
    value = torrent("/set/a=1k,b:c=2k/demo?content=ruler")
    assert value[b"url-list"] == f"{BASE}/with/content=ruler/set/a=1k,b:c=2k/".encode()


@pytest.mark.parametrize(
    ("sources", "keys"),
    [
        ("none", set()),
        ("web", {b"url-list"}),
        ("tracker", {b"announce"}),
        ("udp", {b"announce"}),
        ("tracker,udp,web", {b"announce", b"announce-list", b"url-list"}),
    ],
)
def test_sources(sources: str, keys: set[bytes]) -> None:
    """A torrent names what it is to name, and nothing else."""
    found = about(f"/1k/a?sources={sources}")._replace(udp_port=UDP_PORT)
    value = decode(torrent_text(found, hashed(found)))
    assert value.keys() - {b"info", b"created by"} == keys


def test_udp() -> None:
    """The tracker over UDP has the same path; without one, an error says what to do."""
    found = about("/1k/a?sources=udp")
    place = "/announce?file=%2F1k%2Fa%3Fsources%3Dudp"
    assert trackers_of(found._replace(udp_port=9)) == [f"udp://localhost:9{place}"]
    six = found._replace(udp_port=9, base="http://[::1]:8000/")
    assert trackers_of(six) == [f"udp://[::1]:9{place}"]
    with pytest.raises(RequestError, match="no UDP tracker; start it with --udp-tracker-port"):
        trackers_of(found)


def test_without_a_host() -> None:
    """A client that does not name the host gets no URLs."""
    found = about("/1k/a")._replace(base="")
    with pytest.raises(RequestError, match="need the Host field"):
        torrent_text(found, hashed(found))


@pytest.mark.parametrize(
    ("query", "mark"),
    [
        ("", ""),
        ("content=ruler&v=2&piece=16k&sources=web&links=on&seed=0&chance=1&status=503", "chance=1&status=503"),
        ("peer=close:5", "peer=close:5"),
        ("tag=b&peer=choke", "peer=choke&tag=b"),
        ("peer=choke&tag=b", "peer=choke&tag=b"),
        ("rate=1k", "rate=1k"),
    ],
)
def test_mark(query: str, mark: str) -> None:
    """What is not in the bytes of the torrent already gives it an info-hash of its own; the order does not matter."""
    assert mark_of(about(f"/100k/a?{query}" if query else "/100k/a")) == mark


def test_magnet() -> None:
    """It has the info-hashes, the name and the size, the trackers, the web seed, and the seed itself."""
    found = about("/100k/a%20b.iso?v=hybrid&content=ruler")
    made = torrent_of(found, hashed(found))
    assert made.v1
    assert made.v2
    text = magnet_text(found, hashed(found)).decode()
    assert text.startswith("magnet:?xt=urn:btih:")
    assert text.count("\n") == 1
    pairs = parse_qsl(text.strip().removeprefix("magnet:?"))
    assert pairs == [
        ("xt", f"urn:btih:{made.v1.hex()}"),
        ("xt", f"urn:btmh:1220{made.v2.hex()}"),
        ("dn", "a b.iso"),
        ("xl", "102400"),
        ("tr", trackers_of(found)[0]),
        ("ws", f"{BASE}/with/content=ruler/100k/a%20b.iso"),
        ("x.pe", f"localhost:{PEER_PORT}"),
    ]


@pytest.mark.parametrize(("version", "kinds"), [("1", ["btih"]), ("2", ["btmh"])])
def test_magnet_of_one_version(version: str, kinds: list[str]) -> None:
    """It has one info-hash then; and without a web seed, it names none."""
    found = about(f"/1k/a?v={version}&sources=none")._replace(base="http://[::1]:8000/", peer_host="::1")
    pairs = parse_qsl(magnet_text(found, hashed(found)).decode().strip().removeprefix("magnet:?"))
    assert [value.split(":")[1] for name, value in pairs if name == "xt"] == kinds
    assert [name for name, _ in pairs] == ["xt", "dn", "xl", "x.pe"]
    assert pairs[-1][1] == f"[::1]:{PEER_PORT}"


@pytest.mark.parametrize(
    "target",
    [
        "/17g/a?content=random",
        "/set/a=9g,b=8g/c?content=ruler",
        "/9g/a?content=ruler&v=hybrid",
        "/set/" + ",".join(f"{n}=1" for n in range(100)) + "/x?v=hybrid&piece=256m",
    ],
)
def test_too_much_to_hash(target: str) -> None:
    """Whatever it is that has to be hashed, padding above all: there is a limit."""
    with pytest.raises(RequestError, match=r"^to hash the pieces of so much would take more than about 15 seconds"):
        torrent_hashing(about(target))


def test_a_seed_elsewhere() -> None:
    """A client that cannot reach the seed is not told of it."""
    found = about("/1k/a")._replace(peer_host="")
    assert b"x.pe" not in magnet_text(found, hashed(found))


def test_no_seed() -> None:
    """Without a seed, a magnet leads nowhere."""
    found = about("/1k/a")._replace(peer_port=0)
    with pytest.raises(NotFoundError, match="start it with --peer-port"):
        magnet_text(found, hashed(found))


class TestAboutsOf:
    """What a URL in an announce is about."""

    def test_file(self) -> None:
        """It is the file, whatever is in its query and its name."""
        (found,) = abouts_of("/100k/%C3%A9%FF.torrent?content=ruler", Settings())
        assert (found.file.name, found.file.size) == ("é\udcff.torrent", 102400)
        assert (found.path, found.query) == ("100k/%C3%A9%FF.torrent", "content=ruler")
        assert unquote(found.path) != found.path

    def test_versions(self) -> None:
        """A file that changes is two."""
        first, second = abouts_of("/1k/a?content=random&change=call", Settings())
        assert first.file.content.identity != second.file.content.identity

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            ("", "file= is the path of a file"),
            ("/1k/a?sidecar=off", "leave out sidecar=off"),
            ("/set/a=1/demo/a/b", "the set has no such file"),
            ("/x", "no such file"),
        ],
    )
    def test_refused(self, target: str, message: str) -> None:
        """Other URLs are about nothing."""
        with pytest.raises(RequestError, match=message):
            abouts_of(target, Settings())


@pytest.mark.parametrize("fault", ["close:1025", "flip:1k", "stall:2k@2"])
def test_faults_beyond_the_end(fault: str) -> None:
    """What cannot happen in the torrent is refused."""
    with pytest.raises(RequestError, match="peer= lies beyond the end of the torrent, which has 1024 bytes"):
        hashed(about(f"/1k/a?peer={fault}"))
