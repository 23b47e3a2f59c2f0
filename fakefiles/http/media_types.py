"""The Content-Type of a file: what the extension of its name says."""

from __future__ import annotations

from functools import cache
from mimetypes import MimeTypes

from fakefiles.urls.sidecars import SIDECARS

DEFAULT_MEDIA_TYPE = "application/octet-stream"

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
    ".zst": "application/zstd",
    **{suffix: sidecar.media_type for suffix, sidecar in SIDECARS.items()},
}


@cache
def _types() -> MimeTypes:
    """Return Python's own table, and more; made when the first name is looked up, since that takes milliseconds.

    The machine's /etc/mime.types is not in it: the answer is the same on every machine with this Python.
    """
    types = MimeTypes()
    for extension, media_type in _MORE.items():
        types.add_type(media_type, extension)
    return types


def media_type_of(name: str) -> str:
    """Return the media type that the extension of a file's name says, or application/octet-stream."""
    if "." not in name:
        return DEFAULT_MEDIA_TYPE
    # "./" keeps guess_type from taking a name like "data:x.txt" for a URL.
    kind, compression = _types().guess_type("./" + name)
    if compression is not None:
        return _COMPRESSED.get(compression, DEFAULT_MEDIA_TYPE)
    return kind or DEFAULT_MEDIA_TYPE
