"""The twisted.web Resource: makes plain values of a request, and has the plan's answer sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from fakefiles.behaviour.occasions import Occasions
from fakefiles.http.plan import Answer, Ask, answer
from fakefiles.serving.answer_cache import Key, Memory, key_of
from fakefiles.serving.channel import client_of
from fakefiles.serving.control import Control
from fakefiles.serving.exchange import Exchange
from fakefiles.serving.hasher import Hasher
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.journal import Journal, Record
from fakefiles.urls.query import checked_settings, tag_of

if TYPE_CHECKING:
    from twisted.web.http_headers import Headers
    from twisted.web.server import Request
    from typing_extensions import Unpack

    from fakefiles.urls.keywords import SettingsKeywords


class FakeFiles(Resource):
    """Serves virtual files at whatever place of a resource tree it is put.

    The keywords are those of Settings: `max_size`, in bytes, is the largest file it serves. `content` and `seed` are
    those of a URL that names none; `contents` are contents of your own, by name. `defaults` is a query that every URL
    has, as far as it says nothing else; `profiles` are queries of your own, by name. Without `faults` no URL may make
    it slow, broken or lying. The last `journal` requests are kept in the attribute `journal`. `reactor` drives the
    transfers: the global one by default.
    Raises RequestError when there is no such content, or it takes no seed, or a query is wrong.

    Its answers are already what their headers say: do not wrap it in an EncodingResourceWrapper.
    """

    isLeaf = True

    def __init__(self, *, reactor: Any = None, **settings: Unpack[SettingsKeywords]) -> None:
        super().__init__()
        if reactor is None:
            from twisted.internet import reactor
        self.settings = checked_settings(**settings)  # raises now, rather than at each request
        #: How often each URL was asked for, as far as it matters; its reset() begins anew.
        self.occasions = Occasions()
        self._reactor = reactor
        self._ticks = Ticks(reactor)
        self._hasher = Hasher(reactor)
        self.journal = Journal(self.settings.journal)
        #: The exchanges that go on, by the numbers of their records.
        self.live: dict[int, Exchange] = {}
        self._memory = Memory()
        self.control = Control(self.journal, self.live, self.occasions, reactor)

    def render(self, request: Request) -> int:
        """Answer a request, of any method."""
        key = key_of(request)
        if (reply := self._memory.recall(key)) is not None:
            self._exchange(request).answer(reply)
            return NOT_DONE_YET
        ask = _ask_of(request)
        if ask.path[:1] == ["-"] and (page := self.control.answer(ask)) is not None:
            # What is asked of the journal is not in it.
            exchange = Exchange(request, _record(request, 0), Journal(0), {}, self._ticks)
            if isinstance(page, Answer):
                exchange.answer(page)
            else:
                exchange.answer_when(page, exchange.answer)
        else:
            self._answer(self._exchange(request), ask, key)
        return NOT_DONE_YET

    def _exchange(self, request: Request) -> Exchange:
        record = _record(request, self._reactor.seconds())
        self.journal.add(record)
        return Exchange(request, record, self.journal, self.live, self._ticks)

    def _answer(self, exchange: Exchange, ask: Ask, key: Key | None) -> None:
        reply = answer(ask, self.settings, self._hasher.known, self.occasions)
        if isinstance(reply, Answer):
            self._memory.keep(key, reply)
            exchange.answer(reply)
        else:
            digest = self._hasher.compute(reply.file, reply.algorithm)
            exchange.answer_when(digest, lambda _: self._answer(exchange, ask, key))


def _record(request: Request, started: float) -> Record:
    channel: Any = request.channel
    return Record(
        method=request.method.decode("ascii"),
        url=request.uri.decode("latin-1"),
        started=started,
        # A channel of somebody else's Site knows neither.
        client=getattr(channel, "client", "") or client_of(request.getClientAddress()),
        connection=getattr(channel, "number", 0),
        headers_of=partial(_headers_of, request.requestHeaders),
        tag=tag_of(request.uri.partition(b"?")[2].decode("latin-1")) if b"tag=" in request.uri else "",
        asked=_field(request, "Range"),
    )


def _headers_of(headers: Headers) -> dict[str, str]:
    """Return header fields by their names in lower case; a repeated one has its values joined."""
    return {name.decode("latin-1").lower(): _joined(values) for name, values in headers.getAllRawHeaders()}


def _field(request: Request, name: str) -> str | None:
    lines = request.requestHeaders.getRawHeaders(name.encode("ascii"))
    return None if lines is None else _joined(lines)


def _joined(lines: Sequence[bytes]) -> str:
    """Return the one value that repeated fields stand for (RFC 9110, 5.3)."""
    return b", ".join(lines).decode("latin-1")


def _ask_of(request: Request) -> Ask:
    """Return what a request asks, in plain values."""
    # Twisted has set both before it renders.
    prepath, postpath = request.prepath or [b""], request.postpath or []
    path = [segment.decode("utf-8", "surrogateescape") for segment in postpath]
    return Ask(
        method=request.method.decode("ascii"),
        version=request.clientproto.decode("ascii"),
        path=path,
        query=request.uri.partition(b"?")[2].decode("latin-1"),
        header=partial(_field, request),
        # At /files, not /files/, relative URLs count from the root: lead them back.
        mount="" if path else f"./{quote(prepath[-1])}/",
        url_path=request.path.decode("latin-1"),
    )
