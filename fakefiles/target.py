"""Which file a URL names, and how it is to be delivered: /{size}, /{size}/{name} and the query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fakefiles.content import KINDS, ONES, Content
from fakefiles.delivery import MAX_PIECE, Framing
from fakefiles.errors import NotFoundError, RequestError
from fakefiles.files import FakeFile
from fakefiles.sizes import MAX_SIZE, parse_size

_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator of a server decides; `max_size` is in bytes."""

    max_size: int = MAX_SIZE


@dataclass(frozen=True, slots=True)
class Options:
    """What the query decides; the fields are the parameters. `chunk_size` is in bytes."""

    content: Content = ONES
    chunk_size: int = MAX_PIECE
    framing: Framing = Framing.LENGTH


def parse_target(path: Sequence[str], query: str, settings: Settings) -> tuple[FakeFile, Options]:
    """Return the file that the unquoted segments of a path name, and the options of its query.

    Raises NotFoundError when the path does not begin with a size, RequestError when the size or the query is wrong.
    """
    size_text, *rest = path
    if not "0" <= size_text[:1] <= "9":
        raise NotFoundError(f"no such file; {_HELP}")
    size = parse_size(size_text, settings.max_size)
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    options = parse_query(query) if query else Options()
    return FakeFile(size, options.content, *rest), options


def parse_query(query: str) -> Options:
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
    return Options(**{name: _PARSERS[name](value) for name, value in values.items()})


def _content(value: str) -> Content:
    if value not in KINDS:
        raise RequestError(f"content is one of {', '.join(KINDS)}")
    return KINDS[value]


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


_PARSERS: dict[str, Callable[[str], Any]] = {"content": _content, "chunk_size": _chunk_size, "framing": _framing}
