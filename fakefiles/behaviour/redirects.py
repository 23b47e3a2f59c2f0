"""Redirects before the file: how many, to which host of this server, and in which form Location says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, urlencode

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind, one_of
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_number

#: The value of redirect= that never comes to an end.
LOOP = "loop"

_MOST = 100
_MOST_HOSTS = 8
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,9}\.?|\[[0-9A-Fa-f:.]{2,45}\]", re.ASCII)
_PORT = re.compile(r":[0-9]*$")
# Neither "//host" nor "/\host", which browsers take for the same: both name another host. No control characters.
_PLACE = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,500}")
_ENCODED_RAW = re.compile("%([89A-F][0-9A-F])", re.IGNORECASE)


def _redirect(value: str) -> int | str:
    if value == LOOP:
        return value
    try:
        return parse_number(value, 0, _MOST)
    except RequestError as error:
        raise RequestError(f"{error}, or {LOOP}") from None


def _hosts(value: str) -> tuple[str, ...]:
    hosts = value.split(",", _MOST_HOSTS)
    if len(hosts) > _MOST_HOSTS or not all(map(_HOST.fullmatch, hosts)):
        raise RequestError(f"up to {_MOST_HOSTS} host names without a port, like localhost,127.0.0.1")
    return tuple(hosts)


def _place(value: str) -> str:
    if not _PLACE.fullmatch(value):
        raise RequestError("a path on this server with its query, percent-encoded, like /10m/other.iso?rate=1m")
    return value


@dataclass(frozen=True, slots=True)
class Redirects:
    """The redirects that a URL puts before its file. The fields are the parameters of the URL.

    Raises RequestError if they contradict each other.
    """

    redirect: int | str | None = parameter(
        Kind(f"NUMBER|{LOOP}", _redirect, "int | str"), "Send N redirects to the same file first, or redirect for ever."
    )
    redirect_code: int | None = parameter(
        one_of("301", "302", "303", "307", "308", into=int, keyword="int"),
        "The status of the redirects; the default is 302.",
    )
    redirect_to: str = parameter(
        Kind("PATH", _place), "The last redirect leads to this path of the server.", default="", url_only=True
    )
    redirect_host: Sequence[str] = parameter(
        Kind("HOST[,HOST...]", _hosts), "Redirect to this host name of the server; to several by turns.", default=()
    )
    location: str = parameter(
        one_of("absolute", "relative", "space", "raw"), "The form of the URL in a redirect.", default=""
    )

    def __post_init__(self) -> None:
        if self.redirect == LOOP and self.redirect_to:
            raise RequestError("redirect=loop never comes to redirect_to=; leave out one of them")
        if self.location == "relative" and self.redirect_host:
            raise RequestError("location=relative names no host: leave out redirect_host=")

    @property
    def left(self) -> int | str:
        """How many redirects come before the file; LOOP for no end."""
        return (1 if self.redirect_to else 0) if self.redirect is None else self.redirect

    @property
    def only_shaped(self) -> bool:
        """Whether the URL says how its redirects look, but wants none itself."""
        shaped = self.redirect_code is not None or self.redirect_host or self.location
        return bool(shaped) and self.redirect is None and not self.redirect_to

    def goal(self, place: str, query: str) -> str:
        """Return where the next redirect leads, as an absolute path with its query.

        `place` and `query` are those of the request, still percent-encoded and decoded as latin-1.
        """
        left = self.left
        if left == LOOP:
            return next_hop(place, query)
        if left == 1 and self.redirect_to:
            path, mark, rest = self.redirect_to.partition("?")
            return f"{quote(path, safe=_PATH_SAFE)}{mark}{quote(rest, safe=f'{_PATH_SAFE}?')}"
        return next_hop(place, query, redirect=str(int(left) - 1))

    def written(self, goal: str, place: str, origin: str) -> str:
        """Return the Location for a goal (RFC 9110, 10.2.2), to be encoded as latin-1.

        `place` is the path of the request. `origin` is like "http://localhost:8000": "" keeps that of the request.
        Raises RequestError if the form that the URL wants needs a character that is not in the path.
        """
        path, mark, rest = goal.partition("?")
        if self.location == "relative":
            return f"{_relative(path, place)}{mark}{rest}"
        told = path
        if self.location == "space":
            told = path.replace("%20", " ")
            if not mark:  # spaces at the end of the line would not count (RFC 9110, 5.5)
                told = f"{(kept := told.rstrip(' '))}{'%20' * (len(told) - len(kept))}"
        elif self.location == "raw":
            told = _ENCODED_RAW.sub(lambda found: chr(int(found[1], 16)), path)
        if told == path and self.location in {"space", "raw"}:
            raise RequestError("location=space needs a path with %20, location=raw one with bytes like %C3%A9")
        return f"{origin}{told}{mark}{rest}"


def next_hop(place: str, query: str, **changes: str) -> str:
    """Return the same URL with some parameters changed; `place` is its path, still percent-encoded.

    Both are decoded as latin-1: whatever their bytes are, they stay the same.
    """
    asked = parse_qsl(query, keep_blank_values=True, encoding="latin-1")
    pairs = [(name, changes.pop(name, value)) for name, value in asked]
    pairs += changes.items()  # what is not in the query is in the defaults or a profile
    # Exactly one slash: a Location that starts with two names another host (RFC 3986, 4.2). GET //evil.example/1k would
    # otherwise make this an open redirect.
    path = quote(place.lstrip("/").encode("latin-1"), safe=_PATH_SAFE)
    return f"/{path}?{urlencode(pairs, encoding='latin-1')}".removesuffix("?")


def host_for(wanted: str, asked: str, trusted: Sequence[str], parameter: str = "redirect_host=") -> str:
    """Return a host to lead a client to, with the port of `asked`, which is the Host of the request.

    `parameter` is the one that wants it, for errors.
    It may be the host of the request, or one that the operator trusts. Names and addresses of this machine are for
    requests that came to one: a server on the network must not send anybody to a port of the client's own machine.

    Raises RequestError for any other host.
    """
    port = _PORT.search(asked)
    ours = _plain(_PORT.sub("", asked))
    name = _plain(wanted)
    if name not in {ours, *map(_plain, trusted)} and not (is_loopback(name) and is_loopback(ours)):
        raise RequestError(
            f"{parameter} is the host of the request, a name of --control-host, or, if the request came to one of"
            " them, localhost or a loopback address"
        )
    return f"{wanted}{port[0] if port else ''}"


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")


def is_loopback(name: str) -> bool:
    """Return whether a host is this machine by its name alone (RFC 6761, 6.3), or by its address."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _relative(path: str, place: str) -> str:
    """Return a path relative to the place of the request (RFC 3986, 5.2): without a slash at its beginning."""
    folder, _, name = path.rpartition("/")
    asked, _, _ = place.rpartition("/")
    up, rest = ("", name) if asked == folder else ("../" * asked.count("/"), path[1:])
    # "http://evil.example" alone would be another host, and "a:b" of the scheme a (RFC 3986, 4.2). An empty path would
    # be that of the request.
    return f"./{rest}" if not up and (":" in rest or not rest) else f"{up}{rest}"
