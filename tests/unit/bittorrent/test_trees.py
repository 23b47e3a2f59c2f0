"""trees.py: the hashes that a peer may ask for, and what proves them."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.bittorrent.hashes import FileTree
from fakefiles.bittorrent.metainfo import Torrent
from fakefiles.bittorrent.sidecars import torrent_of
from fakefiles.bittorrent.trees import hashes_for
from fakefiles.bittorrent.wire import HashRequest
from peers import about, hashed

PIECE = 1 << 15
#: Where the layer of pieces is, from the leaves on.
BASE = 1


def torrent(pieces: int = 13) -> Torrent:
    """Return a torrent of v2 with so many pieces."""
    found = about(f"/{pieces * PIECE}/a?content=ruler&v=2&piece={PIECE}")
    return torrent_of(found, hashed(found))


TORRENT = torrent()
(TREE,) = [tree for tree in TORRENT.hashes.trees if tree]


def cut(joined: bytes) -> list[bytes]:
    """Return the hashes in a row of them."""
    return [joined[at : at + 32] for at in range(0, len(joined), 32)]


def answer(tree: FileTree, base: int, start: int, length: int, proofs: int) -> list[bytes] | None:
    """Return the hashes in the answer to a request, None if it is rejected."""
    found = hashes_for(HashRequest(tree.root, base, start, length, proofs), TORRENT.tree(tree.root), PIECE)
    return None if found is None else cut(found)


def root_by(hashes: list[bytes], proof: list[bytes], place: int) -> bytes:
    """Return the root that some hashes lead to, with the uncles that prove them."""
    while len(hashes) > 1:
        hashes = [sha256(hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes), 2)]
    (top,) = hashes
    for uncle in proof:
        top = sha256(uncle + top if place % 2 else top + uncle).digest()
        place //= 2
    return top


@pytest.mark.parametrize(("start", "length"), [(0, 2), (2, 2), (10, 2), (0, 4), (12, 4), (0, 8), (8, 8), (0, 16)])
def test_proofs(start: int, length: int) -> None:
    """The hashes are those of the layer, with zeros behind the end, and the uncles lead to the root."""
    found = answer(TREE, BASE, start, length, 4)
    assert found is not None
    hashes, proof = found[:length], found[length:]
    layer = cut(TREE.layer)
    assert [each for each in hashes if each in layer] == layer[start : start + length]
    assert root_by(hashes, proof, start // length) == TREE.root


def test_how_many_uncles() -> None:
    """Only those are sent that are wanted, and that the peer cannot compute itself."""
    lengths = [len(answer(TREE, BASE, 0, 4, proofs) or []) - 4 for proofs in (0, 1, 2, 3, 9)]
    assert lengths == [0, 0, 1, 2, 2]


def test_higher_layers() -> None:
    """A layer above that of the pieces is to be had, too."""
    found = answer(TREE, BASE + 2, 0, 4, 0)
    assert found is not None
    assert root_by(found, [], 0) == TREE.root


@pytest.mark.parametrize(
    ("base", "start", "length"),
    [
        (0, 0, 2),  # the leaves would have to be computed
        (BASE, 1, 2),
        (BASE, 0, 1),
        (BASE, 0, 1024),
        (BASE, 0, 3),
        (BASE, 0, 0),
        (BASE, 0, 32),
        (BASE, 16, 2),
        (BASE + 4, 0, 2),
        (BASE + 5, 0, 2),
        (2**32 - 1, 0, 2),
        (BASE, 2**32 - 2, 2),
        (BASE, 0, 16384),
    ],
)
def test_rejected(base: int, start: int, length: int) -> None:
    """What is not there is rejected."""
    assert answer(TREE, base, start, length, 0) is None


def test_a_file_without_a_layer() -> None:
    """A file of one piece has nothing to ask for; nor has one that is not there."""
    assert answer(FileTree(b"?" * 32, b""), BASE, 0, 2, 0) is None
    small = torrent(1)
    (tree,) = [tree for tree in small.hashes.trees if tree]
    assert hashes_for(HashRequest(tree.root, BASE, 0, 2, 0), small.tree(tree.root), PIECE) is None


_numbers = st.integers(0, 2**32 - 1) | st.integers(0, 20)


@given(st.builds(HashRequest, st.just(TREE.root), _numbers, _numbers, _numbers, _numbers))
def test_any_request(request: HashRequest) -> None:
    """Whatever is asked for, the answer has as many hashes, and not many more; or there is none."""
    found = hashes_for(request, TORRENT.tree(TREE.root), PIECE)
    assert found is None or request.length <= len(found) // 32 <= request.length + 5
