"""The server's pages for programs: the journal, and what a test does by hand to the transfers in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.errors import MethodNotAllowedError, NotFoundError, RequestError
from fakefiles.files.units import parse_number
from fakefiles.http.answers import UNCACHEABLE, Answer, finished, refused
from fakefiles.http.request import Ask
from fakefiles.serving.exchange import Exchange
from fakefiles.serving.ports import Ports, ReopenablePort
from fakefiles.transfer.body import Body
from fakefiles.transfer.journal import End, Journal

#: A journal is waited for, in seconds, no longer than this.
MAX_WAIT = 60.0
# No record, version or port has a larger number.
_MOST_NUMBER = 10**18 - 1


class Control:
    """Answers what is asked of /-/journal and /-/drop. `live` are the exchanges that go on, by their numbers.

    Where `doors` are set, it answers for /-/doors too.
    """

    def __init__(
        self, journal: Journal, live: Mapping[int, Exchange], occasions: Occasions, clock: IReactorTime
    ) -> None:
        self._journal = journal
        self._live = live
        self._occasions = occasions
        self._clock = clock
        self.doors: Ports | None = None

    def respond(self, ask: Ask) -> Answer | Deferred[Answer] | None:
        """Return the answer, or what it will come in if it is waited for; None if this is another page.

        Cancel the Deferred when nobody wants the answer any more.
        """
        actions = self._actions(ask.path)
        if actions is None:
            return None
        try:
            if ask.method == "OPTIONS":
                return Answer(204, {"Allow": _allowed(actions)})
            if ask.method not in actions:
                raise MethodNotAllowedError(f"the methods here are {_allowed(actions)}", _allowed(actions))
            reply = actions[ask.method](ask)
        except RequestError as error:
            reply = refused(error)
        return reply.addCallback(finished, ask) if isinstance(reply, Deferred) else finished(reply, ask)

    def _actions(self, path: Any) -> _Actions | None:
        match list(path):
            case ["-", "journal"] if self._journal.size:
                return {"GET": self._read, "HEAD": self._read, "DELETE": self._clear}
            case ["-", "journal", number, "release"] if self._journal.size:
                return {"POST": lambda _: self._release(number)}
            case ["-", "drop"]:
                return {"POST": self._drop}
            case ["-", "doors", *rest] if self.doors is not None:
                return self._port_actions(self.doors, rest)
        return None

    def _port_actions(self, doors: Ports, rest: list[str]) -> _Actions | None:
        match rest:
            case []:
                return {"POST": lambda _: _json(201, {"port": doors.open()})}
            case [port]:
                return {"DELETE": lambda _: _done_after(doors.close(_door(doors, port).port))}
            case [port, "refuse"]:
                return {"POST": lambda _: _done_after(_door(doors, port).refuse())}
            case [port, "accept"]:
                return {"POST": lambda _: _accept(_door(doors, port))}
        return None

    def _read(self, ask: Ask) -> Answer | Deferred[Answer]:
        query = _query(ask, "path", "tag", "since", "wait")
        wanted: dict[str, Any] = {
            "path": query.get("path"),
            "tag": query.get("tag"),
            "since": _number(query.get("since", "0"), "since"),
        }
        wait = min(_seconds(query.get("wait", "0")), MAX_WAIT)
        if wait and not self._journal.records(**wanted):
            return self._wait(wanted, wait)
        return self._page(wanted)

    def _page(self, wanted: dict[str, Any]) -> Answer:
        records = [record.as_dict() for record in self._journal.records(**wanted)]
        state = {"version": self._journal.version, "lost": self._journal.lost, "count": self._journal.count}
        return _json(200, {**state, "records": records})

    def _wait(self, wanted: dict[str, Any], seconds: float) -> Deferred[Answer]:
        """Return what fires when there is a record, or the time is over."""

        def look() -> None:
            # An answer may begin the next request, and that end this wait, while others are told of the same record.
            if not waiting.called and self._journal.records(**wanted):
                done()

        def done() -> None:
            leave()
            waiting.callback(self._page(wanted))

        def leave(_: object = None) -> None:
            self._journal.listeners.remove(look)
            if timeout.active():
                timeout.cancel()

        waiting: Deferred[Answer] = Deferred(leave)
        self._journal.listeners.append(look)
        timeout = self._clock.callLater(seconds, done)
        return waiting

    def _clear(self, ask: Ask) -> Answer:
        tag = _query(ask, "tag").get("tag")
        self._journal.clear(record for record in self._journal.records(tag=tag) if record.end)
        self._occasions.reset(tag=tag)
        return _DONE

    def _release(self, number: str) -> Answer:
        exchange = self._live.get(_number(number, "the number of a record"))
        if exchange is None:
            raise NotFoundError("no transfer of that number goes on")
        exchange.release()
        return _DONE

    def _drop(self, ask: Ask) -> Answer:
        tag = _query(ask, "tag").get("tag")
        for exchange in list(self._live.values()):
            if tag in {None, exchange.record.tag}:
                exchange.drop(End.FAULT)
        return _DONE


_Actions = dict[str, Callable[[Ask], "Answer | Deferred[Answer]"]]
_DONE = Answer(204, {})


def _door(doors: Ports, port: str) -> ReopenablePort:
    door = doors.find(_number(port, "a port"))
    if door is None:
        raise NotFoundError("there is no door of that number")
    return door


def _accept(door: ReopenablePort) -> Answer:
    door.accept()
    return _DONE


def _done_after(done: Deferred[None]) -> Deferred[Answer]:
    return done.addCallback(lambda _: _DONE)


def _json(status: int, value: object) -> Answer:
    headers = {"Content-Type": "application/json", "Cache-Control": UNCACHEABLE}
    return Answer(status, headers, Body.literal(f"{json.dumps(value)}\n".encode()))


def _allowed(actions: Mapping[str, object]) -> str:
    return ", ".join([*actions, "OPTIONS"])


def _query(ask: Ask, *names: str) -> dict[str, str]:
    pairs = parse_qsl(ask.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs) or not query.keys() <= set(names):
        raise RequestError(f"the parameters here are {', '.join(names)}, each at most once")
    return query


def _number(text: str, name: str) -> int:
    try:
        return parse_number(text, 0, _MOST_NUMBER)
    except RequestError as error:
        raise RequestError(f"{name} is {error}") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not seconds >= 0:  # which NaN is not, either
        raise RequestError("wait is a number of seconds")
    return seconds
