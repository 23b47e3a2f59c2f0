"""Sidecars: small files beside a file that tell something of it, like its checksum; SIDECARS is the one list of them.

A new one is an entry of that list, and a line in docs/content.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple
from zlib import crc32

from fakefiles._lazy import deferred
from fakefiles.files.content import Literal
from fakefiles.files.digests import ALGORITHMS, Algorithm, Hashing
from fakefiles.files.file_set import Member
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.options import Options


class About(NamedTuple):
    """All that a sidecar may tell of a file: what it is, and how it is asked for.

    `members`: of a set of files; then `file` is all of them, one after another. `base`: the URL of the root of the
    files, with a slash at its end. `path`, `query`: those of the file's own URL below that, percent-encoded.
    `peer_port`, `udp_port`: on which the server seeds, and has a UDP tracker, 0 if not; `peer_host`: where a client
    reaches the seed, "" if it does not. `hosts`: names of the server that its operator trusts.
    """

    file: VirtualFile
    options: Options
    members: Sequence[Member] = ()
    base: str = ""
    path: str = ""
    query: str = ""
    peer_host: str = ""
    peer_port: int = 0
    udp_port: int = 0
    hosts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A kind of sidecar: "x" has one called "x" with `suffix`, a dot and a word, after it.

    `what` it is goes into help and errors after "its" and "a". `hashing` returns what has to be computed of the file
    first, or None; it raises RequestError if that cannot be done. `text` makes the bytes of the sidecar, of that
    result; their number must not depend on what the result is. `for_sets`: whether a set of files has one, too.
    `seeded`: whether who has one may come to the seed, which therefore has to know it.
    """

    suffix: str
    what: str
    media_type: str
    hashing: Callable[[About], Hashing | None]
    text: Callable[[About, bytes], bytes]
    for_sets: bool = False
    seeded: bool = False

    def beside(self, about: About, result: bytes | None = None) -> VirtualFile:
        """Return the sidecar of a named file. If it needs a result, and has none, all but its bytes is right.

        Raises RequestError if there is no such sidecar of this file.
        """
        hashing, file = self.hashing(about), about.file
        outline = self.text(about, hashing.blank(file) if hashing else b"")
        content = Literal(
            f"{self.suffix[1:]}-{file.content.identity}-{file.size}-{crc32(outline, crc32(_encoded(file.name))):08x}",
            outline if result is None else self.text(about, result),
        )
        return VirtualFile(len(content.data), content, file.name + self.suffix, file.modified)


def no_hashing(_: About) -> None:
    """Do nothing: the hashing of a sidecar that needs none."""


def _checksum(algorithm: Algorithm) -> Sidecar:
    def text(about: About, digest: bytes) -> bytes:
        return _checksum_line(about.file.name, digest)

    return Sidecar(f".{algorithm.name}", "checksum file", "text/plain", lambda _: algorithm, text)


def _checksum_line(name: str, digest: bytes) -> bytes:
    """Return the line that `sha256sum -c` and its like read."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    # coreutils marks a line whose name is escaped.
    mark = "\\" if escaped != name else ""
    return _encoded(f"{mark}{digest.hex()}  {escaped}\n")


def _encoded(text: str) -> bytes:
    """Return text as bytes, which names that are no UTF-8 keep."""
    return text.encode("utf-8", "surrogateescape")


# Imported when the first such sidecar is asked for.
_TORRENTS, _METALINKS = "fakefiles.bittorrent.sidecars", "fakefiles.http.metalinks"

_ALL = [
    *(_checksum(by) for by in ALGORITHMS),
    *(
        Sidecar(
            f".{name}",
            what,
            media_type,
            deferred(module, f"{name}_hashing"),
            deferred(module, f"{name}_text"),
            for_sets=True,
            seeded=module == _TORRENTS,
        )
        for name, what, media_type, module in (
            ("torrent", "torrent", "application/x-bittorrent", _TORRENTS),
            ("magnet", "magnet link", "text/plain", _TORRENTS),
            ("meta4", "metalink", "application/metalink4+xml", _METALINKS),
            ("metalink", "metalink of version 3", "application/metalink+xml", _METALINKS),
        )
    ),
]

#: All sidecars, by suffix.
SIDECARS: Mapping[str, Sidecar] = MappingProxyType({sidecar.suffix: sidecar for sidecar in _ALL})


def split_suffix(name: str) -> tuple[str, Sidecar | None]:
    """Split "x.sha256" into "x" and its sidecar; a name that is all suffix, or has none, stays whole."""
    stem, dot, suffix = name.rpartition(".")
    sidecar = SIDECARS.get(dot + suffix) if stem else None
    return (stem, sidecar) if sidecar else (name, None)
