"""Compares what is on disk with what a URL denotes, without the network: content is a function of the URL."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ZEROS
from fakefiles.files.pieces import usual_piece
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls import sets
from fakefiles.urls.mirrors import WITH, unfolded
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import SIDECARS
from fakefiles.urls.target import Target, parse_target
from fakefiles.verification.folder import FolderReport, compare_folder
from fakefiles.verification.one_file import Report, compare_file

# Of a path: /set/{files}/{name}.
_SET_SEGMENTS = 3
# Of what describes a download: whoever asks for one gets the file, or the files of the set, in the end.
_DESCRIBING = tuple(sidecar.suffix for sidecar in SIDECARS.values() if sidecar.for_sets)


def verify(  # noqa: PLR0913  each is a keyword
    path: str | os.PathLike[str],
    url: str,
    *,
    content: str = "ones",
    seed: int | None = None,
    contents: Mapping[str, Content] | None = None,
    progress: Callable[[int], object] = bool,
) -> Report | Any:
    """Compare the file at `path` with the one that `url` denotes; report where and how it is wrong.

    Of a file that changes (change=), each version as a whole is right, and a splice of them is wrong. The URL of a
    torrent, a magnet or a metalink denotes the file that it is of.

    If it is of a set of files, or `url` is that of the set itself, `path` is the folder that has the name of the set;
    the report is then a FolderReport.

    `url` may be complete, begin with its host, or be a path that begins with "/". The first segment of its path that
    begins with a digit is the size. `content`, `seed` and `contents` are the settings of the server (see FakeFiles).
    `progress` is called with the number of bytes compared so far.

    Raises RequestError if the URL denotes no file, OSError if a file cannot be read, changes, or is not regular.
    """
    contents = contents or {}
    target = denoted(url, Settings(content=content, seed=seed, contents=contents))
    return compared(path, target, [*contents.values()], progress)


def compared(
    path: str | os.PathLike[str],
    target: Target,
    others: Sequence[Content] = (),
    progress: Callable[[int], object] = bool,
) -> Report | FolderReport:
    """Compare the file at `path`, or of a set the folder there, with what a URL denotes; see verify()."""
    if target.members:
        files = {member.path: member.file for member in target.members}
        return compare_folder(path, files, _padding(target), others, progress)
    return compare_file(path, target.options.change.editions(target.file), others, progress)


def denoted_files(url: str, settings: Settings) -> list[VirtualFile]:
    """Return the file that a URL denotes, or its two versions. Raises RequestError when it denotes none."""
    target = denoted(url, settings)
    return target.options.change.editions(target.file)


def denoted(url: str, settings: Settings) -> Target:
    """Return what a URL denotes: a file, or the members of a set. Raises RequestError when it denotes neither."""
    # As in curl, a URL without a scheme begins with its host.
    parts = urlsplit(url if url.startswith(("/", "magnet:")) or "://" in url else f"http://{url}")
    if parts.scheme not in {"", "http", "https"}:
        raise RequestError("the URL is not one of HTTP; that of a magnet ends with .magnet")
    # Names on disk are bytes, and need not be UTF-8.
    path = [unquote_to_bytes(segment).decode("utf-8", "surrogateescape") for segment in parts.path.split("/")]
    path, query = unfolded(_below_root(path), parts.query)
    if not path:
        raise RequestError("the URL names no file: it has no size, like /700m")
    if path[0] == sets.ROOT:
        if path[_SET_SEGMENTS:] == [""]:
            del path[-1]
        if len(path) == _SET_SEGMENTS and not path[-1].endswith(_DESCRIBING):
            path[-1] += _DESCRIBING[0]  # the whole set, as its torrent has it
    target = parse_target(path, query, settings)
    # Whoever asks for a checksum file gets just that, which is not what would be compared here.
    if target.sidecar and target.sidecar.suffix not in _DESCRIBING:
        raise RequestError(f"the URL names a {target.sidecar.what}; leave out its suffix")
    return target


def _below_root(path: Sequence[str]) -> list[str]:
    """Return the part of a path that names a file or a set, perhaps behind a query; [] if none does.

    The resource may be anywhere in a tree of resources: the size is the first segment that looks like one.
    """
    for place, segment in enumerate(path):
        equation = "=" in "".join(path[place + 1 : place + 2])
        query = segment == WITH and len(path) > place + 2
        if "0" <= segment[:1] <= "9" or (equation and (query or segment == sets.ROOT)):
            return [*path[place:]]
    return []


def _padding(target: Target) -> dict[str, VirtualFile]:
    """Return the padding that a client may have stored beside the files of a set, by its paths (BEP 47).

    In a hybrid torrent it stands behind each file; clients that know nothing of padding store it like any file.
    """
    torrents = target.options.torrents
    piece = torrents.piece or usual_piece(target.file.size)
    sizes = {-member.file.size % piece for member in target.members} if torrents.v == "hybrid" else set()
    return {f".pad/{size}": VirtualFile(size, ZEROS) for size in sizes if size}
