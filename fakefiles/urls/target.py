"""Which file a URL names: /{size} or /{size}/{name}, or a sidecar of one, and the options of its query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fakefiles.files.content import sized
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.sidecars import Sidecar, split_suffix
from fakefiles.files.units import parse_size
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.options import Options
from fakefiles.urls.query import parse_query
from fakefiles.urls.settings import Settings

_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"


class Target(NamedTuple):
    """What a URL names: a file, or with `sidecar` its sidecar of that kind; and the options of its query."""

    file: VirtualFile
    options: Options
    sidecar: Sidecar | None = None


def parse_target(path: Sequence[str], query: str, settings: Settings) -> Target:
    """Return what a URL names. The segments of `path` are unquoted; `query` is still percent-encoded.

    Raises NotFoundError if the path does not begin with a size or is too long, RequestError if the size or the query is
    wrong, or the content has no file of that size.
    """
    first, *rest = path
    if not "0" <= first[:1] <= "9":
        raise NotFoundError(f"no such file; {_HELP}")
    options = parse_query(query, settings) if query or settings.defaults else Options(settings.default_content)
    stem, sidecar = split_suffix(path[-1]) if options.sidecar else (path[-1], None)
    size = parse_size(first if rest else stem, settings.max_size)
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    if sidecar and options.digest:
        raise RequestError(f"a {sidecar.what} has no digest of its own; leave out digest=")
    name = stem if rest or sidecar else ""
    file = VirtualFile(size, sized(options.content, size), name)
    options.change.check(file, settings.max_size)
    return Target(file, options, sidecar)
