"""Chains of N redirects that end at the file."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import number, one_of
from fakefiles.files.errors import RequestError

_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Redirects:
    """The redirects that a URL puts before its file. The fields are the parameters of the URL.

    Raises RequestError for a status without redirects.
    """

    redirect: int | None = parameter(number(0, 100), "Send N redirects to the same file first.")
    redirect_code: int | None = parameter(
        one_of("301", "302", "303", "307", "308", into=int, keyword="int"),
        "The status of the redirects; the default is 302.",
    )

    def __post_init__(self) -> None:
        if self.redirect_code is not None and self.redirect is None:
            raise RequestError("redirect_code= goes with redirect=, like redirect=1")


def next_hop(place: str, query: str, left: int) -> str:
    """Return the Location of the same file with `left` redirects to go; `place` is its path, still percent-encoded."""
    pairs = {**dict(parse_qsl(query, keep_blank_values=True)), "redirect": str(left)}
    # Exactly one slash: a Location that starts with two names another host (RFC 3986, 4.2). GET //evil.example/1k would
    # otherwise make this an open redirect.
    return f"/{quote(place.lstrip('/'), safe=_PATH_SAFE)}?{urlencode(pairs)}"
