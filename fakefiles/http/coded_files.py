"""Compressed files: made as a whole, so that their length is known and any range can be read; for small files only."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from zlib import crc32

from fakefiles.files.content import Literal
from fakefiles.files.errors import RequestError
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.request import Ask
from fakefiles.transfer.body import read_all
from fakefiles.urls.options import Options

#: The largest file that is compressed as a whole, in bytes: that blocks the server for some ten milliseconds.
LARGEST = 1 << 20
# How many compressed files are kept. Random bytes do not become shorter, so that is as many MiB of memory.
_MOST = 8

_kept: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


# The libraries are imported late: a server without such URLs needs neither.


def _brotli(data: bytes) -> bytes:
    import brotli

    coded: bytes = brotli.compress(data, quality=1)
    return coded


def _zstd(data: bytes) -> bytes:
    import zstandard

    return zstandard.compress(data, level=1)


_CODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": _gzip, "x-gzip": _gzip, "br": _brotli, "zstd": _zstd}


def negotiated(ask: Ask, options: Options) -> Options:
    """Return the options without a coding that the client does not accept, if negotiate=on wants that."""
    codings, lies = options.codings, options.lies
    if not codings.negotiate or codings.allows(codings.coding or lies.encoding, ask.header("Accept-Encoding")):
        return options
    return replace(options, codings=replace(codings, coding=""), lies=replace(lies, encoding=""))


def coded(file: VirtualFile, coding: str) -> VirtualFile:
    """Return a file compressed with a coding of HTTP. It has an ETag of its own, from its bytes.

    Raises RequestError if the file is larger than LARGEST, or the library for the coding is not installed.
    """
    if file.size > LARGEST:
        raise RequestError(f"coding= compresses a file as a whole, of up to {LARGEST} bytes; encoding=gzip any file")
    key = (file.content.identity, file.size, coding)
    if (data := _kept.get(key)) is None:
        try:
            data = _CODERS[coding](read_all(file.content, 0, file.size))
        except ImportError:
            raise RequestError(
                f"coding={coding} needs a library that this server lacks: pip install '.[codings]'"
            ) from None
        _kept[key] = data
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    # Another version of the library may make other bytes of the same file.
    identity = f"{file.content.identity}-{file.size}-{coding}-{crc32(data):08x}"
    return VirtualFile(len(data), Literal(identity, data), file.name)
