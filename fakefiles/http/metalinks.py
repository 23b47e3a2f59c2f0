"""Metalinks of a file or a set: version 4 (RFC 5854), and version 3, which older clients read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from fakefiles.files.digests import SMALL, STEP, Steps
from fakefiles.files.errors import RequestError
from fakefiles.files.pieces import MOST_HASHED, piece_digests, usual_piece
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.mirrors import mirror_urls
from fakefiles.urls.sets import check_name
from fakefiles.urls.sidecars import About

_DIGEST = 32
# The XML of so many is some megabytes; so is that of URLs that are together so long, in bytes.
_MOST_PIECES = 1 << 15
_MOST_URL_BYTES = 1 << 21
# As long as it takes to hash so many bytes takes a piece.
_PER_HASH = 1 << 10
_V3, _V4 = "http://www.metalinker.org/", "urn:ietf:params:xml:ns:metalink"


class _Described(NamedTuple):
    """A file of a metalink: its name there, and where it is below the name of its set, percent-encoded."""

    name: str
    below: str
    file: VirtualFile


def _files(about: About) -> list[_Described]:
    """Return the files of a metalink. Raises RequestError if it cannot name one."""
    check_name(about.file.name)
    if not about.members:
        return [_Described(about.file.name, "", about.file)]
    return [_Described(f"{about.file.name}/{path}", quote(path), file) for path, file in about.members]


class _Digests(NamedTuple):
    """The digest of a file, and those of its pieces."""

    whole: bytes
    pieces: Sequence[bytes]


@dataclass(frozen=True)
class MetalinkHashing:
    """The SHA-256 of each file, and of each of its pieces. It is a Hashing of all of the files in a row.

    `piece` is the size of the pieces in bytes; None for the usual one of each file.
    """

    files: Sequence[VirtualFile]
    piece: int | None

    @property
    def name(self) -> str:
        """A name that tells how the bytes are cut."""
        return f"metalink-{self.piece or 0}-{'-'.join(str(file.size) for file in self.files)}"

    def quick(self, file: VirtualFile) -> bool:
        """Return whether the files are small, and have few pieces."""
        return file.size + _PER_HASH * sum(map(self._pieces_of, self.files)) <= SMALL

    def steps(self, file: VirtualFile) -> Steps:  # noqa: ARG002  they are all in `files`
        """Return the steps of hashing, whose result digests() reads."""
        parts, since = [], 0
        for each in self.files:
            since += 2 * each.size
            if since > STEP:
                since = 2 * each.size
                yield
            whole = yield from piece_digests(each.content, 0, each.size, max(1, each.size), sha256)
            parts.append(whole or sha256().digest())
            parts.append((yield from piece_digests(each.content, 0, each.size, self.piece_of(each), sha256)))
        return b"".join(parts)

    def blank(self, file: VirtualFile) -> bytes:  # noqa: ARG002  they are all in `files`
        """Return NULs, as many as the result has bytes."""
        return bytes(_DIGEST * sum(1 + self._pieces_of(each) for each in self.files))

    def piece_of(self, file: VirtualFile) -> int:
        """Return the size of the pieces of a file, in bytes."""
        return self.piece or usual_piece(file.size)

    def _pieces_of(self, file: VirtualFile) -> int:
        return -(-file.size // self.piece_of(file))

    def check(self) -> None:
        """Raise RequestError if hashing would take too long, or there would be too many pieces."""
        # Each byte is hashed twice: for the whole file, and for its piece.
        if 2 * sum(file.size for file in self.files) > MOST_HASHED:
            raise RequestError(
                "to hash so large a file for a metalink would take more than about 15 seconds;"
                f" it has at most {MOST_HASHED >> 31} GiB"
            )
        if sum(map(self._pieces_of, self.files)) > _MOST_PIECES:
            raise RequestError(f"a metalink has at most {_MOST_PIECES} pieces; give it a larger piece=")

    def digests(self, result: bytes) -> Iterator[_Digests]:
        """Yield the digests of each file in a result."""
        cut = [result[at : at + _DIGEST] for at in range(0, len(result), _DIGEST)]
        for file in self.files:
            count = self._pieces_of(file)
            yield _Digests(cut[0], cut[1 : count + 1])
            del cut[: count + 1]


def meta4_hashing(about: About) -> MetalinkHashing:
    """Return what a metalink needs to know of its files. Raises RequestError if they are too large."""
    files = [described.file for described in _files(about)]
    urls = len(files) * max(1, len(about.options.torrents.mirrors))
    if urls * (len(about.path) + len(about.query)) > _MOST_URL_BYTES:
        raise RequestError("so many files on so many mirrors make too large a metalink; leave some out")
    hashing = MetalinkHashing(files, about.options.torrents.piece)
    hashing.check()
    return hashing


#: Both versions need the same.
metalink_hashing = meta4_hashing


def meta4_text(about: About, result: bytes) -> bytes:
    """Return the metalink of version 4, as XML. Raises RequestError if its URLs cannot be told."""
    root = Element("metalink", xmlns=_V4)
    hashing = meta4_hashing(about)
    for described, digests in zip(_files(about), hashing.digests(result), strict=True):
        file = SubElement(root, "file", name=described.name)
        _add(file, "size", described.file.size)
        _add(file, "hash", digests.whole.hex(), type="sha-256")
        if digests.pieces:  # RFC 5854, 4.2.8: there is at least one
            pieces = SubElement(file, "pieces", length=str(hashing.piece_of(described.file)), type="sha-256")
            for digest in digests.pieces:
                _add(pieces, "hash", digest.hex())
        for place, url in enumerate(mirror_urls(about, described.below), 1):
            _add(file, "url", url, priority=str(place))
    return _written(root)


def metalink_text(about: About, result: bytes) -> bytes:
    """Return the metalink of version 3, as XML. Raises RequestError if its URLs cannot be told."""
    root = Element("metalink", version="3.0", xmlns=_V3)
    files, hashing = SubElement(root, "files"), meta4_hashing(about)
    for described, digests in zip(_files(about), hashing.digests(result), strict=True):
        file = SubElement(files, "file", name=described.name)
        _add(file, "size", described.file.size)
        verification = SubElement(file, "verification")
        _add(verification, "hash", digests.whole.hex(), type="sha256")
        if digests.pieces:
            length = str(hashing.piece_of(described.file))
            pieces = SubElement(verification, "pieces", length=length, type="sha256")
            for number, digest in enumerate(digests.pieces):
                _add(pieces, "hash", digest.hex(), piece=str(number))
        resources = SubElement(file, "resources")
        for place, url in enumerate(mirror_urls(about, described.below), 1):
            # Here, the largest number comes first.
            scheme = url.partition(":")[0]
            _add(resources, "url", url, type=scheme, preference=str(max(1, 101 - place)))
    return _written(root)


def _add(parent: Element, tag: str, text: object, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = str(text)


def _written(root: Element) -> bytes:
    indent(root)
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
