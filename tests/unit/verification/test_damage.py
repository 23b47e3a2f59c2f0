"""damage.py and one_file.py: every kind of damage is found where it is, and called what it is."""

from __future__ import annotations

import errno
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fakefiles
from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER, ZEROS, Random
from fakefiles.verification.damage import Comparison, Region, first_difference

MIB = 1 << 20
# The last one has a seed that is not tried, but for being the right one.
CONTENTS: dict[str, Content] = {"ruler": RULER, "random": Random(0), "random-5000": Random(5000)}
contents = pytest.mark.parametrize("expected", CONTENTS.values(), ids=CONTENTS)


class Letters:
    """Content of a user's own."""

    identity = "letters"

    def read(self, offset: int, length: int) -> bytes:
        """Return the alphabet, over and over."""
        return bytes(97 + (offset + i) % 26 for i in range(length))


def regions(data: bytes, expected: Content, *others: Content) -> list[Region]:
    """Return what is wrong with data."""

    def read(offset: int, length: int) -> bytes:
        piece = data[offset : offset + length]
        assert len(piece) == length, "read outside the file"
        return piece

    return list(Comparison(read, expected, len(data), others).regions())


def wrong_bytes(data: bytes, expected: Content) -> list[int]:
    """Return the offsets of all wrong bytes, the slow way."""
    right = expected.read(0, len(data))
    return [offset for offset in range(len(data)) if data[offset] != right[offset]]


@contents
@pytest.mark.parametrize("size", [0, 1, 100, 300_000])
def test_nothing_wrong(expected: Content, size: int) -> None:
    """Correct data has no regions."""
    assert regions(expected.read(0, size), expected) == []


@contents
@pytest.mark.parametrize(("start", "length"), [(0, 100), (1, 5000), (131071, 2), (200_000, 100_000), (12345, 54321)])
def test_hole(expected: Content, start: int, length: int) -> None:
    """Zeros are a hole."""
    data = bytearray(expected.read(0, 300_000))
    data[start : start + length] = bytes(length)
    wrong = wrong_bytes(bytes(data), expected)
    (region,) = regions(bytes(data), expected)
    assert (region.start, region.stop) == (wrong[0], wrong[-1] + 1)
    assert region.what == ("zeros" if length > 17 else "flipped" if len(region.bits) else "unknown")


@contents
def test_swapped_segments(expected: Content) -> None:
    """Each of two swapped segments is said to belong where the other lies."""
    right = expected.read(0, MIB)
    data = right[:100_000] + right[700_000:800_000] + right[200_000:700_000] + right[100_000:200_000] + right[800_000:]
    first, second = regions(data, expected)
    assert (first.what, first.offset) == ("moved", first.start + 600_000)
    assert (second.what, second.offset) == ("moved", second.start - 600_000)
    wrong = wrong_bytes(data, expected)
    assert (first.start, second.stop) == (wrong[0], wrong[-1] + 1)


@contents
@pytest.mark.parametrize("shift", [1, 5, 16, 4096, 100_003])
def test_inserted_bytes(expected: Content, shift: int) -> None:
    """After an insertion everything belongs elsewhere; what was inserted is told apart from it."""
    right = expected.read(0, 500_000)
    data = (right[:100_000] + b"\xff" * shift + right[100_000:])[: len(right)]
    *inserted, moved = regions(data, expected)
    assert moved.what == "moved"
    assert len(data) - 16 < moved.stop <= len(data)
    assert moved.offset == moved.start - shift
    assert 100_000 + shift <= moved.start <= 100_000 + shift + 16
    assert all(region.what in {"unknown", "flipped"} for region in inserted)


@contents
@pytest.mark.parametrize("shift", [1, 16, 100_003])
def test_left_out_bytes(expected: Content, shift: int) -> None:
    """After an omission everything belongs further on."""
    right = expected.read(0, 500_000)
    data = right[:100_000] + right[100_000 + shift :]
    (moved,) = regions(data, expected)
    assert (moved.what, moved.offset) == ("moved", moved.start + shift)


@contents
@pytest.mark.parametrize("flips", [[(5, 0)], [(5, 0), (5, 7), (40, 3)], [(131071, 2), (131072, 2)], [(299_999, 1)]])
def test_flipped_bits(expected: Content, flips: list[tuple[int, int]]) -> None:
    """A few flipped bits are told one by one."""
    data = bytearray(expected.read(0, 300_000))
    for offset, bit in flips:
        data[offset] ^= 1 << bit
    (region,) = regions(bytes(data), expected)
    assert (region.what, region.bits) == ("flipped", tuple(flips))
    assert (region.start, region.stop) == (flips[0][0], flips[-1][0] + 1)


@pytest.mark.parametrize(
    ("actual", "expected", "identity", "where"),
    [
        (Random(3), Random(0), "random-3", 0),
        (Random(3), Random(0), "random-3", 1000),
        (Random(0), RULER, "random-0", 0),
        (Random(5), ONES, "random-5", 1001),
        (RULER, Random(0), "ruler", 0),
        (RULER, ZEROS, "ruler", 1001),
        (ONES, RULER, "ones", 0),
        (Letters(), RULER, "letters", 0),
    ],
)
def test_other_content(actual: Content, expected: Content, identity: str, where: int) -> None:
    """The content of another kind or seed is recognised, and what tells its offset also in the wrong place."""
    (region, *_) = regions(actual.read(where, 10_000), expected, Letters())
    assert (region.what, region.identity) == ("content", identity)
    assert region.offset == region.start + where


@pytest.mark.parametrize(
    ("start", "stop", "what"),
    [(1000, 1100, "unknown"), (1000, 1300, "content"), (2900, 3000, "unknown"), (2744, 3000, "content")],
)
def test_how_long_a_region_of_another_seed_is(start: int, stop: int, what: str) -> None:
    """Thousands of seeds are tried, which takes time: not for a short region, be it in the middle or at the end."""
    data = bytearray(RULER.read(0, 3000))
    data[start:stop] = Random(9).read(start, stop - start)
    (region,) = regions(bytes(data), RULER)
    assert (region.start, region.stop, region.what) == (start, stop, what)


@contents
def test_unknown(expected: Content) -> None:
    """Bytes of no known origin are called unknown; correct bytes end the region."""
    data = bytearray(expected.read(0, 400_000))
    data[100_000:250_000] = bytes(i * i % 251 for i in range(150_000))
    (region,) = regions(bytes(data), expected)
    assert region.what == "unknown"
    assert 100_000 <= region.start < 100_016
    assert 249_984 < region.stop <= 250_000


def test_more_damages_than_are_explained() -> None:
    """Thousands of damages are all found; the first thousand of them are explained."""
    data = bytearray(RULER.read(0, 300_000))
    data[::200] = bytes(byte ^ 1 for byte in data[::200])
    found = regions(bytes(data), RULER)
    assert [(region.start, region.stop) for region in found] == [(at, at + 1) for at in range(0, 300_000, 200)]
    assert {region.what for region in found[:1000]} == {"flipped"}
    assert {region.what for region in found[1000:]} == {"unknown"}


def test_damages_behind_unknown_bytes() -> None:
    """Damage that can be explained is found even far before and after damage that cannot."""
    junk = bytes(i * i % 251 for i in range(4_000_000))
    data = bytearray(RULER.read(0, 5_000_000))
    data[10_000:3_000_000] = junk[:2_990_000]
    data[20_000:23_000] = bytes(3000)
    data[2_000_000:2_400_000] = bytes(400_000)
    data[2_600_000:2_800_000] = RULER.read(4_000_000, 200_000)
    found = [region for region in regions(bytes(data), RULER) if region.what != "unknown"]
    assert [(region.what, region.start, region.stop) for region in found[:2]] == [
        ("zeros", 20_000, 23_000),
        ("zeros", 2_000_000, 2_400_000),
    ]
    (moved,) = found[2:]
    assert (moved.what, moved.offset) == ("moved", moved.start + 1_400_000)
    assert moved.start - 2_600_000 < 16
    assert 2_800_000 - moved.stop < 16


def test_a_small_hole_in_unknown_bytes() -> None:
    """Up to 1 MiB of unknown bytes, what is larger than 4 KiB is found in them."""
    data = bytearray(i * i % 251 for i in range(60_000))
    data[40_000:45_000] = bytes(5000)
    assert [region for region in regions(bytes(data), RULER) if region.what == "zeros"] == [
        Region(40_000, 45_000, "zeros")
    ]


class Version(Letters):
    """Content that differs from Letters in one byte."""

    identity = "version"

    def read(self, offset: int, length: int) -> bytes:
        data = bytearray(super().read(offset, length))
        if offset <= 100 < offset + length:
            data[100 - offset] ^= 0xFF
        return bytes(data)


def test_an_explanation_that_agrees_with_the_rest() -> None:
    """A content that differs in one byte only is not the explanation for correct bytes."""
    assert [(region.start, region.stop) for region in regions(Version().read(0, 300_000), Letters(), Version())] == [
        (100, 101)
    ]


def test_a_line_among_unknown_bytes() -> None:
    """A single line that spells an offset explains nothing."""
    data = bytearray(RULER.read(0, 3000))
    data[1000:1300] = b"?" * 300
    data[1064:1080] = b"000000000fffff0\n"
    assert [(region.start, region.stop, region.what) for region in regions(bytes(data), RULER)] == [
        (1000, 1300, "unknown")
    ]


def test_unknown_up_to_the_end() -> None:
    """Unknown bytes may go on to the end."""
    data = RULER.read(0, 1000) + b"?" * 1000
    assert [(region.start, region.stop, region.what) for region in regions(data, RULER)] == [(1000, 2000, "unknown")]


@settings(max_examples=150)
@given(data=st.data(), expected=st.sampled_from(list(CONTENTS.values())), size=st.integers(1, 3000))
def test_every_wrong_byte_is_in_a_region(data: Any, expected: Content, size: int) -> None:
    """Whatever the damage: regions hold all wrong bytes, begin and end with one, and do not overlap."""
    damaged = bytearray(expected.read(0, size))
    for _ in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, size - 1))
        stop = data.draw(st.integers(start, size))
        source = data.draw(st.sampled_from([ZEROS, RULER, Random(0), Random(9), ONES, Letters()]))
        damaged[start:stop] = source.read(data.draw(st.integers(0, 5000)), stop - start)
    found = regions(bytes(damaged), expected)
    wrong = wrong_bytes(bytes(damaged), expected)
    assert all(any(region.start <= offset < region.stop for region in found) for offset in wrong)
    assert all(region.start in wrong and region.stop - 1 in wrong for region in found)
    assert all(one.stop <= other.start for one, other in pairwise(found))


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_first_difference(one: bytes, other: bytes) -> None:
    """It is where a loop would find it."""
    shorter = min(len(one), len(other))
    assert first_difference(one, other) == next((i for i in range(shorter) if one[i] != other[i]), shorter)


def test_words() -> None:
    """Each region says in a line what it is."""
    assert str(Region(10, 30, "zeros")) == "10-29 (20 bytes): zeros (a hole)"
    assert str(Region(10, 30, "moved", 50, "ruler")) == "10-29 (20 bytes): bytes that belong at offset 50"
    assert str(Region(10, 30, "content", 10, "random-3")) == "10-29 (20 bytes): content random-3, from offset 10"
    flipped = Region(10, 11, "flipped", bits=((10, 3),))
    assert str(flipped) == "10-10 (1 bytes): 1 flipped bit(s): bit 3 of byte 10"
    assert str(Region(10, 30, "unknown")) == "10-29 (20 bytes): unknown bytes"


class TestVerify:
    """fakefiles.verify."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """Return a file of 10,000 bytes of ruler."""
        path = tmp_path / "x.bin"
        path.write_bytes(RULER.read(0, 10_000))
        return path

    @pytest.mark.parametrize(
        "url",
        [
            "http://localhost:8000/10000?content=ruler",
            "/10kB/x.bin?content=ruler&framing=chunked",
            "http://host/files/here/10000/9.bin?content=ruler",
            "localhost:8000/10000?content=ruler",
            "example.org/10000/x?content=ruler",
            "/10000/a%20b.sha256?content=ruler&sidecar=off",
        ],
    )
    def test_identical(self, path: Path, url: str) -> None:
        """A file is what the URL denotes, wherever that is served and however delivered."""
        report = fakefiles.verify(path, url)
        assert report.identical
        assert report.first_wrong_offset is None
        assert str(report) == "identical: 10000 bytes"

    def test_defaults(self, path: Path) -> None:
        """The settings of the server can be given."""
        assert fakefiles.verify(path, "/10000", content="ruler").identical
        assert fakefiles.verify(path, "/10001", content="ruler").region_count == 0
        path.write_bytes(Random(3).read(0, 100))
        assert fakefiles.verify(path, "/100", content="random", seed=3).identical
        path.write_bytes(Letters().read(0, 100))
        assert fakefiles.verify(path, "/100?content=letters", contents={"letters": Letters()}).identical

    @pytest.mark.parametrize(("size", "words"), [(9990, "10 too many"), (10_010, "10 are missing")])
    def test_length(self, path: Path, size: int, words: str) -> None:
        """A wrong length is a difference, where the shorter one ends."""
        report = fakefiles.verify(path, f"/{size}?content=ruler")
        assert not report.identical
        assert report.first_wrong_offset == min(size, 10_000)
        assert str(report).splitlines() == [
            f"different: the first wrong byte is {min(size, 10_000)}",
            f"length: 10000 bytes instead of {size}: {words}",
        ]
        assert (report.expected_size, report.actual_size, report.regions, report.region_count) == (size, 10_000, (), 0)
        assert (report.wrong_bytes, report.as_dict()["first_wrong_offset"]) == (0, min(size, 10_000))

    def test_identical_for_json(self, path: Path) -> None:
        """JSON has all fields, and the verdict first."""
        report = fakefiles.verify(path, "/10000?content=ruler").as_dict()
        assert list(report.items())[:2] == [("identical", True), ("first_wrong_offset", None)]
        assert (report["expected_size"], report["actual_size"], report["regions"]) == (10_000, 10_000, ())

    def test_wrong_bytes_and_length(self, path: Path) -> None:
        """A region before the end of the shorter file is what is wrong first; all its bytes count."""
        path.write_bytes(RULER.read(0, 100) + bytes(50) + RULER.read(150, 50) + b"?")
        report = fakefiles.verify(path, "/200?content=ruler")
        (region,) = report.regions
        assert (report.identical, report.first_wrong_offset) == (False, 100)
        assert report.wrong_bytes == region.stop - region.start == 50
        assert str(report).splitlines() == [
            "different: the first wrong byte is 100",
            "length: 201 bytes instead of 200: 1 too many",
            "1 wrong region(s), 50 bytes in all:",
            "  100-149 (50 bytes): zeros (a hole)",
        ]

    def test_contents_of_a_user(self, path: Path) -> None:
        """What the user brings is found in a wrong place, too."""
        path.write_bytes(Letters().read(0, 100))
        report = fakefiles.verify(path, "/100?content=ruler", contents={"letters": Letters()})
        assert [region.identity for region in report.regions] == ["letters"]

    @pytest.mark.parametrize("count", [20, 21])
    def test_as_many_regions_as_are_listed(self, path: Path, count: int) -> None:
        """Of twenty regions, none is left out."""
        data = bytearray(path.read_bytes())
        for number in range(count):
            data[100 + 200 * number] ^= 1
        path.write_bytes(data)
        lines = str(fakefiles.verify(path, "/10000?content=ruler")).splitlines()
        assert len(lines) == 3 + count
        assert ("more" in lines[-1]) is (count == 21)

    def test_report(self, path: Path) -> None:
        """The first twenty regions are listed, all are counted."""
        data = bytearray(path.read_bytes())
        for number in range(30):
            data[100 + 200 * number] ^= 1
        path.write_bytes(data)
        report = fakefiles.verify(path, "/10000?content=ruler")
        assert (report.region_count, len(report.regions), report.wrong_bytes) == (30, 20, 30)
        lines = str(report).splitlines()
        assert lines[:3] == [
            "different: the first wrong byte is 100",
            "length: 10000 bytes, as it should be",
            "30 wrong region(s), 30 bytes in all:",
        ]
        assert lines[3] == "  100-100 (1 bytes): 1 flipped bit(s): bit 0 of byte 100"
        assert lines[-1] == "  and 10 more"
        assert report.as_dict()["regions"][0]["bits"] == ((100, 0),)

    def test_progress(self, path: Path) -> None:
        """Progress is told in bytes, up to the end."""
        done: list[int] = []
        fakefiles.verify(path, "/10000?content=ruler", progress=done.append)
        assert done[-1] == 10_000

    @pytest.mark.parametrize(
        ("url", "message"),
        [
            ("http://localhost/abc", "the URL names no file: it has no size, like /700m"),
            ("http://localhost/abc/:/x", "names no file"),
            ("https://localhost/1x", "not a size"),
            ("localhost:8000/10000/", "a file has one name and no folders"),
            ("", "names no file"),
            ("10000", "names no file"),
            ("ftp://localhost/10000", "not one of HTTP"),
            ("/1x", "not a size"),
            ("/1k?content=nothing", "content is one of"),
            ("/1k.sha256", "names a checksum file"),
            ("/1k/x.md5", "the URL names a checksum file; leave out its suffix"),
        ],
    )
    def test_bad_url(self, path: Path, url: str, message: str) -> None:
        """A URL that denotes no file is an error."""
        with pytest.raises(RequestError, match=message):
            fakefiles.verify(path, url)

    @pytest.mark.parametrize("special", ["/dev/null", "fifo"])
    def test_not_a_regular_file(self, tmp_path: Path, special: str) -> None:
        """A file without a length, like a pipe, is not compared, and not waited for."""
        os.mkfifo(tmp_path / "fifo")
        with pytest.raises(OSError, match="not a regular file") as caught:
            fakefiles.verify(tmp_path / special, "/0")
        assert (caught.value.errno, caught.value.filename) == (errno.EINVAL, str(tmp_path / special))

    def test_file_that_shrinks(self, path: Path) -> None:
        """A file that changes while it is read is an error, not a verdict."""

        def shrink(_: int) -> None:
            path.write_bytes(b"")

        path.write_bytes(RULER.read(0, 1_000_000))
        with pytest.raises(OSError, match=r"^the file changed: no \d+ bytes at \d+$"):
            fakefiles.verify(path, "/1000000?content=ruler", progress=shrink)
