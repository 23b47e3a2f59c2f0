"""The kinds of content that a URL can ask for; KINDS is the one list of them.

A new kind is an entry of that list, and a row in docs/content.md, which specifies the kinds, with test vectors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from struct import Struct
from types import MappingProxyType
from typing import NamedTuple

from fakefiles.files.content import Content, Locatable, Tile
from fakefiles.files.errors import RequestError
from fakefiles.files.gzipped import Gzipped
from fakefiles.files.units import MAX_SIZE


@dataclass(frozen=True, slots=True)
class Ruler(Locatable):
    r"""Lines of 16 bytes, each the offset at which it begins: 15 hexadecimal digits and a newline.

    The digits are those of the offset modulo 2^60, which is 1 EiB.
    """

    identity: str = "ruler"

    LINE_SIZE = 16
    #: Offsets are told modulo this.
    MODULUS = 1 << 60

    def line(self, offset: int) -> bytes:
        """Return the line that begins at an offset, a multiple of 16."""
        return b"%015x\n" % (offset % self.MODULUS)

    def read(self, offset: int, length: int) -> bytes:
        """Return the lines, or parts of lines, from `offset` on."""
        if length <= _SHORT:
            first = offset - offset % self.LINE_SIZE
            text = b"".join(self.line(start) for start in range(first, offset + length, self.LINE_SIZE))
        else:
            first = offset - offset % _RULER_BLOCK
            text = b"".join(self._block(start) for start in range(first, offset + length, _RULER_BLOCK))
        return text[offset - first : offset - first + length]

    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """Yield the offsets that the whole lines in a window spell, each once."""
        told = {int(line[0], 16) - line.start() + at for line in _RULER_LINE.finditer(window)}
        yield from (offset for offset in sorted(told) if offset >= 0)

    def _block(self, start: int) -> bytes:
        """Return the _RULER_BLOCK bytes at a multiple of that: a template, but for the digits that all lines share."""
        block = bytearray(_RULER_TEMPLATE)
        for column, digit in enumerate(self.line(start)[:_RULER_SHARED]):
            if digit != _ZERO_DIGIT:
                block[column :: self.LINE_SIZE] = bytes([digit]) * (_RULER_BLOCK // self.LINE_SIZE)
        return bytes(block)


_RULER_LINE = re.compile(rb"[0-9a-f]{15}\n")
# Up to here, lines one by one are faster than a block.
_SHORT = 1024
_ZERO_DIGIT = ord("0")
# In a block only the last four digits differ from line to line; the 11 before them are the same in all.
_RULER_BLOCK = 1 << 16
_RULER_SHARED = 11
_RULER_TEMPLATE = b"".join(b"%015x\n" % offset for offset in range(0, _RULER_BLOCK, Ruler.LINE_SIZE))


@dataclass(frozen=True, slots=True)
class Random(Locatable):
    """Bytes that do not compress or repeat: the AES-128 keystream in counter mode (NIST SP 800-38A, 6.5).

    The key is the seed as a 16-byte big-endian number; the counter block of bytes 16n up to 16n+15 is n, likewise.
    """

    seed: int = 0

    BLOCK_SIZE = 16
    #: Seeds are 0 up to this.
    MAX_SEED = 2**64 - 1

    @property
    def identity(self) -> str:
        """Return a name that tells the seed."""
        return f"random-{self.seed}"

    @property
    def key(self) -> bytes:
        """Return the AES key."""
        return self.seed.to_bytes(16, "big")

    def read(self, offset: int, length: int) -> bytes:
        """Return the keystream from `offset` on."""
        # Late: a server of other kinds does not pay for it.
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CTR

        block, skipped = divmod(offset, self.BLOCK_SIZE)
        keystream = Cipher(AES(self.key), CTR(block.to_bytes(16, "big"))).encryptor()
        return keystream.update(bytes(skipped + length))[skipped:]

    def offsets(self, window: bytes, at: int) -> Iterator[int]:
        """Yield the offsets of the keystream that the bytes from `at` on may be.

        Decrypted with its key, a block of the keystream is its number: one with many leading zeros is no chance.
        """
        numbers = _decryption()(self.key, _blocks(window, at))
        for skipped, (high, low) in enumerate(_BIG_ENDIAN_128.iter_unpack(numbers)):
            if not high and skipped <= low * self.BLOCK_SIZE <= MAX_SIZE:
                yield low * self.BLOCK_SIZE - skipped


_BIG_ENDIAN_128 = Struct(">QQ")


@cache
def _decryption() -> Callable[[bytes, bytes], bytes]:
    """Return what decrypts blocks with a key; thousands of keys are tried, so it imports once only."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    mode = ECB()  # noqa: S305  one block at a time is the aim

    def decrypt(key: bytes, blocks: bytes) -> bytes:
        return Cipher(AES(key), mode).decryptor().update(blocks)

    return decrypt


# For as many seeds as are tried.
@lru_cache(maxsize=1)
def _blocks(window: bytes, at: int) -> bytes:
    """Return the 16 blocks that begin at bytes `at` up to `at` + 15 of a window, as far as they are whole in it."""
    size = Random.BLOCK_SIZE
    return b"".join(window[start : start + size] for start in range(at, min(at + size, len(window) - size + 1)))


#: ASCII "1" in every byte.
ONES = Tile("ones", b"1")
#: NUL in every byte.
ZEROS = Tile("zeros", b"\0")
RULER = Ruler()
#: A gzip file with the ruler in it; the file binds it to its size.
GZIP = Gzipped("gzip", RULER)


class ContentKind(NamedTuple):
    """A kind of content: its name in a URL, a line of help, and its content; with seeds, that of seed 0.

    `of_seed` makes the content of a seed, 0 to Random.MAX_SEED; it is None for a kind that takes no seed. The verifier
    finds content that is Locatable in any wrong place, and tries some other seeds of a kind that has them.
    """

    name: str
    help: str
    content: Content
    of_seed: Callable[[int], Content] | None = None


_ALL = (
    ContentKind("ones", "the digit 1", ONES),
    ContentKind("zeros", "NUL bytes", ZEROS),
    ContentKind("ruler", "each line is its own offset", RULER),
    ContentKind("random", "does not compress", Random(), Random),
    ContentKind("gzip", "a gzip file with the ruler in it", GZIP),
)

#: All kinds of our own, by name.
KINDS: Mapping[str, ContentKind] = MappingProxyType({kind.name: kind for kind in _ALL})

#: The parameters of a URL with which a seed goes, in words.
SEEDED = ", ".join(f"content={kind.name}" for kind in _ALL if kind.of_seed)


def takes_seed(kind: str, more: Mapping[str, Content]) -> bool:
    """Return whether a seed goes with a kind of ours, unless one of `more` has its name."""
    return kind not in more and kind in KINDS and KINDS[kind].of_seed is not None


def find_content(kind: str, seed: int | None, more: Mapping[str, Content]) -> Content:
    """Return the content of a kind, one of ours or of `more`; of a kind with seeds, None stands for seed 0.

    Raises RequestError when there is no such kind, or a seed where none belongs.
    """
    content, of_seed = more.get(kind), None
    if content is None:
        if kind not in KINDS:
            raise RequestError(f"content is one of {', '.join([*KINDS, *more])}")
        _, _, content, of_seed = KINDS[kind]
    if of_seed:
        return of_seed(seed or 0)
    if seed is not None:
        raise RequestError(f"a seed goes with {SEEDED} only")
    return content
