"""file_set.py: several files in a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.content import Content
from fakefiles.files.file_set import Joined, Member
from fakefiles.files.kinds import ONES, RULER, ZEROS
from fakefiles.files.virtual_file import VirtualFile

CONTENTS: list[Content] = [ONES, RULER, ZEROS]


def files_of(*sizes: int) -> list[VirtualFile]:
    """Return files of these sizes, of different contents by turns."""
    return [VirtualFile(size, CONTENTS[number % 3]) for number, size in enumerate(sizes)]


@given(st.lists(st.integers(0, 50), max_size=6), st.integers(0, 320), st.integers(0, 320))
def test_read(sizes: list[int], offset: int, length: int) -> None:
    """The bytes are those of the files, one after another; nothing comes behind the last one."""
    joined = Joined(files_of(*sizes))
    whole = b"".join(file.content.read(0, file.size) for file in joined.files)
    assert joined.size == len(whole)
    assert joined.read(offset, length) == whole[offset : offset + length]


def test_one_file_is_not_copied() -> None:
    """What lies in one file comes as the file gives it."""
    data = ONES.read(0, 1 << 17)
    assert Joined(files_of(1 << 17, 5)).read(0, 1 << 17) is data


def test_identity() -> None:
    """Sets of the same name have the same bytes."""
    sets = [files_of(), files_of(1), files_of(1, 2), files_of(2, 1), files_of(1, 2, 0), files_of(1, 2)[::-1]]
    names = [Joined(files).identity for files in sets]
    assert len({*names}) == len(sets)
    assert Joined(files_of(1, 2)).identity == names[2]
    assert all(name.replace("-", "").isalnum() for name in names)
    assert Joined(files_of(1, 2)) == Joined(files_of(1, 2))


def test_large() -> None:
    """Reading at any place takes no longer."""
    joined = Joined(files_of(2**60, 2**60, 2**60))
    assert joined.read(2**61 - 1, 2) == RULER.read(2**60 - 1, 1) + b"\0"
    assert Member("a/b", joined.files[0]).path == "a/b"
