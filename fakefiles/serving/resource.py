"""The twisted.web Resource: converts requests to plain values, and has the answers of the plan sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from fakefiles._lazy import deferred
from fakefiles.behaviour.occasions import Occasions
from fakefiles.http.answers import Answer
from fakefiles.http.plan import FilePlan, plan
from fakefiles.http.record import Record
from fakefiles.http.request import FIELDS, NEGOTIATED_FIELDS, Ask, unfolded
from fakefiles.serving.answer_cache import AnswerCache
from fakefiles.serving.channel import FakeFilesRequest, client_of, is_local
from fakefiles.serving.exchange import Exchange
from fakefiles.serving.hasher import Hasher
from fakefiles.serving.live import Live
from fakefiles.serving.pages import registry as pages
from fakefiles.serving.pages.page import Backstage
from fakefiles.serving.request_outlet import outlet_of
from fakefiles.serving.sending import Sending
from fakefiles.serving.ticks import Ticks
from fakefiles.transfer.journal import Journal
from fakefiles.transfer.record import TransferRecord
from fakefiles.urls.query import checked_settings, tag_of
from fakefiles.urls.settings import Settings

if TYPE_CHECKING:
    from twisted.web.http_headers import Headers
    from twisted.web.server import Request
    from typing_extensions import Unpack

    from fakefiles.urls.keywords import SettingsKeywords


# HTTP works without loading BitTorrent.
_learn = deferred("fakefiles.bittorrent.room", "learn")


class FakeFiles(Resource):
    """Serves virtual files, at any place of a resource tree.

    The keywords are those of Settings. `max_size`: the largest file, in bytes. `content`, `seed`: the content for URLs
    without content=. `contents`: your own contents, by name. `defaults`: a query string that fills the gaps of every
    URL. `profiles`: your own profiles, by name. `faults=False`: no URL may make the server slow, broken or lying.
    `journal`: how many requests the attribute `journal` keeps. `control`: who may use the pages under /-/, "local" for
    this machine, "network" or "off". `hosts`: under which host names, besides localhost. `token`: what they have to
    send as Authorization: Bearer. `cors=True`: web pages of any origin may read the files. `credentials=True`: the page
    of the journal shows the credentials in requests; the attribute always does. `reactor` drives the transfers; the
    global one by default.

    Raises RequestError if the content is unknown, takes no seed but has one, or a query string is wrong.

    Do not wrap it in an EncodingResourceWrapper: the body of each answer is already what its headers say.
    """

    isLeaf = True

    def __init__(self, *, reactor: Any = None, **settings: Unpack[SettingsKeywords]) -> None:
        super().__init__()
        if reactor is None:
            from twisted.internet import reactor
        self.settings = checked_settings(**settings)  # raises now, rather than at each request
        #: How often each URL with a fault was requested, and its links; its reset() sets the counts to 0.
        self.occasions = Occasions(reactor.seconds)
        self._reactor = reactor
        self._sending = Sending(Ticks(reactor))
        self._hasher = Hasher(reactor)
        self.journal: Journal[TransferRecord] = Journal(self.settings.journal)
        #: What is under way, by the numbers of its records.
        self.live: dict[int, Live] = {}
        self._cache = AnswerCache()
        everywhere = [self.settings.defaults, *self.settings.situations.values()]
        self._fields = NEGOTIATED_FIELDS if any("negotiate=" in query for query in everywhere) else FIELDS
        #: What the pages under /-/ see, and act upon.
        self.backstage = Backstage(self.settings, self.journal, self.live, self.occasions, reactor, self._hasher)

    def render(self, request: Request) -> int:
        """Answer a request, of any method."""
        ask = _ask_of(request, NEGOTIATED_FIELDS if b"negotiate=" in request.uri else self._fields)
        if (reply := self._cache.recall(ask)) is not None:
            self._exchange(request, ask).send(reply)
        elif found := pages.find(ask, self.backstage):
            self._show(request, ask, found)
        else:
            self._answer(self._exchange(request, ask), ask)
        return NOT_DONE_YET

    def _show(self, request: Request, ask: Ask, found: pages.Found) -> None:
        """Answer a request for a page. Requests for the journal itself are not recorded in it."""
        if found.page.recorded:
            exchange = self._exchange(request, ask)
        else:
            exchange = Exchange(outlet_of(request), _record(request, ask, 0), Journal(0), {}, self._sending)
        ask = ask._replace(addresses=_addresses(request))
        reply = pages.respond(found, ask, self.backstage)
        if isinstance(reply, Answer):
            exchange.send(reply)
        else:
            exchange.send_when(reply, exchange.send)

    def seeds_at(self, port: int, host: str) -> None:
        """Tell clients of torrents and magnets, from now on, that the seed listens there; all hosts have one port."""
        self._tell(replace(self.settings, peer_port=port, peer_hosts=(*self.settings.peer_hosts, host)))

    def tracks_at(self, port: int) -> None:
        """Tell clients of torrents, from now on, that the UDP tracker listens on this port."""
        self._tell(replace(self.settings, udp_port=port))

    def _tell(self, settings: Settings) -> None:
        self.settings = self.backstage.settings = settings
        self._cache.clear()

    def _exchange(self, request: Request, ask: Ask) -> Exchange:
        record = _record(request, ask, self._reactor.seconds())
        self.journal.add(record)
        if isinstance(request, FakeFilesRequest):
            request.record = record
        return Exchange(outlet_of(request), record, self.journal, self.live, self._sending)

    def _answer(self, exchange: Exchange, ask: Ask) -> None:
        planned = plan(ask, self.settings, self.occasions)
        if isinstance(planned, Answer):
            self._send(exchange, ask, planned)
        else:
            self._send_file(exchange, planned)

    def _send_file(self, exchange: Exchange, planned: FilePlan) -> None:
        if wait := planned.awaited(self._hasher.known):
            # The request is counted when it is answered, so requests that arrive meanwhile count before it.
            digest = self._hasher.compute(wait.file, wait.hashing)
            exchange.send_when(digest, lambda _: self._send_file(exchange, planned))
        else:
            reply = planned.answer(self._hasher.known, self.occasions)
            if reply.status == HTTPStatus.OK and (seeded := planned.seeded(reply.edition, self._hasher.known)):
                _learn(self.backstage, *seeded)
            self._send(exchange, planned.ask, reply)

    def _send(self, exchange: Exchange, ask: Ask, reply: Answer) -> None:
        self._cache.keep(ask, reply)
        exchange.send(reply)


def _record(request: Request, ask: Ask, started: float) -> Record:
    channel: Any = request.channel
    return Record(
        method=request.method.decode("ascii"),
        url=request.uri.decode("latin-1"),
        started=started,
        # In a Site of another class, the channel has neither.
        client=getattr(channel, "client", "") or client_of(request.getClientAddress()),
        connection=getattr(channel, "number", 0),
        headers_of=partial(_headers_of, request.requestHeaders),
        tag=_tag(ask) if b"tag" in ask.target else "",
        asked=ask.header("Range"),
        weight=getattr(request, "head_size", 0),  # 0 in a Site of another class, which bounds heads, too
    )


def _tag(ask: Ask) -> str:
    """Return the tag of a request: of its query, or of the file that an announce is about."""
    query = ask.query
    return tag_of(query) or tag_of(dict(parse_qsl(query)).get("file", "").partition("?")[2])


def _addresses(request: Request) -> tuple[str, str]:
    """Return the IP addresses of the client, and of this server; "" for what has none."""
    channel: Any = request.channel
    ends = request.getClientAddress(), channel.getHost()
    client, server = (getattr(end, "host", "") for end in ends)
    return client, server


def _headers_of(headers: Headers) -> dict[str, str]:
    """Return header fields by their names in lower case; the values of a repeated field are joined."""
    return {name.decode("latin-1").lower(): _joined(values) for name, values in headers.getAllRawHeaders()}


def _joined(lines: Sequence[bytes]) -> str:
    """Return the single value that repeated fields are equivalent to (RFC 9110, 5.3)."""
    return b", ".join(lines).decode("latin-1")


def _ask_of(request: Request, names: Collection[bytes]) -> Ask:
    """Return all of a request that an answer may depend on; of its fields, those with these names."""
    channel: Any = request.channel
    try:
        secure, local, reused = channel.secure, channel.local, channel.asked > 1
    except AttributeError:  # in a Site of another class
        secure, local, reused = request.isSecure(), is_local(request.getClientAddress()), False
    fields = []
    for name, values in request.requestHeaders.getAllRawHeaders():
        if name in names:
            fields.append((name, values[0] if len(values) == 1 else b", ".join(values)))
    ask = Ask(
        request.method,
        request.uri,
        request.clientproto,
        secure,
        local,
        request.path,
        # Twisted has set both before it renders.
        tuple(request.prepath or ()),
        tuple(request.postpath or ()),
        tuple(fields),
        reused,
    )
    return unfolded(ask)
