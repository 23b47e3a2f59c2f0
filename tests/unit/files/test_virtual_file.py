"""virtual_file.py: the metadata of a file."""

from __future__ import annotations

import mimetypes
from email.utils import formatdate

import pytest

from fakefiles.files.content import ONES, ZEROS
from fakefiles.files.virtual_file import LAST_MODIFIED, LAST_MODIFIED_TEXT, FakeFile

TYPES = {
    "": "application/octet-stream",
    "README": "application/octet-stream",
    "x.unknown": "application/octet-stream",
    "x.": "application/octet-stream",
    ".txt": "application/octet-stream",
    "x.txt": "text/plain",
    "X.TXT": "text/plain",
    "a.b.html": "text/html",
    "x.json": "application/json",
    "x.iso": "application/x-iso9660-image",
    "x.zip": "application/zip",
    "x.torrent": "application/x-bittorrent",
    "x.metalink": "application/metalink+xml",
    "x.meta4": "application/metalink4+xml",
    "x.gz": "application/gzip",
    "x.tar.gz": "application/gzip",
    "x.tgz": "application/gzip",
    "x.tar.xz": "application/x-xz",
    "x.tar.bz2": "application/x-bzip2",
    "x.txt.Z": "application/x-compress",
    "data:x.txt": "text/plain",
    "a/b.txt": "text/plain",
    "é.pdf": "application/pdf",
}


@pytest.mark.parametrize(("name", "media_type"), TYPES.items())
def test_media_type(name: str, media_type: str) -> None:
    """The extension decides the type; a compressed file is never called a compressed representation."""
    assert FakeFile(1, ONES, name).media_type == media_type


def test_media_type_is_not_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that only this process or machine knows changes nothing."""
    monkeypatch.setitem(mimetypes.types_map, ".txt", "text/strange")
    assert FakeFile(1, ONES, "x.txt").media_type == "text/plain"


def test_etag() -> None:
    """The tag is quoted and strong, the same for the same bytes, and for no others."""
    assert FakeFile(10, ONES).etag == '"ones-10"'
    assert FakeFile(10, ONES, "x.txt").etag == '"ones-10"'
    assert len({FakeFile(size, content).etag for size in (0, 1, 11) for content in (ONES, ZEROS)}) == 6


def test_last_modified() -> None:
    """Both forms of the fixed date say the same."""
    assert formatdate(LAST_MODIFIED, usegmt=True) == LAST_MODIFIED_TEXT
