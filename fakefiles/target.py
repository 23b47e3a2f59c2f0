"""Which file a URL names, and how it is to be delivered: /{size}, /{size}/{name}, their checksums, and the query."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fakefiles.content import ONES, Content, find_content, parse_seed
from fakefiles.delivery import MAX_PIECE, Framing
from fakefiles.digest import BY_FIELD, BY_SUFFIX, Algorithm
from fakefiles.errors import NotFoundError, RequestError
from fakefiles.files import FakeFile
from fakefiles.sizes import MAX_SIZE, parse_size

_TAG = re.compile(r"[A-Za-z0-9._~:-]{1,64}")
_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator of a server decides.

    `max_size` is in bytes. `kind` and `seed` say what content a URL has that says nothing of it; `contents` are kinds
    beside our own, by name.
    """

    max_size: int = MAX_SIZE
    kind: str = "ones"
    seed: int | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)

    @property
    def content(self) -> Content:
        """The default content. Raises RequestError when there is no such kind, or it takes no seed."""
        return find_content(self.kind, self.seed, self.contents)


@dataclass(frozen=True, slots=True)
class Options:
    """What the query decides; the fields, and `seed`, are the parameters. `chunk_size` is in bytes.

    `sidecar` is whether a name like x.sha256 means the checksum of x; `digest` is one to send, though it takes time.
    `tag` marks the request in the journal, and does nothing else.
    """

    content: Content = ONES
    chunk_size: int = MAX_PIECE
    framing: Framing = Framing.LENGTH
    sidecar: bool = True
    digest: Algorithm | None = None
    tag: str = ""


class Target(NamedTuple):
    """What a URL names: a file, or with `checksum` the checksum file beside it; and the options of its query."""

    file: FakeFile
    options: Options
    checksum: Algorithm | None = None


def parse_target(path: Sequence[str], query: str, settings: Settings) -> Target:
    """Return what the unquoted segments of a path name, under a query that is still percent-encoded.

    Raises NotFoundError when the path does not begin with a size, RequestError when the size or the query is wrong.
    """
    first, *rest = path
    if not "0" <= first[:1] <= "9":
        raise NotFoundError(f"no such file; {_HELP}")
    options = parse_query(query, settings) if query else Options(settings.content)
    stem, checksum = _split_suffix(path[-1]) if options.sidecar and len(path) <= 2 else (path[-1], None)  # noqa: PLR2004
    size = parse_size(first if rest else stem, settings.max_size)
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    if checksum and options.digest:
        raise RequestError("a checksum file has no digest of its own; leave out digest=")
    name = stem if rest or checksum else ""
    return Target(FakeFile(size, options.content, name), options, checksum)


def _split_suffix(name: str) -> tuple[str, Algorithm | None]:
    """Split "x.sha256" into "x" and its algorithm; a name that is all suffix, or has none, stays whole."""
    stem, dot, suffix = name.rpartition(".")
    algorithm = BY_SUFFIX.get(dot + suffix) if stem else None
    return (stem, algorithm) if algorithm else (name, None)


def parse_query(query: str, settings: Settings) -> Options:
    """Return the options of a query string, still percent-encoded.

    Raises RequestError when it is malformed, or when a parameter is unknown, repeated or has a wrong value.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise RequestError("malformed query; write ?name=value&name=value") from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise RequestError("a query parameter is repeated; give each once")
    if unknown := values.keys() - _PARSERS.keys():
        raise RequestError(f"{len(unknown)} unknown query parameter(s); there are {', '.join(_PARSERS)}")
    parsed = {name: _PARSERS[name](value) for name, value in values.items()}
    content = _content(parsed.pop("content", settings.kind), parsed.pop("seed", None), settings)
    return Options(content, **parsed)


def _content(kind: str, seed: int | None, settings: Settings) -> Content:
    """Return the content that a URL asks for; the default kind has the default seed."""
    if seed is None and kind == settings.kind:
        seed = settings.seed
    return find_content(kind, seed, settings.contents)


def _framing(value: str) -> Framing:
    try:
        return Framing(value)
    except ValueError:
        raise RequestError(f"framing is one of {', '.join(Framing)}") from None


def _chunk_size(value: str) -> int:
    try:
        size = parse_size(value)
    except RequestError as error:
        raise RequestError(f"chunk_size is {error}") from None
    if not size:
        raise RequestError("chunk_size is at least 1 byte")
    return size


def _sidecar(value: str) -> bool:
    if value not in {"on", "off"}:
        raise RequestError("sidecar is on or off")
    return value == "on"


def tag_of(query: str) -> str:
    """Return the tag in a query string that may be wrong otherwise, or nothing."""
    return dict(parse_qsl(query)).get("tag", "") if "tag=" in query else ""


def parse_tag(value: str) -> str:
    """Return a tag. Raises RequestError when it is none."""
    if not _TAG.fullmatch(value):
        raise RequestError("tag is 1 to 64 letters, digits and any of ._~:-")
    return value


def _digest(value: str) -> Algorithm:
    if value not in BY_FIELD:
        raise RequestError(f"digest is one of {', '.join(BY_FIELD)}")
    return BY_FIELD[value]


_PARSERS: dict[str, Callable[[str], Any]] = {
    "content": str,
    "seed": parse_seed,
    "chunk_size": _chunk_size,
    "framing": _framing,
    "sidecar": _sidecar,
    "digest": _digest,
    "tag": parse_tag,
}
