"""metainfo.py: torrents as bytes; libtorrent, which makes its own of the same files, says whether they are right."""

from __future__ import annotations

from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from fakefiles.bittorrent.bencode import decode
from fakefiles.bittorrent.metainfo import OWN_KEY, Torrent
from fakefiles.bittorrent.sidecars import torrent_of
from fakefiles.urls.sets import set_path
from peers import about, hashed

VERSIONS = ("1", "2", "hybrid")


def torrent(target: str) -> Torrent:
    """Return the torrent of a URL."""
    found = about(target)
    return torrent_of(found, hashed(found))


def test_info_of_v1() -> None:
    """One file has its length, a set its files; nothing is in it but what the bytes are."""
    made = torrent("/100000/a.bin?piece=32k")
    assert decode(made.info) == {
        b"name": b"a.bin",
        b"piece length": 32768,
        b"length": 100_000,
        b"pieces": b"".join(sha1(b"1" * size).digest() for size in (32768, 32768, 32768, 1696)),  # noqa: S324
    }
    assert (made.v1, made.v2) == (sha1(made.info).digest(), None)  # noqa: S324
    assert made.info_hashes == [made.v1]
    files = decode(torrent("/set/b:c=1,a=0/demo").info)[b"files"]
    assert files == [{b"length": 1, b"path": [b"b", b"c"]}, {b"length": 0, b"path": [b"a"]}]


def test_info_of_v2() -> None:
    """It has a tree of files, each with its root; an empty one has none."""
    made = torrent("/set/b:c=40000,a=0/demo?v=2&piece=16k")
    info = decode(made.info)
    (tree,) = [tree for tree in made.hashes.trees if tree]
    assert info == {
        b"name": b"demo",
        b"piece length": 16384,
        b"meta version": 2,
        b"file tree": {
            b"a": {b"": {b"length": 0}},
            b"b": {b"c": {b"": {b"length": 40000, b"pieces root": tree.root}}},
        },
    }
    assert made.layers == {tree.root: tree.layer}
    assert (made.v1, made.v2) == (None, sha256(made.info).digest())
    assert made.info_hashes == [sha256(made.info).digest()[:20]]


def test_info_of_a_hybrid() -> None:
    """It has both; the padding is in that of v1 only."""
    made = torrent("/set/a=1,b=2/demo?v=hybrid&piece=16k")
    info = decode(made.info)
    assert info[b"files"][1] == {b"attr": b"p", b"length": 16383, b"path": [b".pad", b"16383"]}
    assert info[b"file tree"].keys() == {b"a", b"b"}
    assert [len(each) for each in made.info_hashes] == [20, 20]
    assert made.layers == {}


def test_mark() -> None:
    """A mark gives the same bytes an info-hash of their own."""
    plain = torrent("/1k/a")
    marked = Torrent(plain.layout, plain.hashes, "peer=choke")
    assert decode(marked.info)[OWN_KEY.encode()] == b"peer=choke"
    assert OWN_KEY.encode() not in decode(plain.info)
    assert marked.v1 != plain.v1


def test_metainfo() -> None:
    """Around the info dictionary, which is in it as it was hashed, stand the trackers and the web seeds."""
    made = torrent("/1k/a")
    text = made.metainfo(["http://a/announce"], ["http://a/1k/a"])
    assert made.info in text
    assert decode(text) == {
        b"announce": b"http://a/announce",
        b"created by": b"fakefiles",
        b"info": decode(made.info),
        b"url-list": b"http://a/1k/a",
    }
    more = decode(made.metainfo(["x", "y"], ["1", "2"]))
    assert (more[b"announce"], more[b"announce-list"]) == (b"x", [[b"x"], [b"y"]])
    assert more[b"url-list"] == [b"1", b"2"]
    assert decode(made.metainfo([], [])).keys() == {b"created by", b"info"}
    layers = decode(torrent("/100k/a?v=2").metainfo([], []))[b"piece layers"]
    assert layers == torrent("/100k/a?v=2").layers


SETS: dict[str, dict[str, int]] = {
    "one small file": {"a.bin": 1},
    "one file": {"a b.iso": 100_000},
    "one file of whole pieces": {"a": 4 * 16384},
    "one large file": {"a": 1_300_000},
    "equal files": {"a": 50_000, "b": 50_000, "c": 50_000},
    "an empty file": {"a": 0, "b": 40_000, "c": 0},
    "folders": {"z": 3 * 16384, "y/y": 16384, "y/x/z": 5},
    "beyond ASCII": {"é/ü.txt": 20_000, "日本": 16385, "a b": 3},
    "a last file of whole pieces": {"a": 1, "b": 32768},
}


def libtorrent_of(root: Path, files: dict[str, int], version: str, piece: int) -> tuple[Any, list[str]]:
    """Return what libtorrent makes of the files in a folder, and the order of them in it."""
    lt = pytest.importorskip("libtorrent", reason="libtorrent is not installed")
    flags = {"1": lt.create_torrent.v1_only, "2": lt.create_torrent.v2_only, "hybrid": 0}[version]
    storage = lt.file_storage()
    lt.add_files(storage, str(root / "demo" if len(files) > 1 else root / "demo" / next(iter(files))))
    made = lt.create_torrent(storage, piece, flags)
    lt.set_piece_hashes(made, str(root if len(files) > 1 else root / "demo"))
    info = lt.torrent_info(made.generate())
    names = [storage.file_path(place).replace("\\", "/") for place in range(storage.num_files())]
    return info, [name.removeprefix("demo/") for name in names if name.removeprefix("demo/") in files]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("content", ["ruler", "ones"])
@pytest.mark.parametrize("files", SETS.values(), ids=SETS)
def test_libtorrent_makes_the_same(files: dict[str, int], content: str, tmp_path: Path) -> None:
    """The info-hashes of all versions, with several sizes of pieces, are those of libtorrent."""
    found = about(f"/2m?content={content}").file.content
    for path, size in files.items():
        place = tmp_path / "demo" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(found.read(0, size))
    for version in VERSIONS:
        for piece in (16384, 65536):
            theirs, order = libtorrent_of(tmp_path, files, version, piece)
            query = f"content={content}&v={version}&piece={piece}"
            ((name, size), *more) = files.items()
            path = set_path({each: files[each] for each in order}, "demo") if more else f"/{size}/{name}"
            ours = torrent(f"{path}?{query}")
            hashes = theirs.info_hashes()
            assert ours.v1 == (hashes.v1.to_bytes() if hashes.has_v1() else None), (version, piece)
            assert ours.v2 == (hashes.v2.to_bytes() if hashes.has_v2() else None), (version, piece)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", VERSIONS)
def test_libtorrent_reads_it(version: str) -> None:
    """The whole file, with a mark, trackers, web seeds and layers, is one that libtorrent takes."""
    lt = pytest.importorskip("libtorrent", reason="libtorrent is not installed")
    plain = torrent(f"/set/a=100000,b:c=0,d=3/demo?v={version}&piece=16k&content=ruler")
    made = Torrent(plain.layout, plain.hashes, "peer=choke")
    read = lt.load_torrent_buffer(made.metainfo(["http://127.0.0.1/announce"], ["http://127.0.0.1/set/"]))
    assert read.ti.info_section() == made.info
    assert (read.trackers, read.url_seeds) == (["http://127.0.0.1/announce"], ["http://127.0.0.1/set/"])
    assert read.ti.info_hashes().has_v2() is (version != "1")
