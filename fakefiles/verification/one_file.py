"""Compares a file on disk with the one that it should be, or with the versions of it, and reports the differences."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from fakefiles.files.content import Content
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.verification.damage import Comparison, Read, Region
from fakefiles.verification.splices import Stretch, in_words, stretches

#: The most regions in a report; their number counts all of them.
MAX_REGIONS = 20


@dataclass(frozen=True, slots=True)
class Report:
    """How a file differs from what it should be; sizes and offsets are in bytes.

    Regions are runs of wrong bytes in the part that both files have. `regions` are the first MAX_REGIONS of them,
    `region_count` is the number of all, `wrong_bytes` their total length.

    `edition`: with which version of a file that changes it is compared, 1 or 2; None if there is only one. `stretches`
    are the parts of a download that is made of both versions, and else empty; it is compared with that of the first.
    """

    expected_size: int
    actual_size: int
    regions: tuple[Region, ...]
    region_count: int
    wrong_bytes: int
    edition: int | None = None
    stretches: tuple[Stretch, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether the file has exactly the right bytes."""
        return self.expected_size == self.actual_size and not self.region_count

    @property
    def first_wrong_offset(self) -> int | None:
        """The offset of the first byte that is wrong, missing or surplus; None if the files are identical."""
        if self.regions:
            return self.regions[0].start
        return None if self.identical else min(self.expected_size, self.actual_size)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {"identical": self.identical, "first_wrong_offset": self.first_wrong_offset, **asdict(self)}

    def __str__(self) -> str:
        """Return the report as text for people, in lines."""
        if self.identical:
            return f"identical: {self.actual_size} bytes" + (f", version {self.edition}" if self.edition else "")
        if self.stretches:
            made_of = in_words(self.stretches, MAX_REGIONS)
            return f"different: a splice of two versions: {made_of}\nlength: {self.actual_size} bytes"
        lines = [f"different: the first wrong byte is {self.first_wrong_offset}", self._length()]
        if self.edition:
            lines.insert(1, f"compared with version {self.edition}, the one that it resembles more")
        if self.region_count:
            lines.append(f"{self.region_count} wrong region(s), {self.wrong_bytes} bytes in all:")
            lines += [f"  {region}" for region in self.regions]
            if self.region_count > len(self.regions):
                lines.append(f"  and {self.region_count - len(self.regions)} more")
        return "\n".join(lines)

    def _length(self) -> str:
        excess = self.actual_size - self.expected_size
        if not excess:
            return f"length: {self.actual_size} bytes, as it should be"
        what = f"{excess} too many" if excess > 0 else f"{-excess} are missing"
        return f"length: {self.actual_size} bytes instead of {self.expected_size}: {what}"


def compare_file(
    path: str | bytes | os.PathLike[str],
    editions: Sequence[VirtualFile],
    others: Sequence[Content] = (),
    progress: Callable[[int], object] = bool,
) -> Report:
    """Compare the file at `path` with one file, or with several versions of it; report where and how it is wrong.

    `others` are contents to look for in wrong places. `progress` is called with the number of bytes compared so far.
    Raises OSError if the file cannot be read, changes, or is not regular.
    """
    with _reading(path) as (read, size):
        others = [*others, *(edition.content for edition in editions if len(editions) > 1)]
        compared = [
            Comparison(read, edition.content, min(size, edition.size), others, progress) for edition in editions
        ]
        if len(editions) > 1:
            return _report_of_editions(editions, size, compared)
        return _report(editions[0].size, size, compared[0])


def same(path: str | bytes | os.PathLike[str], file: VirtualFile) -> bool:
    """Return whether the file at `path` has the bytes of another. Raises OSError as compare_file() does."""
    with _reading(path) as (read, size):
        return size == file.size and Comparison(read, file.content, size).right_until(0) == size


@contextmanager
def _reading(path: str | bytes | os.PathLike[str]) -> Iterator[tuple[Read, int]]:
    """Yield a function that reads the file at `path`, and its size."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116  a Path would do no more
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  a Path would do no more

        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            data = file.read(length)
            if len(data) < length:
                raise OSError(f"the file changed: no {length} bytes at {offset}")
            return data

        yield read, os.fstat(file.fileno()).st_size


def _report_of_editions(editions: Sequence[VirtualFile], size: int, compared: Sequence[Comparison]) -> Report:
    """Return the report on a file of which there are several versions: about the one that fits best."""
    found = stretches(compared, size)
    if len(found) > 1:
        return _report_of_splice(found, editions)
    # Without a stretch it is none of them, or empty.
    candidates = {each.edition for each in found} or range(1, len(editions) + 1)
    reports = [_report(editions[edition - 1].size, size, compared[edition - 1], edition) for edition in candidates]
    return min(reports, key=lambda report: (report.wrong_bytes, not report.identical))


def _report_of_splice(found: Sequence[Stretch], editions: Sequence[VirtualFile]) -> Report:
    """Return the report on a file that is made of these stretches: all that is not of the version of the first one."""
    edition = found[0].edition
    expected_size = editions[edition - 1].size
    identities = [each.content.identity for each in editions]
    regions = [
        Region(each.start, min(each.stop, expected_size), "content", each.start, identities[each.edition - 1])
        for each in found
        if each.edition != edition and each.start < expected_size
    ]
    wrong_bytes = sum(region.stop - region.start for region in regions)
    return Report(
        expected_size, found[-1].stop, tuple(regions[:MAX_REGIONS]), len(regions), wrong_bytes, edition, tuple(found)
    )


def _report(expected_size: int, actual_size: int, compared: Comparison, edition: int | None = None) -> Report:
    regions: list[Region] = []
    count = wrong = 0
    for region in compared.regions():
        count += 1
        wrong += region.stop - region.start
        if len(regions) < MAX_REGIONS:
            regions.append(region)
    return Report(expected_size, actual_size, tuple(regions), count, wrong, edition)
