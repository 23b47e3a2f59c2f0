"""All pages of the server. To add one, write a module with PAGES, and add it to the list here."""

from __future__ import annotations

from typing import NamedTuple

from twisted.internet.defer import Deferred

from fakefiles.files.errors import MethodNotAllowedError, RequestError
from fakefiles.http.answers import Answer, finished, refused
from fakefiles.http.plan import check_host
from fakefiles.http.request import Ask
from fakefiles.serving.pages import change, doors, drop, gate, health, index, journal, tracker
from fakefiles.serving.pages.page import Backstage, Page
from fakefiles.urls.query import no_faults

#: The pages, in the order of the list on the help page: those under /-/, and those of the tracker.
PAGES = (*journal.PAGES, *drop.PAGES, *change.PAGES, *health.PAGES, *doors.PAGES, *tracker.PAGES)
# With which segments they begin: no file does.
_ROOTS = {page.path.split("/")[1].encode("ascii") for page in PAGES}


class Found(NamedTuple):
    """The page that a request asks for, and the arguments in its path."""

    page: Page
    arguments: list[str]


def find(ask: Ask, backstage: Backstage) -> Found | None:
    """Return the page that a request asks for, or None if it asks for a file."""
    if not any(ask.segments):
        return Found(index.page(PAGES), []) if len(ask.segments) <= 1 else None
    if ask.segments[0] not in _ROOTS:
        return None
    path = ask.path  # decoded once, not for each page: it may have thousands of segments
    for page in PAGES:
        arguments = page.arguments(path)
        if arguments is not None and page.there(backstage):
            return Found(page, arguments)
    return None


def respond(found: Found, ask: Ask, backstage: Backstage) -> Answer | Deferred[Answer]:
    """Return the answer of a page, or a Deferred of it. Cancel the Deferred if the client leaves.

    Raises nothing: a wrong request gets an answer that says so.
    """
    actions = found.page.actions
    allowed = ", ".join([*actions, "OPTIONS"])
    try:
        check_host(ask)
        if not found.page.open:
            gate.check(ask, backstage.settings)
        if found.page.misbehaves and not backstage.settings.faults:
            raise no_faults()
        if ask.method == "OPTIONS":
            return Answer(204, {"Allow": allowed})
        if ask.method not in actions:
            raise MethodNotAllowedError(f"the methods here are {allowed}", allowed)
        reply = actions[ask.method](backstage, ask, *found.arguments)
    except RequestError as error:
        reply = refused(error)
    return reply.addCallback(finished, ask) if isinstance(reply, Deferred) else finished(reply, ask)
