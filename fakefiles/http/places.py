"""Under which place a request is counted: that of its URL and method, or that of its file."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote

from fakefiles.behaviour.occasions import Place
from fakefiles.http.request import Ask

# A chain of redirects, and the links to a file, lead through URLs that differ in these only.
_PASSING = frozenset({"redirect", "signature"})


def place_of(ask: Ask, tag: str, method: str) -> Place:
    """Return what the counter of a request belongs to, for a method, or "" for all."""
    return Place(ask.url_path, tag, frozenset(parse_qsl(ask.query, keep_blank_values=True)), method)


def place_of_file(ask: Ask, tag: str, counted: str) -> Place:
    """Return the place of a file's URL, however it is percent-encoded, and however many redirects are left.

    `counted` says what is counted: places are apart if it differs.
    """
    pairs = parse_qsl(ask.query, keep_blank_values=True, encoding="latin-1")
    query = frozenset(pair for pair in pairs if pair[0] not in _PASSING)
    return Place(f"/{unquote(ask.url_path.lstrip('/'), encoding='latin-1')}", tag, query, counted)
