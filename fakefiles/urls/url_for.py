"""Makes URLs of files from keywords, and checks them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote, urlencode

from fakefiles.urls.sets import set_path
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True


class Url(str):
    """The URL of a file, with those of its sidecars: `url.torrent` is "/10m/a.iso.torrent" beside "/10m/a.iso"."""

    __slots__ = ()

    def beside(self, suffix: str) -> Url:
        """Return the URL of the sidecar with a suffix like ".sha256"."""
        path, _, query = self.partition("?")
        # A file whose name looks like that of a sidecar has sidecar=off, with which it would have no sidecars.
        pairs = [pair for pair in query.split("&") if pair and pair != "sidecar=off"]
        return Url(f"{path}{suffix}{'?' if pairs else ''}{'&'.join(pairs)}")

    @property
    def torrent(self) -> Url:
        """The URL of the torrent."""
        return self.beside(".torrent")

    @property
    def magnet(self) -> Url:
        """The URL of a text with the magnet link."""
        return self.beside(".magnet")

    @property
    def meta4(self) -> Url:
        """The URL of the metalink."""
        return self.beside(".meta4")

    @property
    def metalink(self) -> Url:
        """The URL of the metalink of version 3."""
        return self.beside(".metalink")


def path_for(size: int | str, name: str, options: Mapping[str, object], settings: Settings) -> str:
    """Return the path and the query of a file's URL, like "/100m/a.iso?content=ruler".

    Options of None are left out. A list or a tuple repeats its parameter, which few allow.

    Raises RequestError, a ValueError, if a server with these settings would refuse the URL; its text is the answer.
    """
    segments = [str(size), name] if name else [str(size)]
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    return _checked(path, segments, options, settings)


def path_for_set(files: Mapping[str, int | str], name: str, options: Mapping[str, object], settings: Settings) -> str:
    """Return the path and the query of a set of files, by their paths with their sizes; it is that of its folder.

    Raises RequestError as path_for() does.
    """
    path = set_path(files, name)
    torrent = [unquote(segment) for segment in path.split("/")[1:]]
    torrent[-1] += ".torrent"
    return _checked(path, torrent, options, settings)


def _checked(path: str, segments: list[str], options: Mapping[str, object], settings: Settings) -> str:
    texts = [(key, text) for key, value in options.items() for text in _texts(value)]
    query = urlencode(texts, quote_via=quote, safe=",:@")
    try:
        parse_target(segments, query, settings)
    except ValueError as error:
        # The traceback inside the parser would only hide the message.
        raise error.with_traceback(None) from None
    return f"{path}?{query}" if query else path


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list | tuple):
        yield from map(_text, value)
    elif value is not None:
        yield _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        # Not str(): that may be 1e-05, which the parser of URLs does not accept.
        return f"{value:f}".rstrip("0").rstrip(".")
    return str(value)
