"""What comes before a file: the login, the redirects, and the link that expires."""

from __future__ import annotations

from fakefiles.behaviour.occasions import Occasions
from fakefiles.behaviour.redirects import LOOP, host_for, next_hop
from fakefiles.files.errors import RequestError
from fakefiles.http.answers import UNCACHEABLE, Answer, line_of_text, page_of_html
from fakefiles.http.places import place_of_file
from fakefiles.http.request import Ask
from fakefiles.urls.options import Options

_HEADERS = {"Cache-Control": UNCACHEABLE}


def at_entrance(ask: Ask, options: Options, trusted: tuple[str, ...], occasions: Occasions) -> Answer | None:
    """Return what a request gets before the file: 401, a redirect, or what an expired link gets. None to go on.

    `trusted` are the host names to which a redirect may lead, besides that of the request. Raises RequestError for a
    redirect that cannot be made.
    """
    if options.signed.signature:
        # The signature stands for the login: another host must not get the credentials of this one.
        return _at_link(ask, options, occasions)
    target = f"{ask.url_path}?{ask.query}" if ask.query else ask.url_path
    if not options.login.admits(ask.header("Authorization"), ask.method, target):
        text = f"log in, with the {options.login.needed} of the URL"
        return line_of_text(401, text, {**_HEADERS, "WWW-Authenticate": options.login.challenge})
    redirects = options.redirects
    if redirects.left:
        origin, _ = _origin(ask, options, trusted, occasions)
        faults = ["redirect=loop"] if redirects.left == LOOP else []
        return _redirect(ask, options, redirects.goal(ask.url_path, ask.query), origin, faults)
    if options.signed.signed is not None:
        origin, foreign = _origin(ask, options, trusted, occasions)
        place = place_of_file(ask, options.tag, "").key
        signature = occasions.links.make(place, options.signed.signed, foreign=foreign)
        return _redirect(ask, options, next_hop(ask.url_path, ask.query, signature=signature), origin, [])
    return None


def _at_link(ask: Ask, options: Options, occasions: Occasions) -> Answer | None:
    signed, place = options.signed, place_of_file(ask, options.tag, "").key
    authorized = ask.header("Authorization") is not None
    if signed.leak and authorized and occasions.links.is_foreign(place, signed.signature):
        text = "this link is on another host, and must not get the Authorization that was for the first one"
        return line_of_text(400, text, _HEADERS, ["leak=400"])
    if occasions.links.use(place, signed.signature):
        return None
    if signed.expired == "html":
        return page_of_html(200, "This link has expired", _HEADERS, ["expired=html"])
    return line_of_text(403, "this link has expired; ask for the URL that led here", _HEADERS, ["expired=403"])


def _redirect(ask: Ask, options: Options, goal: str, origin: str, faults: list[str]) -> Answer:
    redirects = options.redirects
    headers = {**_HEADERS, "Location": redirects.written(goal, ask.url_path, origin)}
    if redirects.location in {"space", "raw"}:
        faults.append(f"location={redirects.location}")
    return line_of_text(redirects.redirect_code or 302, "the file is behind this redirect", headers, faults)


def _origin(ask: Ask, options: Options, trusted: tuple[str, ...], occasions: Occasions) -> tuple[str, bool]:
    """Return the origin that a redirect names, "" for none; and whether it is another one than that of the request."""
    redirects, asked = options.redirects, ask.header("Host")
    if not redirects.redirect_host and redirects.location != "absolute":
        return "", False
    if not asked:
        raise RequestError("redirect_host= and location=absolute need the Host field of the request")
    hosts = [host_for(name, asked, trusted) for name in redirects.redirect_host] or [asked]
    turn = occasions.count(place_of_file(ask, options.tag, "redirects")) if len(hosts) > 1 else 0
    host = hosts[(turn - 1) % len(hosts)]
    return f"{ask.scheme}://{host}", host.lower() != asked.lower()
