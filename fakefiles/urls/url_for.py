"""URLs of files from keywords, checked where they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict
from urllib.parse import quote, urlencode

from fakefiles.urls.target import Settings, parse_target

# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True

Size = int | str
Duration = int | float | str
Offset = int | str


class UrlOptions(TypedDict, total=False):
    """The parameters of a URL, as keywords. None is as good as leaving one out; True and False stand for on and off."""

    content: str | None
    seed: int | None
    chunk_size: Size | None
    framing: str | None
    sidecar: bool | str | None
    digest: str | None
    tag: str | None
    rate: Size | None
    duration: Duration | None
    delay: Duration | None
    jitter: Duration | None
    bucket: str | None
    drip: Size | None
    reset: Offset | None
    close: Offset | None
    stall: Offset | None
    hold: Offset | None
    flip: Offset | None
    refuse: str | None
    status: int | None
    retry_after: Duration | None
    ranges: str | None
    length: str | None
    etag: str | None
    modified: str | None
    type: str | None
    encoding: str | None
    lastchunk: bool | str | None
    auth: str | None
    user: str | None
    password: str | None
    redirect: int | None
    redirect_code: int | None
    fail: int | None
    every: int | None
    chance: float | str | None
    profile: str | None
    defaults: bool | str | None


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
