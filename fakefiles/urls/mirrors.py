"""The URLs of a file as torrents, metalinks and Link fields name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fakefiles.behaviour.redirects import host_for
from fakefiles.behaviour.swarm import Swarm
from fakefiles.behaviour.torrents import Torrents
from fakefiles.files.errors import RequestError
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.sidecars import About, split_suffix

#: What a path begins with that has its query in its second segment: libtorrent takes no web seed with a "?".
WITH = "with"

_MOST_PORT = 65535
# Of a path: /with/{query}/{size}.
_FOLDED = 3
_Pairs = list[tuple[str, str]]


def unfolded(segments: list[str], query: str) -> tuple[list[str], str]:
    """Return the path and the query that /with/{query}/... stands for; any other path as it is.

    A query behind a "?" is added to that in the path; its parameters replace those of the same name, as those of a
    redirect do.
    """
    if len(segments) < _FOLDED or segments[0] != WITH:
        return segments, query
    own = [pair for pair in query.split("&") if pair]
    names = {pair.partition("=")[0] for pair in own}
    inherited = [pair for pair in segments[1].split("&") if pair and pair.partition("=")[0] not in names]
    return segments[2:], "&".join([*inherited, *own])


def pairs_of(query: str, *without: type) -> _Pairs:
    """Return the parameters in a query, but for those of some parts of the options."""
    return [pair for pair in parse_qsl(query, keep_blank_values=True) if PARAMETERS[pair[0]].part not in without]


def written(pairs: Collection[tuple[str, str]]) -> str:
    """Return parameters as a query, percent-encoded."""
    return urlencode(list(pairs), quote_via=quote, safe=",:@")


def base_of(about: About) -> str:
    """Return the URL of the root of the files. Raises RequestError if the request does not name its host."""
    if not about.base:
        raise RequestError("the URLs in it need the Host field of the request")
    return about.base


def file_pairs(about: About) -> _Pairs:
    """Return the parameters of the file itself, without those of its torrent and its swarm."""
    pairs = pairs_of(about.query, Torrents, Swarm)
    _, sidecar = split_suffix(about.path)
    if sidecar and not about.members and ("sidecar", "off") not in pairs:
        pairs.append(("sidecar", "off"))  # a file whose own name is like that of a sidecar
    return pairs


def web_seed(about: About) -> str:
    """Return the URL of a file, or of the folder of a set, for BitTorrent (BEP 19): with its query in its path."""
    pairs = file_pairs(about)
    folded = f"{WITH}/{quote(written(pairs), safe='=&,:@')}/" if pairs else ""
    path = about.path.rpartition("/")[0] + "/" if about.members else about.path
    return f"{base_of(about)}{folded}{path}"


def url_beside(about: About, suffix: str) -> str:
    """Return the URL of a sidecar of the file."""
    query = written(pairs_of(about.query))
    return f"{base_of(about)}{about.path}{suffix}{query and '?'}{query}"


def _check(pairs: _Pairs) -> None:
    """Raise RequestError if a parameter behind a mirror is unknown, wrong, or repeated."""
    names = [name for name, _ in pairs]
    if unknown := {*names} - PARAMETERS.keys():
        raise RequestError(f"mirrors= has {len(unknown)} unknown parameter(s) behind a host")
    if len({*names}) < len(names):
        raise RequestError("mirrors= has a parameter twice behind a host")
    for name, value in pairs:
        PARAMETERS[name].read_scheduled(value)


def mirror_urls(about: About, below: str = "") -> Iterator[str]:
    """Yield the URLs of a file on its mirrors; without mirrors, its own. `below`: its path, percent-encoded, in a set.

    Raises RequestError if a mirror is no host of this server.
    """
    origin = urlsplit(base_of(about))
    path = f"{about.path}/{below}" if below else about.path
    own = file_pairs(about)
    if not about.options.torrents.mirrors:
        yield f"{about.base}{path}{'?' if own else ''}{written(own)}"
    for host, port, query in about.options.torrents.mirrors:
        name = host_for(host, origin.netloc, about.hosts, "mirrors=")
        if port is not None:
            if not 0 < port <= _MOST_PORT:
                raise RequestError(f"mirrors= has a port from 1 to {_MOST_PORT}")
            name = f"{host}:{port}"
        more = parse_qsl(query, keep_blank_values=True)
        _check(more)
        pairs = [pair for pair in own if pair[0] not in {each for each, _ in more}] + more
        yield f"{origin.scheme}://{name}{origin.path}{path}{'?' if pairs else ''}{written(pairs)}"
