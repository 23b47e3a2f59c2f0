"""Makes URLs of files from keywords, and checks them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True


def path_for(size: int | str, name: str, options: Mapping[str, object], settings: Settings) -> str:
    """Return the path and the query of a file's URL, like "/100m/a.iso?content=ruler".

    Options of None are left out. A list or a tuple repeats its parameter, which few allow.

    Raises RequestError, a ValueError, if a server with these settings would refuse the URL; its text is the answer.
    """
    segments = [str(size), name] if name else [str(size)]
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
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
