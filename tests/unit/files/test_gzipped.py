"""gzipped.py: content that is itself a gzip file."""

from __future__ import annotations

import gzip
import time
import tracemalloc
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakefiles
from doubles import Connection
from fakefiles.files.content import sized
from fakefiles.files.errors import RequestError
from fakefiles.files.gzipped import SMALLEST, STORED, Gzipped
from fakefiles.files.kinds import GZIP, ONES, RULER
from fakefiles.files.units import MAX_SIZE

BLOCK = STORED + 5
# The end of the header, the borders of the blocks, and where one more begins: sizes beside them.
BORDERS = [SMALLEST + blocks * BLOCK + more for blocks in (1, 2, 7) for more in (-6, -5, -4, -1, 0, 1, 4, 5, 6)]


def assert_valid(size: int) -> None:
    """Assert that a file is a gzip file of its size, in which there is the ruler."""
    data = GZIP.of_size(size).read(0, size)
    assert len(data) == size
    payload = gzip.decompress(data)
    assert payload == RULER.read(0, len(payload))


@pytest.mark.parametrize("size", [*range(23, 60), *BORDERS, 3_000_001])
def test_valid(size: int) -> None:
    """The file has this size, and gunzip takes it."""
    assert_valid(size)


def test_valid_in_steps() -> None:
    """So it is in between."""
    for size in range(23, 70_100, 509):
        assert_valid(size)


@given(st.integers(23, 400_000))
def test_any_size(size: int) -> None:
    """So is any size."""
    assert_valid(size)


def test_bytes() -> None:
    """These bytes are for ever."""
    assert GZIP.of_size(23).read(0, 99).hex() == "1f8b08000000000000ff" + "010000ffff" + "00000000" + "00000000"
    assert (
        GZIP.of_size(26).read(0, 99).hex() == "1f8b08000000000000ff" + "010300fcff" + "303030" + "dd3ab522" + "03000000"
    )
    assert GZIP.of_size(2 * BLOCK).read(10, 5).hex() == "00f0ff0f00"


@given(st.integers(0, 2**47), st.integers(-20, 20))
def test_huge(blocks: int, more: int) -> None:
    """At each border there is a block; the last block is the only one, and ends in time for the trailer."""
    size = min(max(SMALLEST + blocks * BLOCK + more, SMALLEST), MAX_SIZE)
    file = GZIP.of_size(size)
    last, stored = divmod(size - SMALLEST, BLOCK)
    for block in {0, last // 2, last - 1, last} - {-1}:
        header = file.read(10 + block * BLOCK, 5)
        length = int.from_bytes(header[1:3], "little")
        assert (header[0], length) == ((1, stored) if block == last else (0, STORED))
        assert length ^ int.from_bytes(header[3:], "little") == 0xFFFF
        assert file.read(15 + block * BLOCK, 32)[:length] == RULER.read(block * STORED, 32)[:length]
    payload_size = last * STORED + stored
    assert 10 + last * BLOCK + 5 + stored + 8 == size
    assert file.read(size - 4, 99) == (payload_size % 2**32).to_bytes(4, "little")
    assert len(file.read(size - 8, 99)) == 8


@given(st.integers(23, 300_000), st.integers(0, 300_000), st.integers(0, 70_000))
def test_slices_agree(size: int, offset: int, length: int) -> None:
    """Reading at an offset gives what reading from the start has there; nothing is beyond the end."""
    file = GZIP.of_size(size)
    assert file.read(offset, length) == file.read(0, size)[offset : offset + length]


@given(st.integers(0, MAX_SIZE), st.integers(0, 3000))
def test_any_offset(offset: int, length: int) -> None:
    """Two reads are the one, also at the end of the largest file; before its end it is as one without an end."""
    file = GZIP.of_size(MAX_SIZE)
    for start in (offset, MAX_SIZE - offset % 5000):
        whole = file.read(start, length)
        assert len(whole) == min(length, MAX_SIZE - start)
        assert file.read(start, length // 3) + file.read(start + length // 3, length - length // 3) == whole
    if offset < MAX_SIZE - 100_000:
        assert file.read(offset, length) == GZIP.read(offset, length)


def test_bounded() -> None:
    """The largest file takes no more time and memory than another one."""
    file = Gzipped("new", RULER).of_size(MAX_SIZE)
    tracemalloc.start()
    started = time.process_time()
    assert len(file.read(MAX_SIZE - 100_000, 100_000)) == 100_000
    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_crc_of_a_medium_one() -> None:
    """The CRC in the trailer is that of zlib."""
    size = SMALLEST + 100 * BLOCK + 3
    file = GZIP.of_size(size)
    assert file.read(size - 8, 4) == crc32(RULER.read(0, 100 * STORED + 3)).to_bytes(4, "little")


@pytest.mark.parametrize("size", [0, 1, 22])
def test_too_small(size: int) -> None:
    """There is no smaller one, which one line says."""
    with pytest.raises(RequestError, match=r"^a gzip file has at least 23 bytes here; ask for more, or for another "):
        GZIP.of_size(size)


def test_identities() -> None:
    """Each size is a content of its own; other content does not depend on it."""
    assert [file.identity for file in (GZIP, sized(GZIP, 23), GZIP.of_size(23).of_size(24))] == [
        "gzip",
        "gzip-23",
        "gzip-24",
    ]
    assert sized(ONES, 23) is ONES


@given(st.integers(0, 2**40), st.integers(-40, 40), st.binary(max_size=15))
def test_locating(blocks: int, more: int, before: bytes) -> None:
    """Its bytes tell where they belong, also around the borders of blocks."""
    offset = max(10 + blocks * BLOCK + more, 0)
    assert offset in GZIP.offsets(before + GZIP.read(offset, 49), len(before))


class TestServed:
    """A gzip file that is served."""

    URL = "/200000/a.tar.gz?content=gzip"

    def test_whole_and_in_part(self) -> None:
        """A range is one of the gzip file, whatever Content-Encoding says."""
        client = Connection()
        target = f"{self.URL}&header=Content-Encoding:%20gzip"
        whole = client.get(target)
        assert (whole.headers["content-encoding"], whole.headers["content-type"]) == ("gzip", "application/gzip")
        assert whole.headers["etag"] == '"gzip-200000-200000"'
        payload = gzip.decompress(whole.body)
        assert payload == RULER.read(0, len(payload))
        part = client.get(target, "Range: bytes=199980-")
        assert (part.status, part.body) == (206, whole.body[-20:])

    def test_flipped(self) -> None:
        """A flipped bit is one of the gzip file, which is invalid then."""
        with pytest.raises(gzip.BadGzipFile, match="CRC"):
            gzip.decompress(Connection().get(f"{self.URL}&flip=50%25").body)

    @pytest.mark.parametrize("target", ["/22", "/0/a.gz", "/22.sha256", "/1k?change=2&change_size=22"])
    def test_too_small(self, target: str) -> None:
        """A size below the smallest one is refused, also as the second version, on the first request."""
        response = Connection(fakefiles.site(content="gzip")).get(target)
        assert (response.status, response.body.startswith(b"a gzip file has at least 23 bytes")) == (400, True)

    def test_checksum(self) -> None:
        """The checksum file is that of the gzip file of that size."""
        sums = {Connection().get(f"/{size}/a.md5?content=gzip").body for size in (100_000, 100_001)}
        assert len(sums) == 2

    def test_changed(self) -> None:
        """The second version is a gzip file, too."""
        client = Connection()
        first, second = [client.get("/1k?content=gzip&change=2&change_size=2k").body for _ in "12"]
        assert gzip.decompress(first) == RULER.read(0, 1001)
        assert gzip.decompress(second).startswith(b"\nAAAAAAAAAAAAAA2\n")
        assert len(second) == 2048


class TestVerify:
    """fakefiles.verify of a gzip file."""

    URL = "/200000?content=gzip"
    RIGHT = GZIP.of_size(200_000).read(0, 200_000)

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """Return the path of a download."""
        return tmp_path / "x.gz"

    def report(self, path: Path, data: bytes, more: str = "") -> str:
        """Return the report on a download of these bytes, in words."""
        path.write_bytes(data)
        return str(fakefiles.verify(path, self.URL + more))

    def test_right(self, path: Path) -> None:
        """It is what the URL denotes, by its query or by the settings."""
        assert self.report(path, self.RIGHT) == "identical: 200000 bytes"
        assert fakefiles.verify(path, "/200000", content="gzip").identical

    def test_trailer(self, path: Path) -> None:
        """One bit of the CRC counts."""
        damaged = self.RIGHT[:-8] + bytes([self.RIGHT[-8] ^ 4]) + self.RIGHT[-7:]
        assert self.report(path, damaged).endswith("199992-199992 (1 bytes): 1 flipped bit(s): bit 2 of byte 199992")

    @pytest.mark.parametrize("origin", [30_000, 60_000])
    def test_moved(self, path: Path, origin: int) -> None:
        """What is in a wrong place is found as a whole, over the border of a block; it is not called a ruler."""
        damaged = self.RIGHT[:10_000] + self.RIGHT[origin : origin + 10_000] + self.RIGHT[20_000:]
        path.write_bytes(damaged)
        (region,) = fakefiles.verify(path, self.URL).regions
        assert (region.what, region.start // 16) == ("moved", 625)
        assert 20_000 - 16 <= region.stop <= 20_000
        assert region.offset == region.start + origin - 10_000

    def test_decompressed(self, path: Path) -> None:
        """A client that has decompressed it has the ruler, whose last byte is right by chance."""
        assert self.report(path, gzip.decompress(self.RIGHT)).splitlines()[2:] == [
            "1 wrong region(s), 199961 bytes in all:",
            "  0-199960 (199961 bytes): content ruler, from offset 0",
        ]

    def test_splice(self, path: Path) -> None:
        """Both versions are known, and their splice."""
        path.write_bytes(Connection().get(f"{self.URL}&change=1").body)
        assert str(fakefiles.verify(path, f"{self.URL}&change=2")) == "identical: 200000 bytes, version 2"
        second_half = path.read_bytes()[100_000:]
        words = self.report(path, self.RIGHT[:100_000] + second_half, "&change=2")
        assert words.startswith("different: a splice of two versions: bytes 0 to 99999 of version 1, the rest of v")
