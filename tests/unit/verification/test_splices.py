"""splices.py and one_file.py: of which versions of a file that changes a download is made."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakefiles
from fakefiles.files.content import Content
from fakefiles.files.editions import SecondRuler, second_content
from fakefiles.files.kinds import ONES, RULER, ZEROS, Random, find_content
from fakefiles.verification import splices
from fakefiles.verification.damage import Comparison
from fakefiles.verification.one_file import Report
from fakefiles.verification.splices import Stretch, in_words, stretches

SIZE = 10_000


def spliced(content: Content, edges: Sequence[int], first: int = 1) -> bytes:
    """Return the bytes of a download that goes to the other version at each edge, the last of which is its end."""
    contents = [content, second_content(content)][:: 1 if first == 1 else -1]
    starts = [0, *edges[:-1]]
    pairs = zip(starts, edges, strict=True)
    return b"".join(contents[place % 2].read(start, stop - start) for place, (start, stop) in enumerate(pairs))


def found_in(data: bytes, content: Content) -> list[Stretch]:
    """Return the stretches of a download."""

    def read(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    both = [content, second_content(content)]
    return stretches([Comparison(read, each, len(data)) for each in both], len(data))


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=20), st.sampled_from([ONES, ZEROS, RULER]), st.integers(1, 2)
)
def test_any_splice(lengths: list[int], content: Content, first: int) -> None:
    """Every boundary is found to the byte."""
    edges = [sum(lengths[: place + 1]) for place in range(len(lengths))]
    found = found_in(spliced(content, edges, first), content)
    assert [each.stop for each in found] == edges
    assert [each.start for each in found] == [0, *edges[:-1]]
    assert [each.edition for each in found] == [2 - (place + first) % 2 for place in range(len(edges))]


def test_what_is_no_splice() -> None:
    """Bytes of neither version, and too many stretches, are another damage."""
    assert found_in(b"1112x22", ONES) == []
    assert found_in(b"", ONES) == []
    most = splices._MOST_STRETCHES
    assert len(found_in(b"12" * (most // 2), ONES)) == most
    assert found_in(b"12" * (most // 2) + b"1", ONES) == []


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([10], "bytes 0 to 9 of version 1"),
        ([4, 10], "bytes 0 to 3 of version 1, the rest of version 2"),
        ([4, 5, 10], "bytes 0 to 3 of version 1, bytes 4 to 4 of version 2, the rest of version 1"),
        ([4, 5, 8, 10], "bytes 0 to 3 of version 1, bytes 4 to 4 of version 2, bytes 5 to 7 of version 1, and 1 more"),
    ],
)
def test_words(edges: list[int], words: str) -> None:
    """They are said in the order of the file, not all if there are many."""
    assert in_words(found_in(spliced(ONES, edges), ONES), 3) == words


class TestVerify:
    """fakefiles.verify of a file that changes."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """Return the path of a download."""
        return tmp_path / "x.bin"

    def verified(self, path: Path, data: bytes, more: str = "") -> Report:
        """Return the report on a download of these bytes."""
        path.write_bytes(data)
        return fakefiles.verify(path, f"/{SIZE}?content=ruler&change=2{more}")

    def test_whole(self, path: Path) -> None:
        """Each version is right as a whole, and told."""
        report = self.verified(path, RULER.read(0, SIZE))
        assert (report.identical, report.edition, str(report)) == (True, 1, f"identical: {SIZE} bytes, version 1")
        report = self.verified(path, SecondRuler().read(0, SIZE))
        assert (report.identical, report.edition, str(report)) == (True, 2, f"identical: {SIZE} bytes, version 2")
        assert report.stretches == ()

    def test_of_another_size(self, path: Path) -> None:
        """The second version may be longer, shorter or empty."""
        for size in (0, 500, 20_000):
            report = self.verified(path, SecondRuler().read(0, size), f"&change_size={size}")
            assert (report.identical, report.edition, report.expected_size) == (True, 2, size)
            report = self.verified(path, RULER.read(0, SIZE), f"&change_size={size}")
            assert (report.identical, report.edition, report.expected_size) == (True, 1, SIZE)

    @pytest.mark.parametrize("kind", ["ones", "zeros", "ruler", "random"])
    def test_every_kind(self, path: Path, kind: str) -> None:
        """Both versions of each kind are known, and their splices."""
        content = find_content(kind, None, {})
        for first, edges in ((1, [SIZE]), (2, [SIZE]), (1, [5000, SIZE])):
            path.write_bytes(spliced(content, edges, first))
            report = fakefiles.verify(path, f"/{SIZE}?content={kind}&change=call")
            assert report.identical is (len(edges) == 1)
            assert [each.edition for each in report.stretches] == ([] if report.identical else [1, 2])

    def test_splice(self, path: Path) -> None:
        """A splice is named, and all that is not of the version of its beginning is wrong."""
        report = self.verified(path, spliced(RULER, [5000, 7001, SIZE]))
        assert str(report).splitlines() == [
            (
                "different: a splice of two versions: bytes 0 to 4999 of version 1, bytes 5000 to 7000 of version 2,"
                " the rest of version 1"
            ),
            "length: 10000 bytes",
        ]
        assert (report.identical, report.first_wrong_offset, report.edition) == (False, 5000, 1)
        assert (report.expected_size, report.region_count, report.wrong_bytes) == (SIZE, 1, 2001)
        told = json.loads(json.dumps(report.as_dict()))
        assert told["stretches"] == [
            {"start": 0, "stop": 5000, "edition": 1},
            {"start": 5000, "stop": 7001, "edition": 2},
            {"start": 7001, "stop": SIZE, "edition": 1},
        ]
        (region,) = told["regions"]
        assert (region["start"], region["stop"], region["identity"]) == (5000, 7001, "ruler-v2")

    def test_splice_of_different_sizes(self, path: Path) -> None:
        """The old head and the new tail of a longer file; and all of the old file, and more."""
        report = self.verified(path, spliced(RULER, [5000, 12_000]), "&change_size=12000")
        assert str(report).startswith("different: a splice of two versions: bytes 0 to 4999 of version 1, the rest of")
        assert (report.expected_size, report.actual_size, report.wrong_bytes) == (SIZE, 12_000, 5000)
        report = self.verified(path, spliced(RULER, [SIZE, 12_000]), "&change_size=12000")
        assert [each.stop for each in report.stretches] == [SIZE, 12_000]
        assert (report.identical, report.region_count, report.first_wrong_offset) == (False, 0, SIZE)

    def test_truncated(self, path: Path) -> None:
        """What is missing is told of the version that the rest is of."""
        report = self.verified(path, SecondRuler().read(0, 500))
        assert str(report).splitlines() == [
            "different: the first wrong byte is 500",
            "compared with version 2, the one that it resembles more",
            "length: 500 bytes instead of 10000: 9500 are missing",
        ]

    def test_other_damage(self, path: Path) -> None:
        """What is neither is compared with the version that it resembles more, and the other one is found in it."""
        right = SecondRuler().read(0, SIZE)
        report = self.verified(path, right[:100] + b"???" + right[103:5000] + RULER.read(5000, 200) + right[5200:])
        assert (report.edition, report.wrong_bytes, report.region_count) == (2, 203, 2)
        assert [region.identity for region in report.regions] == [None, "ruler"]
        report = self.verified(
            path, b"???" + RULER.read(3, 4997) + SecondRuler().read(5000, 200) + RULER.read(5200, 4800)
        )
        assert (report.edition, report.region_count) == (1, 2)
        assert str(report.regions[1]) == "5000-5199 (200 bytes): content ruler-v2, from offset 5000"

    def test_seeds_that_are_not_tried(self, path: Path) -> None:
        """Among other damage, bytes of either version are told, though nobody else would look for their seeds."""
        one, two = Random(5000), second_content(Random(5000))
        path.write_bytes(b"?" * 100 + two.read(100, 8000) + one.read(8100, 1900))
        (_, region) = fakefiles.verify(path, f"/{SIZE}?content=random&seed=5000&change=2").regions
        assert (region.start, region.stop, region.identity) == (8100, SIZE, "random-5000")

    def test_empty(self, path: Path) -> None:
        """An empty file is compared with the first version."""
        assert self.verified(path, b"").edition == 1
