"""Who may use the pages under /-/, decided from a request and the settings alone.

These pages show what others have asked for, and break their transfers. By default they are for programs and people on
this machine. Web pages are neither, although the browser that shows them may be here: a page from anywhere can send
requests to localhost, and so can a page whose host name was made to mean 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import re
from hmac import compare_digest
from ipaddress import ip_address

from fakefiles.files.errors import NotAllowedError, UnauthorizedError
from fakefiles.http.request import Ask
from fakefiles.urls.settings import Settings

_PORT = re.compile(r":[0-9]*$")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def check(ask: Ask, settings: Settings) -> None:
    """Raise NotAllowedError, which says what would help, if a request may not use the pages under /-/.

    Raise UnauthorizedError if it may, but lacks the token from the settings.

    It may, if all of this holds. check_host() must have been called before.

    - The setting `control` lets its client in: it is on this machine, or the setting is "network".
    - No web page of another origin has caused it, see _is_foreign(). The browser keeps the answer from such a page, but
      a POST or a DELETE has had its effect by then.
    - Its Host is an IP address, localhost, or one of the setting `hosts`. DNS rebinding needs another name. To the
      browser, its page and this server are of one origin: only the name tells them apart.
    """
    if settings.control == "off":
        raise NotAllowedError("nobody may use this page: the server was started with --control off")
    if settings.control == "local" and not ask.local:
        raise NotAllowedError(
            "this page is for this machine only; start the server with --control network to allow others"
        )
    if _is_foreign(ask):
        raise NotAllowedError(
            "this page is not for other web pages; type its URL into the browser, or use a program like curl"
        )
    if not _is_ours(ask.header("Host"), settings):
        raise NotAllowedError(
            "this page wants an IP address or localhost as its host;"
            " start the server with --control-host NAME to allow another name"
        )
    if settings.token and not _has_token(ask, settings.token):
        raise UnauthorizedError(
            "this page wants the field Authorization: Bearer TOKEN, with the token of --control-token-file"
        )


def _is_foreign(ask: Ask) -> bool:
    """Return whether a web page of another origin has caused a request.

    Sec-Fetch-Site (W3C, Fetch Metadata Request Headers, 2.4) is "none" if the user has, by typing the URL, say. Another
    port of the same host is "same-site", and no better than any other site. Browsers that do not send it send Origin
    (RFC 6454, 7; the Fetch standard, "Origin header") with all but GET and HEAD. Its "null" is nobody's.
    """
    if ask.header("Sec-Fetch-Site") not in {None, "same-origin", "none"}:
        return True
    origin, host = ask.header("Origin"), ask.header("Host")
    if origin is None:
        return False
    scheme = "https" if ask.secure else "http"
    theirs, _, authority = origin.lower().partition("://")
    return host is None or theirs != scheme or _with_port(authority, scheme) != _with_port(host.lower(), scheme)


def _with_port(authority: str, scheme: str) -> str:
    """Return a host and its port, for which the one of the scheme is filled in."""
    found = _PORT.search(authority)
    port = found[0] if found and found[0] != ":" else _DEFAULT_PORTS[scheme]
    return _PORT.sub("", authority) + port


def _is_ours(host: str | None, settings: Settings) -> bool:
    """Return whether a Host is an IP address, localhost, or a name from the settings; its port does not matter.

    HTTP/1.0 needs no Host. Every browser sends one, whatever the version: without it, the client is a program.
    """
    if host is None:
        return True
    name = _PORT.sub("", host)
    try:
        ip_address(name.strip("[]"))  # an IPv6 address is in brackets
    except ValueError:
        return _plain(name) in {"localhost", *map(_plain, settings.hosts)}
    return True


def _has_token(ask: Ask, token: str) -> bool:
    """Return whether a request has the token (RFC 6750, 2.1). The time that takes does not tell how good a guess is."""
    scheme, _, given = (ask.header("Authorization") or "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.strip().encode("latin-1"), token.encode("ascii"))


def _plain(name: str) -> str:
    """Return a host name in lower case, without the dot at its end: neither changes what it names (RFC 1034, 3.1)."""
    return name.lower().removesuffix(".")
