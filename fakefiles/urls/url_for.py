"""URLs of files from keywords, checked where they are made."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True


def path_for(size: int | str, name: str, options: Mapping[str, object], settings: Settings) -> str:
    """Return the path and query of a file, like "/100m/a.iso?content=ruler".

    Raises RequestError, a ValueError, with the line that a server of these settings would answer, if it would refuse.
    """
    segments = [str(size), name] if name else [str(size)]
    path = "".join(f"/{quote(segment, safe='')}" for segment in segments)
    texts = {key: _text(value) for key, value in options.items() if value is not None}
    query = urlencode(texts, quote_via=quote, safe=",:")
    try:
        parse_target(segments, query, settings)
    except ValueError as error:
        # Where in the parser that was is of no use to those who read it.
        raise error.with_traceback(None) from None
    return f"{path}?{query}" if query else path


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        # Never 1e-05, which is no number in a URL.
        return f"{value:f}".rstrip("0").rstrip(".")
    return str(value)
