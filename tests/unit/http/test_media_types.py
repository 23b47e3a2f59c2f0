"""media_types.py: the media types of names."""

from __future__ import annotations

import mimetypes

import pytest

from fakefiles.http.media_types import media_type_of
from fakefiles.urls.sidecars import SIDECARS

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
    "x.7z": "application/x-7z-compressed",
    "x.deb": "application/vnd.debian.binary-package",
    "x.zst": "application/zstd",
    "x.br": "application/x-brotli",
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
    **{f"x{suffix}": sidecar.media_type for suffix, sidecar in SIDECARS.items()},
}


@pytest.mark.parametrize(("name", "media_type"), TYPES.items())
def test_media_type(name: str, media_type: str) -> None:
    """The extension decides the type; a compressed file is never called a compressed representation."""
    assert media_type_of(name) == media_type


def test_media_type_is_not_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type that only this process or machine knows changes nothing."""
    monkeypatch.setitem(mimetypes.types_map, ".txt", "text/strange")
    assert media_type_of("x.txt") == "text/plain"
