"""Which file a URL names: /{size} or /{size}/{name}, one of a set, or a sidecar; and the options of its query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fakefiles.files.content import sized
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.file_set import Joined, Member
from fakefiles.files.units import parse_size
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls import sets
from fakefiles.urls.options import Options
from fakefiles.urls.query import parse_query
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import SIDECARS, Sidecar, split_suffix

_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"
# Of a path: /set/{files}/{name}.
_SET_SEGMENTS = 3


class Target(NamedTuple):
    """What a URL names: a file, or with `sidecar` its sidecar of that kind; and the options of its query.

    `members`: of a set of files, of which only sidecars can be asked for; `file` is then all of them in a row.
    """

    file: VirtualFile
    options: Options
    sidecar: Sidecar | None = None
    members: Sequence[Member] = ()


def parse_target(path: Sequence[str], query: str, settings: Settings) -> Target:
    """Return what a URL names. The segments of `path` are unquoted; `query` is still percent-encoded.

    Raises NotFoundError if the path begins neither with a size nor with a set, or is too long; RequestError if the size
    or the query is wrong, or the content has no file of that size.
    """
    first = path[0]
    if not ("0" <= first[:1] <= "9" or first == sets.ROOT):
        raise NotFoundError(f"no such file; {_HELP}")
    options = parse_query(query, settings) if query or settings.defaults else Options(settings.default_content)
    stem, sidecar = split_suffix(path[-1]) if options.sidecar else (path[-1], None)
    if first == sets.ROOT:
        target = _in_set(path, stem, options, sidecar, settings)
    else:
        target = _single([*path[:-1], stem], options, sidecar, settings)
    if sidecar and options.digest:
        raise RequestError(f"a {sidecar.what} has no digest of its own; leave out digest=")
    target.options.change.check(target.file, settings.max_size)
    return target


def _single(path: Sequence[str], options: Options, sidecar: Sidecar | None, settings: Settings) -> Target:
    size = parse_size(path[0], settings.max_size)
    rest = path[1:]
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    name = path[-1] if rest or sidecar else ""
    return Target(VirtualFile(size, sized(options.content, size), name), options, sidecar)


def _in_set(path: Sequence[str], stem: str, options: Options, sidecar: Sidecar | None, settings: Settings) -> Target:
    """Return a file of a set, or a sidecar of one, or of the whole set. A file goes before a sidecar of its name."""
    if len(path) < _SET_SEGMENTS:
        raise NotFoundError("a set is /set/{files}/{name}, like /set/a.bin=10m,docs:readme.txt=2k/demo.torrent")
    whole = len(path) == _SET_SEGMENTS
    files = sets.parse_set(path[1], stem if whole else path[2], options.content, settings.max_size)
    if not whole:
        if sidecar and not sets.has(files, path[3:]):
            return Target(sets.member_of(files, [*path[3:-1], stem]).file, options, sidecar)
        return Target(sets.member_of(files, path[3:]).file, options)
    if sidecar is None or not sidecar.for_sets:
        suffixes = ", ".join(each.suffix for each in SIDECARS.values() if each.for_sets)
        raise NotFoundError(f"a set of files is no file; it has {suffixes}, and each file its own URL below its name")
    if options.change.change is not None:
        raise RequestError("a set of files does not change; leave out change=")
    joined = Joined([member.file for member in files.members])
    return Target(VirtualFile(joined.size, joined, files.name), options, sidecar, files.members)
