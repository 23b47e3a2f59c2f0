"""What a page is, what it may see of the server, and how it reads its query."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_number
from fakefiles.http.answers import NOSNIFF, UNCACHEABLE, Answer
from fakefiles.http.request import Ask
from fakefiles.serving.hasher import Hasher
from fakefiles.serving.live import Live
from fakefiles.serving.ports import Ports
from fakefiles.transfer.body import Body
from fakefiles.transfer.journal import Journal
from fakefiles.transfer.record import TransferRecord
from fakefiles.urls.settings import Settings

# No record, version or port has a larger number.
_MOST_NUMBER = 10**18 - 1

#: The fields of an answer with JSON, which no cache may keep.
JSON = {"Content-Type": "application/json", "Cache-Control": UNCACHEABLE, **NOSNIFF}

#: The answer of a page that has done its work, and has nothing to report.
DONE = Answer(204, {})


@dataclass
class Backstage:
    """The parts of a server that pages show, and act on.

    `live` is what is under way, by the numbers of its records. `ports` is None where clients may not open ports of
    their own. `rooms` are the states of other protocols than HTTP, by their names, once they are in use. `dial` has the
    seed connect to a peer, of which it takes the address and the torrent; None while the server does not seed.
    """

    settings: Settings
    journal: Journal[TransferRecord]
    live: dict[int, Live]
    occasions: Occasions
    clock: IReactorTime
    hasher: Hasher
    ports: Ports | None = None
    rooms: dict[str, object] = field(default_factory=dict)
    dial: Callable[[Any, Any], object] | None = None


#: A function that answers a request for a page. It is called with the Backstage, the Ask, and the path segments that
#: are arguments. If it returns a Deferred, cancel that when the client leaves.
Action = Callable[..., "Answer | Deferred[Answer]"]


def _always(_: Backstage) -> bool:
    return True


class Page(NamedTuple):
    """A page: its path, a line of help, and the action of each method.

    `path` is like "/-/journal/NUMBER/release": a segment in capitals matches any segment, which becomes an argument of
    the action. A page without `help` is not listed. `there` returns whether this server has the page. Requests for a
    `recorded` page are in the journal. A page that `misbehaves` is part of a fault: --no-faults refuses it. An `open`
    page is for everybody, others for those only whom gate.check() lets in.
    """

    path: str
    help: str
    actions: Mapping[str, Action]
    there: Callable[[Backstage], bool] = _always
    recorded: bool = False
    misbehaves: bool = False
    open: bool = False

    def arguments(self, segments: list[str]) -> list[str] | None:
        """Return the arguments in the segments of a path, or None if the path is that of another page."""
        wanted = self.path.split("/")[1:]
        if len(wanted) != len(segments):
            return None
        pairs = list(zip(wanted, segments, strict=True))
        if any(want != segment and not want.isupper() for want, segment in pairs):
            return None
        return [segment for want, segment in pairs if want.isupper()]


def reading(action: Action) -> dict[str, Action]:
    """Return the actions of a page that can only be read, with GET and HEAD."""
    return {"GET": action, "HEAD": action}


def json_answer(status: int, value: object) -> Answer:
    """Return an answer with a value as JSON, which no cache may keep."""
    return Answer(status, JSON, Body.literal(f"{json.dumps(value)}\n".encode()))


def query_of(ask: Ask, *names: str) -> dict[str, str]:
    """Return the parameters of a query. Raises RequestError if one is repeated, or is not among `names`."""
    pairs = parse_qsl(ask.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) < len(pairs) or not query.keys() <= set(names):
        raise RequestError(f"the parameters here are {', '.join(names)}, each at most once")
    return query


def number_of(text: str, name: str) -> int:
    """Return a whole number. Raises RequestError, beginning with `name`, if the text is none."""
    try:
        return parse_number(text, 0, _MOST_NUMBER)
    except RequestError as error:
        raise RequestError(f"{name} is {error}") from None
