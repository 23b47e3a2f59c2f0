"""The digests of the pieces of a file, as torrents and metalinks have them; of repeated content in no time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from fakefiles.files.content import Content, Tile
from fakefiles.files.digests import STEP

if TYPE_CHECKING:
    from hashlib import _Hash

    from typing_extensions import Buffer

#: The most bytes to hash for one torrent or metalink: on one core, about 15 seconds.
MOST_HASHED = 1 << 34
#: The most pieces: clients take no larger info dictionary.
MOST_PIECES = 1 << 17

_SMALLEST, _LARGEST = 1 << 14, 1 << 26
_USUAL_PIECES = 1 << 10

# Bytes read and hashed at a time.
_PART = 1 << 17

#: As digests.Steps.
Digests = Generator[None, None, bytes]


def usual_piece(size: int) -> int:
    """Return the size of the pieces of a file of `size` bytes, in bytes: for 1000 to 2000 pieces, 16 KiB to 64 MiB."""
    return min(max(1 << max(0, (size // _USUAL_PIECES).bit_length() - 1), _SMALLEST), _LARGEST)


def piece_digests(content: Content, start: int, stop: int, piece: int, new: Callable[[Buffer], _Hash]) -> Digests:
    """Return steps whose result is the digests of the pieces of a content, from byte `start` up to `stop`, joined.

    `piece` is the size of a piece in bytes; the last one may be shorter. `new` makes a hash of the first bytes of one.
    If the pattern of a Tile fits into a piece, all whole pieces are the same.
    """
    whole, rest = divmod(stop - start, piece)
    if isinstance(content, Tile) and piece % len(content.pattern) == 0 and whole > 1:
        first = yield from piece_digests(content, start, start + piece, piece, new)
        last = yield from piece_digests(content, stop - rest, stop, piece, new)
        return first * whole + last
    digests = []
    group, since = max(piece, _PART - _PART % piece), 0
    for begin in range(start, stop, group):
        since += group
        if since > STEP:
            since = group
            yield
        end = min(begin + group, stop)
        if group == piece:
            digests.append((yield from _digest(content, begin, end, new)))
        else:
            data = memoryview(content.read(begin, end - begin))
            digests += [new(data[at : at + piece]).digest() for at in range(0, len(data), piece)]
    return b"".join(digests)


def _digest(content: Content, start: int, stop: int, new: Callable[[Buffer], _Hash]) -> Digests:
    hash_ = new(b"")
    for offset in range(start, stop, _PART):
        if offset > start and (offset - start) % STEP == 0:
            yield
        hash_.update(content.read(offset, min(_PART, stop - offset)))
    return hash_.digest()
