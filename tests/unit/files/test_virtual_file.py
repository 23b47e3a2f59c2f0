"""virtual_file.py: what tells one version of a file from another."""

from __future__ import annotations

from email.utils import formatdate

from fakefiles.files.kinds import ONES, ZEROS
from fakefiles.files.virtual_file import LAST_MODIFIED, LAST_MODIFIED_TEXT, VirtualFile


def test_etag() -> None:
    """The tag is quoted and strong, the same for the same bytes, and for no others."""
    assert VirtualFile(10, ONES).etag == '"ones-10"'
    assert VirtualFile(10, ONES).name == ""
    assert VirtualFile(10, ONES, "x.txt").etag == '"ones-10"'
    assert len({VirtualFile(size, content).etag for size in (0, 1, 11) for content in (ONES, ZEROS)}) == 6


def test_last_modified() -> None:
    """Both forms of the fixed date say the same."""
    assert formatdate(LAST_MODIFIED, usegmt=True) == LAST_MODIFIED_TEXT
