"""/-/doors: a client opens a port of its own, and makes it refuse connections. Only in the server for tests."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from fakefiles.files.errors import NotFoundError
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import DONE, Backstage, Page, json_answer, number_of
from fakefiles.serving.ports import Ports, ReopenablePort


def _ports(backstage: Backstage) -> Ports:
    assert backstage.ports is not None  # noqa: S101  _there has looked
    return backstage.ports


def _port(backstage: Backstage, number: str) -> ReopenablePort:
    port = _ports(backstage).find(number_of(number, "a port"))
    if port is None:
        raise NotFoundError("there is no door of that number")
    return port


def _open(backstage: Backstage, _: Ask) -> Answer:
    return json_answer(201, {"port": _ports(backstage).open()})


def _close(backstage: Backstage, _: Ask, number: str) -> Deferred[Answer]:
    return _done_after(_ports(backstage).close(_port(backstage, number).port))


def _refuse(backstage: Backstage, _: Ask, number: str) -> Deferred[Answer]:
    return _done_after(_port(backstage, number).refuse())


def _accept(backstage: Backstage, _: Ask, number: str) -> Answer:
    _port(backstage, number).accept()
    return DONE


def _done_after(done: Deferred[None]) -> Deferred[Answer]:
    return done.addCallback(lambda _: DONE)


def _there(backstage: Backstage) -> bool:
    return backstage.ports is not None


PAGES = (
    Page("/-/doors", "", {"POST": _open}, _there),
    Page("/-/doors/PORT", "", {"DELETE": _close}, _there),
    Page("/-/doors/PORT/refuse", "", {"POST": _refuse}, _there),
    Page("/-/doors/PORT/accept", "", {"POST": _accept}, _there),
)
