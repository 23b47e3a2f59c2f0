"""Torrents and metalinks of a file: what they say, and from where its bytes can be had."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import SIZE, SWITCH, Kind, one_of
from fakefiles.files.errors import RequestError

#: What a torrent may name besides the peers that a tracker knows.
SOURCES = ("web", "tracker", "udp")

_MOST_MIRRORS = 32
_MIRROR = re.compile(
    r"(?P<host>[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,9}\.?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<query>(?:;[a-z_]+=[^;,&]+)*)",
    re.ASCII,
)


class Mirror(NamedTuple):
    """A host that serves a file, too: its name, its port, None for that of the request, and parameters of its own."""

    host: str
    port: int | None
    query: str


def _mirrors(value: str) -> tuple[Mirror, ...]:
    mirrors: list[Mirror] = []
    for text in value.split(",", _MOST_MIRRORS):
        found = _MIRROR.fullmatch(text)
        if found is None or len(mirrors) == _MOST_MIRRORS:
            raise RequestError(
                f"up to {_MOST_MIRRORS} hosts, each with a port and parameters if it wants,"
                " like 127.0.0.1,localhost:8001;status=503"
            )
        port = found["port"]
        mirrors.append(Mirror(found["host"], int(port) if port else None, found["query"][1:].replace(";", "&")))
    return tuple(mirrors)


def _sources(value: str) -> tuple[str, ...]:
    if value == "none":
        return ()
    sources = tuple(value.split(","))
    if not {*sources} <= {*SOURCES} or len({*sources}) < len(sources):
        raise RequestError(f"none, or some of {','.join(SOURCES)}, each once")
    return sources


@dataclass(frozen=True, slots=True)
class Torrents:
    """What torrents, magnets and metalinks of a file say. The fields are the parameters of their URLs."""

    v: str = parameter(
        one_of("1", "2", "hybrid"), "The version of the torrent, or both at once.", default="1", url_only=True
    )
    piece: int | None = parameter(SIZE, "The size of the pieces in torrents and metalinks.", url_only=True)
    sources: Sequence[str] = parameter(
        Kind(f"none|{'|'.join(SOURCES)}[,...]", _sources),
        "From where a torrent says that its bytes can be had; web,tracker without this.",
        default=("web", "tracker"),
        url_only=True,
    )
    mirrors: Sequence[Mirror] = parameter(
        Kind("HOST[:PORT][;NAME=VALUE...][,...]", _mirrors),
        "The hosts in metalinks, each with faults of its own if it wants.",
        default=(),
        url_only=True,
    )
    links: bool = parameter(
        SWITCH, "Name the mirrors, the metalink and the torrent in Link fields.", default=False, url_only=True
    )
    dial: bool = parameter(
        SWITCH, "Let the seed also connect to peers that announce themselves.", default=False, url_only=True
    )
