"""/-/journal: the last requests as JSON, at once or when there is a new one; clearing them; releasing hold=."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import DONE, Backstage, Page, json_answer, number_of, query_of, reading

#: The longest time, in seconds, to wait for a record.
MAX_WAIT = 60.0


def _read(backstage: Backstage, ask: Ask) -> Answer | Deferred[Answer]:
    query = query_of(ask, "path", "tag", "since", "wait")
    wanted: dict[str, Any] = {
        "path": query.get("path"),
        "tag": query.get("tag"),
        "since": number_of(query.get("since", "0"), "since"),
    }
    wait = min(_seconds(query.get("wait", "0")), MAX_WAIT)
    if wait and not backstage.journal.records(**wanted):
        return _wait(backstage, wanted, wait)
    return _records(backstage, wanted)


def _records(backstage: Backstage, wanted: dict[str, Any]) -> Answer:
    journal = backstage.journal
    records = [record.as_dict() for record in journal.records(**wanted)]
    return json_answer(
        200, {"version": journal.version, "lost": journal.lost, "count": journal.count, "records": records}
    )


def _wait(backstage: Backstage, wanted: dict[str, Any], seconds: float) -> Deferred[Answer]:
    """Return a Deferred of the answer: it fires when there is a record, or after these seconds."""
    journal = backstage.journal

    def look() -> None:
        # Another listener may have ended this wait already: an answer may begin the next request on its connection.
        if not waiting.called and journal.records(**wanted):
            done()

    def done() -> None:
        leave()
        waiting.callback(_records(backstage, wanted))

    def leave(_: object = None) -> None:
        journal.listeners.remove(look)
        if timeout.active():
            timeout.cancel()

    waiting: Deferred[Answer] = Deferred(leave)
    journal.listeners.append(look)
    timeout = backstage.clock.callLater(seconds, done)
    return waiting


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not seconds >= 0:  # which NaN is not, either
        raise RequestError("wait is a number of seconds")
    return seconds


def _clear(backstage: Backstage, ask: Ask) -> Answer:
    tag = query_of(ask, "tag").get("tag")
    backstage.journal.clear(record for record in backstage.journal.records(tag=tag) if record.end)
    backstage.occasions.reset(tag=tag)
    return DONE


def _release(backstage: Backstage, _: Ask, number: str) -> Answer:
    exchange = backstage.live.get(number_of(number, "the number of a record"))
    if exchange is None:
        raise NotFoundError("no transfer of that number goes on")
    exchange.release()
    return DONE


def _kept(backstage: Backstage) -> bool:
    return bool(backstage.journal.size)


PAGES = (
    Page(
        "/-/journal",
        "the last requests, in JSON, if the server keeps them",
        {**reading(_read), "DELETE": _clear},
        _kept,
    ),
    Page("/-/journal/NUMBER/release", "POST: let a transfer go on that hold= holds", {"POST": _release}, _kept),
)
