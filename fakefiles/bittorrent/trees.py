"""The trees over the layers of pieces of v2 torrents (BEP 52), for peers that ask for parts of them."""

from __future__ import annotations

from collections.abc import Sequence

from fakefiles.bittorrent.hashes import HASH_SIZE
from fakefiles.bittorrent.layout import BLOCK
from fakefiles.bittorrent.wire import HashRequest

# How many hashes one answer may have.
_LENGTHS = range(2, 2049)

#: The layers of a tree, from that of the pieces up to the root; each is its hashes in a row.
Tree = Sequence[bytes]


def hashes_for(request: HashRequest, tree: Tree | None, piece: int) -> bytes | None:
    """Return the hashes that a peer wants, and what proves them; None if it cannot have them.

    `tree` is that of the file, None if there is none. Below its layer of pieces, there is nothing to be had: those
    hashes would have to be computed.
    """
    height, length = request.base - ((piece // BLOCK).bit_length() - 1), request.length
    if tree is None or not 0 <= height < len(tree) or length not in _LENGTHS or length & (length - 1):
        return None
    row = tree[height]
    if request.start % length or (request.start + length) * HASH_SIZE > len(row):
        return None
    found = [row[request.start * HASH_SIZE : (request.start + length) * HASH_SIZE]]
    # The peer computes the root of these hashes itself; it needs the siblings from there up.
    levels, place = length.bit_length() - 1, request.start // length
    for above in range(height + levels, min(height + max(levels, request.proofs + 1), len(tree) - 1)):
        sibling = (place ^ 1) * HASH_SIZE
        found.append(tree[above][sibling : sibling + HASH_SIZE])
        place //= 2
    return b"".join(found)
