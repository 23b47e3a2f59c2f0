"""What a page is, what it may see of the server, and how it reads its query."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_number
from fakefiles.http.answers import UNCACHEABLE, Answer
from fakefiles.http.record import Record
from fakefiles.http.request import Ask
from fakefiles.serving.exchange import Exchange
from fakefiles.serving.ports import Ports
from fakefiles.transfer.body import Body
from fakefiles.transfer.journal import Journal

# No record, version or port has a larger number.
_MOST_NUMBER = 10**18 - 1

#: The answer when there is nothing to say.
DONE = Answer(204, {})


@dataclass
class Backstage:
    """What the pages see of a server, and act upon.

    `live` are the exchanges under way, by the numbers of their records. `ports` is None where clients may not open
    ports of their own.
    """

    journal: Journal[Record]
    live: Mapping[int, Exchange]
    occasions: Occasions
    clock: IReactorTime
    ports: Ports | None = None


#: Answers a request for a page, at once or later; the rest are the segments that stand for something. Cancel the
#: Deferred when nobody wants the answer any more.
Action = Callable[..., "Answer | Deferred[Answer]"]


def _always(_: Backstage) -> bool:
    return True


class Page(NamedTuple):
    """A page: its path, what it is good for, and what each of its methods does.

    `path` is like "/-/journal/NUMBER/release": a segment in capitals stands for any, and is an argument of the action
    after the Backstage and the Ask. `help` is one line; a page without help is not listed. `there` tells whether this
    server has the page. What is asked of a `recorded` page is in the journal.
    """

    path: str
    help: str
    actions: Mapping[str, Action]
    there: Callable[[Backstage], bool] = _always
    recorded: bool = False

    def arguments(self, segments: list[str]) -> list[str] | None:
        """Return what the segments in capitals are in a path below the root; None if it is the path of another page."""
        wanted = self.path.split("/")[1:]
        if len(wanted) != len(segments):
            return None
        pairs = list(zip(wanted, segments, strict=True))
        if any(want != segment and not want.isupper() for want, segment in pairs):
            return None
        return [segment for want, segment in pairs if want.isupper()]


def reading(action: Action) -> dict[str, Action]:
    """Return the actions of a page that can only be read."""
    return {"GET": action, "HEAD": action}


def json_answer(status: int, value: object) -> Answer:
    """Return an answer of JSON, which is another the next time."""
    headers = {"Content-Type": "application/json", "Cache-Control": UNCACHEABLE}
    return Answer(status, headers, Body.literal(f"{json.dumps(value)}\n".encode()))


def query_of(ask: Ask, *names: str) -> dict[str, str]:
    """Return the parameters of a query. Raises RequestError when there are others, or one is repeated."""
    pairs = parse_qsl(ask.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs) or not query.keys() <= set(names):
        raise RequestError(f"the parameters here are {', '.join(names)}, each at most once")
    return query


def number_of(text: str, name: str) -> int:
    """Return a whole number. Raises RequestError, with the name of what it is, when it is none."""
    try:
        return parse_number(text, 0, _MOST_NUMBER)
    except RequestError as error:
        raise RequestError(f"{name} is {error}") from None
