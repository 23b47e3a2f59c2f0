"""Cross-origin resource sharing: fields that let web pages of any origin read the files in a browser.

The source is the Fetch standard, "HTTP CORS protocol". No answer depends on who asks, and no page gets in with the
user's cookies or login: so "*" is right, and no Vary is needed.
"""

from __future__ import annotations

from dataclasses import replace

from fakefiles.files.errors import ALLOWED_METHODS
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask

# "*" means all fields, where no credentials are sent; older browsers do not know it.
_EXPOSED = (
    *("Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Length", "Content-Range", "Date"),
    *("Digest", "ETag", "Last-Modified", "Repr-Digest", "Retry-After", "Server", "WWW-Authenticate", "*"),
)
# "*" never covers Authorization.
_TAKEN = (
    *("Authorization", "Cache-Control", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range"),
    *("If-Unmodified-Since", "Pragma", "Range", "Want-Digest", "Want-Repr-Digest", "*"),
)
# For how many seconds a browser need not ask again. Not long: it may meet a server without CORS at this port next.
_MAX_AGE = 600

_READABLE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": ", ".join(_EXPOSED),
    # Then its times and sizes can be read, too (W3C, Resource Timing, "Timing-Allow-Origin").
    "Timing-Allow-Origin": "*",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(ALLOWED_METHODS),
    "Access-Control-Allow-Headers": ", ".join(_TAKEN),
    "Access-Control-Max-Age": str(_MAX_AGE),
}
# The browser asks whether a page of a public network may reach into a private one, or to this machine (WICG, Private
# Network Access, "CORS preflight"). The operator has said that any page may.
_PRIVATE = {"Access-Control-Allow-Private-Network": "true"}


def concerns(ask: Ask) -> bool:
    """Return whether other web pages may read an answer: not under /-/, whether or not there is a page."""
    return ask.segments[:1] != (b"-",)


def preflight(ask: Ask) -> Answer | None:
    """Return the answer to a preflight, with which a browser asks before it sends a request; None for others.

    It does not look at the URL: what is wrong with that is for the page to read, in the answer to its request.
    """
    if ask.method != "OPTIONS" or not ask.header("Origin") or not ask.header("Access-Control-Request-Method"):
        return None
    private = ask.header("Access-Control-Request-Private-Network") == "true"
    return Answer(204, {**_PREFLIGHT, **(_PRIVATE if private else {})})


def readable(reply: Answer) -> Answer:
    """Return an answer with the fields that let a page of any origin read it."""
    return replace(reply, headers={**reply.headers, **_READABLE})
