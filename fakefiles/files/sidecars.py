"""Sidecars: small files beside a file that tell something of it, like its checksum; SIDECARS is the one list of them.

A new one is an entry of that list, and a line in docs/content.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

from fakefiles.files.content import Literal
from fakefiles.files.digests import ALGORITHMS, Algorithm
from fakefiles.files.virtual_file import VirtualFile


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A kind of sidecar: "x" has one called "x" with `suffix`, a dot and a word, after it.

    `what` it is goes into help and errors after "its" and "a". `text` makes its bytes of a named file and of that
    file's digest by `digest`, or no bytes if that is None; their number must not depend on what the digest is.
    """

    suffix: str
    what: str
    media_type: str
    digest: Algorithm | None
    text: Callable[[VirtualFile, bytes], bytes]

    def beside(self, file: VirtualFile, digest: bytes | None = None) -> VirtualFile:
        """Return the sidecar of a named file. If it needs a digest, and has none, all but its bytes is right."""
        unknown = bytes(self.digest.size) if self.digest else b""
        text = self.text(file, unknown if digest is None else digest)
        name = crc32(_encoded(_escaped(file.name)))
        content = Literal(f"{self.suffix[1:]}-{file.content.identity}-{file.size}-{name:08x}", text)
        return VirtualFile(len(text), content, file.name + self.suffix, file.modified)


def _checksum_line(file: VirtualFile, digest: bytes) -> bytes:
    """Return the line that `sha256sum -c` and its like read."""
    escaped = _escaped(file.name)
    # coreutils marks a line whose name is escaped.
    mark = "\\" if escaped != file.name else ""
    return _encoded(f"{mark}{digest.hex()}  {escaped}\n")


def _escaped(name: str) -> str:
    """Return a name as coreutils writes it in one line."""
    return name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _encoded(text: str) -> bytes:
    """Return text as bytes, which names that are no UTF-8 keep."""
    return text.encode("utf-8", "surrogateescape")


_ALL = [
    *(Sidecar(f".{by.name}", "checksum file", "text/plain", by, _checksum_line) for by in ALGORITHMS),
]

#: All sidecars, by suffix.
SIDECARS: Mapping[str, Sidecar] = MappingProxyType({sidecar.suffix: sidecar for sidecar in _ALL})


def split_suffix(name: str) -> tuple[str, Sidecar | None]:
    """Split "x.sha256" into "x" and its sidecar; a name that is all suffix, or has none, stays whole."""
    stem, dot, suffix = name.rpartition(".")
    sidecar = SIDECARS.get(dot + suffix) if stem else None
    return (stem, sidecar) if sidecar else (name, None)
