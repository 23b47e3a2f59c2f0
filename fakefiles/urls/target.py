"""Which file a URL names: /{size} or /{size}/{name}, or the checksum file of one, and the options of its query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.units import parse_size
from fakefiles.files.virtual_file import FakeFile
from fakefiles.transfer.digest import BY_SUFFIX, Algorithm
from fakefiles.urls.options import Options
from fakefiles.urls.query import parse_query
from fakefiles.urls.settings import Settings

_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"


class Target(NamedTuple):
    """What a URL names: a file, or with `checksum` its checksum file of that kind; and the options of its query."""

    file: FakeFile
    options: Options
    checksum: Algorithm | None = None


def parse_target(path: Sequence[str], query: str, settings: Settings) -> Target:
    """Return what a URL names. The segments of `path` are unquoted; `query` is still percent-encoded.

    Raises NotFoundError if the path does not begin with a size or is too long, RequestError if the size or the query is
    wrong.
    """
    first, *rest = path
    if not "0" <= first[:1] <= "9":
        raise NotFoundError(f"no such file; {_HELP}")
    options = parse_query(query, settings) if query or settings.defaults else Options(settings.default_content)
    stem, checksum = _split_suffix(path[-1]) if options.sidecar and len(path) <= 2 else (path[-1], None)  # noqa: PLR2004
    size = parse_size(first if rest else stem, settings.max_size)
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    if checksum and options.digest:
        raise RequestError("a checksum file has no digest of its own; leave out digest=")
    name = stem if rest or checksum else ""
    return Target(FakeFile(size, options.content, name), options, checksum)


def _split_suffix(name: str) -> tuple[str, Algorithm | None]:
    """Split "x.sha256" into "x" and its algorithm. A name without such a suffix, or with nothing else, stays whole."""
    stem, dot, suffix = name.rpartition(".")
    algorithm = BY_SUFFIX.get(dot + suffix) if stem else None
    return (stem, algorithm) if algorithm else (name, None)
