"""content.py: any slice of the endless file is the same as the slice of what came before it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.content import KINDS, RULER, Content, Literal, Random, Tile, find_content
from fakefiles.files.units import MAX_SIZE

# Not parametrize: pytest-twisted 1.14.3 cannot run a hypothesis test twice.
kinds = st.sampled_from(
    [
        *KINDS.values(),
        Random(0),
        Random(2**64 - 1),
        Tile("x", b"x"),
        Tile("abc", b"abc"),
        Tile("long", bytes(range(256)) * 5000),
    ]
)


@given(content=kinds, offset=st.integers(0, 300_000), length=st.integers(0, 300_000))
def test_slices_agree(content: Content, offset: int, length: int) -> None:
    """Reading at an offset gives what reading from the start has there."""
    assert content.read(offset, length) == content.read(0, offset + length)[offset:]


@given(content=kinds, offset=st.integers(0, MAX_SIZE), length=st.integers(0, 3000))
def test_any_offset(content: Content, offset: int, length: int) -> None:
    """Anywhere, exactly as many bytes come back as were asked for, and two reads are the one."""
    whole = content.read(offset, length)
    assert len(whole) == length
    assert content.read(offset, length // 3) + content.read(offset + length // 3, length - length // 3) == whole


def test_values() -> None:
    """Ones are ASCII digits, zeros are NULs."""
    assert KINDS["ones"].read(5, 3) == b"111"
    assert KINDS["zeros"].read(5, 3) == b"\0\0\0"


def test_identities_differ() -> None:
    """No two contents share an identity, and so an ETag."""
    contents = [*KINDS.values(), Random(0), Random(1)]
    assert len({content.identity for content in contents}) == len(contents)


def test_pieces_of_a_tile_are_shared() -> None:
    """Downloads of a Tile hold one piece among them, not one each."""
    ones = KINDS["ones"]
    assert ones.read(0, Tile.PIECE_SIZE) is ones.read(Tile.PIECE_SIZE, Tile.PIECE_SIZE)


tiles = st.binary(min_size=1, max_size=300).map(lambda pattern: Tile("t", pattern))


@given(tiles, st.integers(0, MAX_SIZE), st.integers(1, 5000))
def test_views_of_a_tile(tile: Tile, offset: int, most: int) -> None:
    """A view has the bytes that reading gives."""
    assert tile.view(offset, most) == tile.read(offset, most)


def test_a_view_is_bounded() -> None:
    """However much is asked for, a view has no more than VIEW_SIZE bytes; reading has."""
    tile = Tile("abc", b"abc")
    assert len(tile.view(2, 2**40)) == Tile.VIEW_SIZE
    assert tile.read(2, 2**20 + 7) == (b"abc" * 2**20)[2 : 2**20 + 9]


def test_a_tile_has_a_pattern() -> None:
    """Nothing cannot be repeated."""
    with pytest.raises(ValueError, match="at least one byte"):
        Tile("none", b"")


RULER_LINES = {
    0: b"000000000000000\n",
    16: b"000000000000010\n",
    0xFFFF0: b"0000000000ffff0\n",
    0x123456789ABCDE0: b"123456789abcde0\n",
    2**60 - 16: b"ffffffffffffff0\n",
    2**60: b"000000000000000\n",  # modulo 1 EiB
    2**63 - 16: b"ffffffffffffff0\n",
}


@pytest.mark.parametrize(("offset", "line"), RULER_LINES.items())
def test_ruler(offset: int, line: bytes) -> None:
    """Each line spells its offset, whether it is read alone, in part, or in a large block."""
    assert RULER.read(offset, 16) == line
    assert RULER.read(offset, 5000)[:16] == line
    assert RULER.read(offset + 3, 5) == line[3:8]
    before = min(offset, 70_000)
    assert RULER.read(offset - before, 140_000)[before : before + 16] == line


# The README's and docs/content.md's vectors, made with openssl.
RANDOM_BYTES = {
    (0, 0): "66e94bd4ef8a2c3b884cfa59ca342b2e",
    (0, 16): "58e2fccefa7e3061367f1d57a4e7455a",
    (1, 0): "0545aad56da2a97c3663d1432a3d1c84",
}


@pytest.mark.parametrize(("where", "expected"), RANDOM_BYTES.items())
def test_random(where: tuple[int, int], expected: str) -> None:
    """These bytes are for ever."""
    seed, offset = where
    assert Random(seed).read(offset, 16).hex() == expected


@pytest.mark.parametrize(("seed", "block"), [(0, 0), (7, 12345), (2**64 - 1, 2**59 - 1)])
def test_random_is_what_openssl_makes(seed: int, block: int) -> None:
    """It is the keystream that openssl makes with the documented key and counter."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = ["openssl", "enc", "-aes-128-ctr", "-K", f"{seed:032x}", "-iv", f"{block:032x}"]
    made = subprocess.run(command, input=bytes(1000), capture_output=True, check=True, timeout=30).stdout
    assert Random(seed).read(16 * block, 1000) == made


def test_literal() -> None:
    """A literal has an end."""
    assert Literal("x", b"abcdef").read(4, 10) == b"ef"


def test_own_content_comes_first() -> None:
    """A kind of the user's own may take the name of one of ours."""
    for kind in (*KINDS, "random"):
        assert find_content(kind, None, {kind: KINDS["zeros"]}) is KINDS["zeros"]
