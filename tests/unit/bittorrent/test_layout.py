"""layout.py: how the files of a torrent lie in a row, and which torrents there can be."""

from __future__ import annotations

import pytest

from fakefiles.bittorrent.layout import Entry, Layout, layout_of
from fakefiles.files.content import Tile
from fakefiles.files.errors import RequestError
from fakefiles.files.virtual_file import VirtualFile
from peers import about


def laid(target: str) -> Layout:
    """Return the layout of the torrent of a URL."""
    return layout_of(about(target))


def paths(layout: Layout) -> list[str]:
    """Return the paths of the entries, with their sizes."""
    return [f"{'/'.join(entry.path)}={entry.file.size}" for entry in layout.entries]


def test_one_file() -> None:
    """It is all there is, without padding."""
    for version in ("1", "2", "hybrid"):
        layout = laid(f"/100k/a.iso?v={version}")
        assert (layout.name, layout.single, layout.version) == ("a.iso", True, version)
        assert paths(layout) == ["a.iso=102400"]
        assert layout.row == layout.files[0].file
        assert layout.piece == 1 << 14


def test_a_name_from_the_size() -> None:
    """A file without a name is called like its size."""
    assert laid("/10m").name == "10m"


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1", ["z=1", "b/c=16384", "b/a=16385", "é=0"]),
        ("2", ["b/a=16385", ".pad/16383=16383", "b/c=16384", "z=1", ".pad/16383=16383", "é=0"]),
        ("hybrid", ["b/a=16385", ".pad/16383=16383", "b/c=16384", "z=1", ".pad/16383=16383", "é=0"]),
    ],
)
def test_sets(version: str, expected: list[str]) -> None:
    """Those of v1 keep the order of the URL; those of v2 are sorted, and each file begins with a piece."""
    layout = laid(f"/set/z=1,b:c=16384,b:a=16385,%C3%A9=0/demo?v={version}&piece=16k")
    assert paths(layout) == expected
    assert [entry.pad for entry in layout.entries] == [path.startswith(".pad/") for path in expected]
    assert len(layout.files) == 4
    assert not layout.single
    assert layout.row.size == sum(int(path.rpartition("=")[2]) for path in expected)
    assert layout.row.name == "demo"


def test_the_end_of_a_set() -> None:
    """Padding behind the last file is in hybrids only."""
    assert paths(laid("/set/a=1/demo?v=2")) == ["a=1"]
    assert paths(laid("/set/a=1/demo?v=hybrid&piece=16k")) == ["a=1", ".pad/16383=16383"]


def test_runs() -> None:
    """Whole pieces of repeated content are in runs; files of one and the same byte are one, others each for itself."""
    assert laid("/100k/a?piece=16k").runs == [(0, 6)]
    assert laid("/set/a=50k,b=50k/x?piece=16k").runs == [(0, 6)]
    assert laid("/set/a=100000,b=50k/x?piece=16k&v=hybrid").runs == [(0, 6), (7, 10)]
    assert laid("/100k/a?piece=16k&content=ruler").runs == []
    letters = VirtualFile(1 << 20, Tile("letters", b"abcd"))
    entries = [Entry(["a"], letters), Entry(["b"], letters)]
    assert Layout("x", entries, False, 1 << 14, "1").runs == [(0, 64), (64, 128)]  # noqa: FBT003  a set


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/0/a", "a torrent has at least one byte"),
        ("/set/a=0,b=0/c", "a torrent has at least one byte"),
        ("/1m/a?piece=16383", "piece is from 16k to 256m in a torrent"),
        ("/1m/a?piece=257m", "piece is from 16k to 256m in a torrent"),
        ("/1m/a?piece=8k&v=2", "piece is a power of two from 16k on in a torrent of v=2 or hybrid"),
        ("/1m/a?piece=20k&v=hybrid", "piece is a power of two"),
        ("/1m/a?piece=512m&v=2", "piece is from 16k to 256m in a torrent"),
        ("/1t/a?piece=16k", "a torrent has at most 131072 pieces; give it a larger piece="),
    ],
)
def test_refused(target: str, message: str) -> None:
    """An error says what there can be."""
    with pytest.raises(RequestError, match=f"^{message}"):
        laid(target)


def test_odd_pieces() -> None:
    """A torrent of v1 may have pieces of any size."""
    assert laid("/1m/a?piece=20001").piece == 20001
    assert laid("/32t/a?piece=256m&content=zeros").piece == 1 << 28
