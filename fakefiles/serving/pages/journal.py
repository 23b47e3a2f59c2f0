"""/-/journal: the last requests as JSON, at once or when there is a new one; clearing them; releasing hold=."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.aborting import cancel
from fakefiles.serving.pages.page import DONE, JSON, Backstage, Page, number_of, query_of, reading
from fakefiles.transfer.body import Body
from fakefiles.transfer.framing import Framing
from fakefiles.transfer.record import TransferRecord
from fakefiles.urls.settings import Settings

# The fields of a request with credentials of its client (RFC 9110, 11.6.2 and 11.7.2; RFC 6265, 5.4), and what is shown
# of them.
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
_REDACTED = "[redacted]"

#: The longest time, in seconds, to wait for a record.
MAX_WAIT = 60.0

# The bytes of JSON that are made at a time: about a millisecond of work. A long record makes it more.
_AT_A_TIME = 1 << 15


class _Wanted(NamedTuple):
    """Which records a request asks for: see Journal.records()."""

    path: str | None
    tag: str | None
    since: int


def _read(backstage: Backstage, ask: Ask) -> Answer | Deferred[Answer]:
    query, journal = query_of(ask, "path", "tag", "since", "wait"), backstage.journal
    # A version that is still to come (of a server before this one, perhaps) counts as the present one.
    since = min(number_of(query.get("since", "0"), "since"), journal.version)
    wanted = _Wanted(query.get("path"), query.get("tag"), since)
    wait = min(_seconds(query.get("wait", "0")), MAX_WAIT)
    if wait and next(journal.walk(**wanted._asdict()), None) is None:
        return _Wait(backstage, wanted, wait).answer
    return _records(backstage, wanted)


def _records(backstage: Backstage, wanted: _Wanted) -> Answer:
    return Answer(200, JSON, Body.made(_page(backstage, wanted)), framing=Framing.CHUNKED)


def _page(backstage: Backstage, wanted: _Wanted) -> Iterator[bytes]:
    """Yield the JSON of records while it is sent: as a whole, for a client that never reads, it could be 100 MB.

    `version` and `count` are those of the beginning, so that whatever changes meanwhile has a later version. `lost` is
    that of the end: records may be lost before their turn.
    """
    journal = backstage.journal
    parts = [f'{{"version": {journal.version}, "count": {journal.count}, "records": [']
    size, comma = 0, ""
    for record in journal.walk(**wanted._asdict()):
        parts += comma, json.dumps(shown(record, backstage.settings))
        size, comma = size + len(parts[-1]), ", "
        if size >= _AT_A_TIME:
            yield "".join(parts).encode("ascii")
            parts, size = [], 0
    yield "".join([*parts, f'], "lost": {journal.lost}}}\n']).encode("ascii")


def shown(record: TransferRecord, settings: Settings) -> dict[str, Any]:
    """Return a record as plain values, for JSON; without the credentials of its client, unless the settings want them.

    The record itself keeps them: only what leaves the process is redacted.
    """
    values = record.as_dict()
    if not settings.credentials and "headers" in values:
        values["headers"] = {
            name: _REDACTED if name in _CREDENTIALS else value for name, value in values["headers"].items()
        }
    return values


class _Wait:
    """The wait of a request for a record: `answer` fires when there is one, or after some seconds."""

    def __init__(self, backstage: Backstage, wanted: _Wanted, seconds: float) -> None:
        self._backstage = backstage
        self._wanted = wanted
        self.answer: Deferred[Answer] = Deferred(self._leave)
        self._stop_listening = backstage.journal.listen(self._done, path=wanted.path, tag=wanted.tag)
        self._timeout = backstage.clock.callLater(seconds, self._done)

    def _done(self, _: object = None) -> None:
        self._leave()
        self.answer.callback(_records(self._backstage, self._wanted))

    def _leave(self, _: object = None) -> None:
        self._stop_listening()
        cancel(self._timeout)
        del self._timeout  # it refers to this wait: no cycles, see serving/channel.py


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
    backstage.journal.clear(record for record in backstage.journal.walk(tag=tag) if record.end)
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
    Page(
        "/-/journal/NUMBER/release",
        "POST: let a transfer go on that hold= holds",
        {"POST": _release},
        _kept,
        misbehaves=True,
    ),
)
