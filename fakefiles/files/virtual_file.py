"""A file that does not exist: a size, its content, and the metadata that HTTP wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from mimetypes import MimeTypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakefiles.files.content import Content

#: The Last-Modified of every file, in seconds since the epoch: 2001-09-09 01:46:40 UTC, on every replica.
LAST_MODIFIED = 1_000_000_000
LAST_MODIFIED_TEXT = "Sun, 09 Sep 2001 01:46:40 GMT"

DEFAULT_MEDIA_TYPE = "application/octet-stream"

# Python's own table, not the machine's /etc/mime.types: the same answer on every machine with this Python.
_TYPES = MimeTypes()
# A compressed file is sent as what it is on disk: the compression is its type, never a Content-Encoding.
_COMPRESSED = {
    "br": "application/x-brotli",
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}
# What download clients act upon, and Python does not know.
_MORE = {
    ".7z": "application/x-7z-compressed",
    ".deb": "application/vnd.debian.binary-package",
    ".iso": "application/x-iso9660-image",
    ".meta4": "application/metalink4+xml",
    ".metalink": "application/metalink+xml",
    ".md5": "text/plain",
    ".sha1": "text/plain",
    ".sha256": "text/plain",
    ".sha512": "text/plain",
    ".torrent": "application/x-bittorrent",
    ".zst": "application/zstd",
}
for _extension, _type in _MORE.items():
    _TYPES.add_type(_type, _extension)


@dataclass(frozen=True, slots=True)
class FakeFile:
    """A file of `size` bytes of `content`; `name` is what the URL calls it, or empty."""

    size: int
    content: Content
    name: str = ""

    @property
    def etag(self) -> str:
        """The strong entity tag, quoted: it changes when, and only when, the bytes do (RFC 9110, 8.8.3)."""
        return f'"{self.content.identity}-{self.size}"'

    @property
    def media_type(self) -> str:
        """The media type that the name's extension says, or application/octet-stream."""
        if "." not in self.name:
            return DEFAULT_MEDIA_TYPE
        # "./" keeps guess_type from taking a name like "data:x.txt" for a URL.
        kind, compression = _TYPES.guess_type("./" + self.name)
        if compression is not None:
            return _COMPRESSED.get(compression, DEFAULT_MEDIA_TYPE)
        return kind or DEFAULT_MEDIA_TYPE
