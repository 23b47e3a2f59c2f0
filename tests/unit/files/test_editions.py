"""editions.py: the second version of a file."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.content import Content, Literal, Tile
from fakefiles.files.editions import SecondRuler, second_content, second_file
from fakefiles.files.gzipped import Gzipped
from fakefiles.files.kinds import GZIP, KINDS, ONES, RULER, ZEROS, Random
from fakefiles.files.virtual_file import LAST_MODIFIED, VirtualFile

DATA = Literal("data", bytes(range(256)) * 16)
FIRST = [*(kind.content for kind in KINDS.values()), Random(5), DATA]
OFFSETS = [0, 1, 15, 16, 100, 2**40 + 7, 2**56 - 20, 2**62]


def test_bytes() -> None:
    """These bytes are the second version, for ever."""
    assert second_content(ONES).read(5, 3) == b"222"
    assert second_content(ZEROS).read(5, 3) == b"\3\3\3"
    assert second_content(DATA).read(1, 4) == bytes([2, 1, 0, 7])
    assert second_content(Random(5)) == Random(5 + 2**63)
    assert second_content(second_content(Random(5))) == Random(5)
    assert second_content(RULER).read(0, 48) == b"\nAAAAAAAAAAAAAA2\nAAAAAAAAAAAABA2\nAAAAAAAAAAAACA2"
    assert second_content(RULER).read(0xABCDEF0, 16) == b"\nAAAAAAAKLMNOPA2"
    assert second_content(RULER).read(2**56 + 14, 4) == b"A2\nA"


def test_tile() -> None:
    """The second version of a tile is as fast, and made once."""
    second = second_content(Tile("ab", b"ab"))
    assert isinstance(second, Tile)
    assert second is second_content(Tile("ab", b"ab"))
    assert second.pattern == b"ba"[::-1].translate(bytes(byte ^ 3 for byte in range(256)))


@pytest.mark.parametrize("content", FIRST, ids=lambda content: content.identity)
def test_no_byte_is_the_same(content: Content) -> None:
    """A splice shows to the byte, but for the frame of a gzip file; the identity, and so the ETag, is another one."""
    second = second_content(content)
    assert second.identity not in {content.identity for content in FIRST}
    offsets = [0, 1, 15, 16, 100] if content is DATA else OFFSETS
    for offset in offsets:
        pairs = zip(content.read(offset, 1000), second.read(offset, 1000), strict=True)
        same = sum(one == other for one, other in pairs)
        assert same < 20 if isinstance(content, (Random, Gzipped)) else same == 0


@given(st.integers(0, 2**62), st.integers(0, 100), st.integers(0, 100))
def test_any_slice_of_the_ruler(start: int, skipped: int, length: int) -> None:
    """A slice is the same however it is read."""
    whole = SecondRuler().read(start, skipped + length)
    assert len(whole) == skipped + length
    assert SecondRuler().read(start + skipped, length) == whole[skipped:]


@pytest.mark.parametrize("start", [0, 16, 16 * 12_345, 2**55])
@pytest.mark.parametrize("at", [0, 7, 15])
def test_where_lines_belong(start: int, at: int) -> None:
    """The lines tell their offsets, once each; the ruler that is the first version tells nothing."""
    window = SecondRuler().read(start, 64)
    assert list(SecondRuler().offsets(window, at)) == [start + at]
    assert list(SecondRuler().offsets(window[3:], at)) == [start + 3 + at]
    assert list(SecondRuler().offsets(RULER.read(start, 64), at)) == []
    assert list(RULER.offsets(window, at)) == []


def test_no_offset_is_negative() -> None:
    """A line that would belong before the beginning tells nothing."""
    assert list(SecondRuler().offsets(b"??????" + SecondRuler().read(0, 16), 0)) == []


def test_file() -> None:
    """The second version has the same name, another content, another time, and perhaps another size."""
    first = VirtualFile(100, ONES, "a.bin")
    second = second_file(first)
    assert (second.size, second.name, second.etag) == (100, "a.bin", '"ones-v2-100"')
    assert (first.modified, second.modified) == (LAST_MODIFIED, LAST_MODIFIED + 86_400)
    assert [second_file(first, size).size for size in (None, 0, 200)] == [100, 0, 200]


def test_gzip_file() -> None:
    """The second version is a valid gzip file of its own size, with the second version of the ruler in it."""
    first = VirtualFile(100, GZIP.of_size(100))
    for size in (100, 23, 70_000):
        second = second_file(first, size)
        assert second.etag == f'"gzip-v2-{size}-{size}"'
        data = second.content.read(0, size)
        assert len(data) == size
        payload = gzip.decompress(data)
        assert payload == SecondRuler().read(0, len(payload))
    assert second_file(first).content == second_file(first, 100).content
