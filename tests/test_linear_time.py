"""Whatever reads a request takes linear time: twice the hostile text costs about twice the time, never four times.

The server is one thread. While it reads a request, all other clients wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import product
from math import inf
from time import process_time

import pytest
from twisted.internet.task import Clock

from doubles import Connection, ask, decide
from fakefiles.behaviour.occasions import Occasions
from fakefiles.bittorrent.bencode import BencodeError, decode
from fakefiles.files.errors import RequestError
from fakefiles.http.request import FIELDS, unfolded
from fakefiles.serving.hasher import Hasher
from fakefiles.serving.pages import gate, registry
from fakefiles.serving.pages.page import Backstage
from fakefiles.transfer.journal import Journal
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.query import tag_of
from fakefiles.urls.settings import Settings
from peers import Server
from unit.bittorrent.test_udp_tracker import Client, announced

#: The length of a text; another one is twice as long. Twisted takes up to 16 KiB.
SIZE = 16_384
#: Half of what Twisted takes: for whole requests.
SIZE_ON_THE_WIRE = 8_000
#: What takes no longer, in seconds, is not looked at further: it blocks nobody, and is too short to compare.
SHORT = 0.002
#: Twice the text may cost this many times the time.
RATIO = 2.5
#: Seconds of measuring after which a bad ratio is believed. Until then, other programs may have made the difference.
PATIENCE = 3.0

#: Makes a text of about this many characters.
Family = Callable[[int], str]
Reader = Callable[[str], object]

UNITS = [
    *("a", "1", "0", " ", "\t", ",", ";", "=", '"', "\\", "/", ":", "-", ".", "*", "[", "\xe9"),
    *("a=", "a,", "a;", "a ", "a=a", " ,", '\\"', '"a",', '" ', 'a="', 'a="b",', "a=b,"),
    *("a=1,", "a;q=1,", "0-0,", "0-,"),
]
ENDS = ["", '"']
IN_URLS = ["&", "%", "%25", "a=1&", "a&", "+", "../", "//"]


def repeated(start: str, unit: str, end: str) -> Family:
    """Return the texts in which a unit is repeated between a start and an end."""
    return lambda size: start + unit * (size // len(unit)) + end


def counted(before: str, after: str, *, start: str = "") -> Family:
    """Return the texts that are lists of different elements: all numbers, each between two texts."""

    def text(size: int) -> str:
        elements = (f"{before}{number}{after}" for number in range(size // len(f"{before}10000{after}")))
        return start + "".join(elements)

    return text


def families(*starts: str, units: Iterable[str] = ()) -> list[Family]:
    """Return the families with each of these starts, each of UNITS and of `units`, and each of ENDS."""
    return [repeated(*parts) for parts in product(starts, [*UNITS, *units], ENDS)]


def field(name: str, target: str = "/100") -> Reader:
    """Return the reader of a header field: all that decides on the answer, which needs no digest."""
    plain = ask(target)
    others = [each for each in plain.fields if each[0] != name.encode()]

    def read(text: str) -> object:
        asked = plain._replace(fields=(*others, (name.encode(), text.encode("latin-1"))))
        return decide(asked, Settings(), known=lambda _, __: None)

    return read


def url(before: str, after: str = "") -> Reader:
    """Return the reader of a part of a file's URL."""
    return lambda text: decide(ask(f"{before}{text}{after}"), Settings())


def value_of(parameter: str) -> Reader:
    """Return the reader of a parameter's value."""

    def read(text: str) -> None:
        with suppress(RequestError):
            PARAMETERS[parameter].read(text)

    return read


def page(before: str) -> Reader:
    """Return the reader of a part of a page's URL."""
    backstage = Backstage(Settings(), Journal(1), {}, Occasions(), Clock(), Hasher(None))

    def read(text: str) -> None:
        asked = ask(before + text, Host="localhost")._replace(local=True, addresses=("127.0.0.1", "127.0.0.1"))
        if found := registry.find(asked, backstage):
            registry.respond(found, asked, backstage)

    return read


def gate_for(name: str) -> Reader:
    """Return the reader of a field that decides who may use a page."""
    settings = Settings(token="t" * 20, hosts=("test",))

    def read(text: str) -> None:
        asked = ask("/-/drop", **{"Host": "localhost", name: text})._replace(local=True)
        with suppress(RequestError):
            gate.check(asked, settings)

    return read


def request(before: str, after: str) -> Reader:
    """Return the reader of a whole request, from its first byte."""
    return lambda text: Connection().send(f"{before}{text}{after}\r\n".encode("latin-1"))


LOGIN = "user=u&password=p"
FIELD_READERS = {
    **{name.decode(): field(name.decode()) for name in sorted(FIELDS)},
    "basic": field("Authorization", f"/100?auth=basic&{LOGIN}"),
    "digest": field("Authorization", f"/100?auth=digest&{LOGIN}"),
    "bearer": field("Authorization", "/100?auth=bearer&token=t"),
    "host to redirect to": field("Host", "/100?redirect=1&redirect_host=localhost"),
    "Accept-Encoding": field("Accept-Encoding", "/100?coding=gzip&negotiate=on"),
    "sidecar": field("If-None-Match", "/100/a.sha256"),
    **{f"gate: {name}": gate_for(name) for name in ("Authorization", "Host", "Origin", "Sec-Fetch-Site")},
}
#: How the fields begin, so that their readers go further than to the first character.
STARTS = {
    "Range": ["bytes=", "bytes=0-"],
    "If-Match": ["", 'W/"', '"a"'],
    "If-None-Match": ["", 'W/"', '"a"'],
    "Want-Digest": ["a", "SHA;q=0."],
    "Want-Repr-Digest": ["a", "sha=1"],
    "Host": ["", "[", "a:"],
    "gate: Authorization": ["Bearer "],
    "gate: Host": ["", "["],
    "gate: Origin": ["", "http://", "http://a:"],
    "basic": ["Basic "],
    "digest": ["Digest a", 'Digest a="'],
    "bearer": ["Bearer "],
    "host to redirect to": ["", "[", "a:"],
}
LISTS = [
    *(counted('"', '",'), counted('a="', '", ', start="Digest "), counted("a", "=b, ", start="Digest ")),
    *(
        counted("a", ";q=0.5,"),
        counted("a", "=5,"),
        counted("", "-,", start="bytes="),
        counted("-", ",", start="bytes="),
    ),
]

URL_READERS = {
    "path": url("/"),
    "size": url("/1"),
    "name": url("/1/"),
    "sidecar": url("/1/", ".sha256"),
    "redirect": url("/1/", "?redirect=1"),
    "relative": url("/1/", "?redirect=1&location=relative"),
    "raw": url("/1/%C3%A9", "?redirect=1&location=raw"),
    "space": url("/1/%20", "?redirect=1&location=space"),
    "redirect_to": url("/1?redirect_to=/"),
    "link": url("/1/", "?signed=1"),
    "signature": url("/1/", "?signed=1&signature=x"),
    "limit": url("/1/", "?limit=1"),
    "query": url("/1?"),
    "tag": lambda text: tag_of(f"tag=a&{text}"),
    "page": page("/-/"),
    "number": page("/-/journal/"),
    "journal": page("/-/journal?"),
    "since": page("/-/journal?since="),
    "wait": page("/-/journal?wait="),
    "drop": page("/-/drop?"),
    "change": page("/-/change?"),
    "announce": page("/announce?"),
    "file": page("/announce?info_hash=12345678901234567890&peer_id=12345678901234567890&port=1&file="),
    "scrape": page("/scrape?"),
    "set": url("/set/"),
    "files": url("/set/", "=1/x.meta4"),
    "file of a set": url("/set/a=1/x/"),
    "query in a path": lambda text: unfolded(ask(f"/with/{text}/1")),
}
PAIRS = [counted("a", "=&"), counted("rate", "=1&"), counted(f"{'a' * 500}", "=&")]


def peer(before: bytes) -> Reader:
    """Return the reader of what a peer says, behind something."""
    server = Server(log=False)
    begun = before.replace(b"HASH", server.learn("/100k/a?content=ruler").torrent.info_hashes[0])
    return lambda text: server.visit().send(begun + text.encode("latin-1"))


def packet(action: int, body: bytes) -> Reader:
    """Return the reader of what follows in a packet to the UDP tracker."""
    client = Client(log=False)
    return lambda text: client.ask(action, body + text.encode("latin-1"))


def decoded(text: str) -> None:
    """Read something bencoded."""
    with suppress(BencodeError):
        decode(text.encode("latin-1"))


HELLO = b"\x13BitTorrent protocol" + bytes([0, 0, 0, 0, 0, 0x10, 0, 4]) + b"HASH" + b"i" * 20
#: What is not HTTP.
PEERS = {
    "first bytes": peer(b""),
    "MSE": peer(b"x" * 96),
    "messages": peer(HELLO),
    "bencoded": decoded,
    "announce over UDP": packet(1, announced(b"x" * 20)),
    "scrape over UDP": packet(2, b""),
}
IN_PEERS = ["\0", "\x01", "\x02", "\x02\x01a", "l", "d", "de", "le", "1:a", "i1e", "\0\0\0\x01\x02"]

REQUESTS = {
    "method": request("", " / HTTP/1.1\r\n"),
    "target": request("GET ", " HTTP/1.1\r\nHost: a\r\n"),
    "absolute": request("GET http://", " HTTP/1.1\r\nHost: a\r\n"),
    "query": request("GET /1?", " HTTP/1.1\r\nHost: a\r\n"),
    "version": request("GET / HTTP/", "\r\nHost: a\r\n"),
    "name": request("GET / HTTP/1.1\r\nHost: a\r\n", ": a\r\n"),
    **{
        name: request(f"GET / HTTP/1.1\r\nHost: a\r\n{name}: ", "\r\n")
        for name in ("Connection", "Content-Length", "Transfer-Encoding", "Cookie")
    },
}


def cost(read: Reader, text: str) -> float:
    """Return the seconds that the processor works to read a text."""
    begun = process_time()
    read(text)
    return process_time() - begun


def is_linear(read: Reader, text: str, twice: str, patience: float) -> bool:
    """Return whether the second text, of twice the length, costs no more than it may.

    Whatever else the machine does makes either text look slower, never faster. So the least time of each counts, and a
    bad ratio is measured again until so many seconds are spent.
    """
    least, least_of_twice, spent = inf, cost(read, twice), 0.0
    while least_of_twice > SHORT and spent < patience:
        once, both = cost(read, text), cost(read, twice)
        least, least_of_twice, spent = min(least, once), min(least_of_twice, both), spent + once + both
        if least_of_twice <= RATIO * least:
            return True
    return least_of_twice <= SHORT


def check(read: Reader, texts: Iterable[Family], size: int = SIZE, patience: float = PATIENCE) -> None:
    """Fail if a family of texts costs more than linear time."""
    for family in texts:
        assert is_linear(read, family(size), family(2 * size), patience), f"{family(20)!r} and so on"


@pytest.mark.parametrize("name", FIELD_READERS)
def test_fields(name: str) -> None:
    """Each field that an answer may depend on."""
    check(FIELD_READERS[name], [*families(*STARTS.get(name, [""])), *LISTS])


@pytest.mark.parametrize("name", PARAMETERS)
def test_values(name: str) -> None:
    """The value of each parameter."""
    check(value_of(name), families("", "1", "1."))


@pytest.mark.parametrize("name", URL_READERS)
def test_urls(name: str) -> None:
    """Paths and queries, of files and of pages."""
    check(URL_READERS[name], [*families("", units=IN_URLS), *PAIRS])


@pytest.mark.parametrize("name", REQUESTS)
def test_requests(name: str) -> None:
    """All that a request passes on its way, from its first byte."""
    check(REQUESTS[name], families("", units=IN_URLS), SIZE_ON_THE_WIRE)


@pytest.mark.parametrize("name", PEERS)
def test_peers(name: str) -> None:
    """What peers, and clients of the UDP tracker, send."""
    check(PEERS[name], families("", "l", "d", units=IN_PEERS), SIZE_ON_THE_WIRE)


def test_what_is_not_linear() -> None:
    """A reader that takes more than linear time does not pass."""
    with pytest.raises(AssertionError, match="'aaaa"):
        check(lambda text: sum(range(len(text) ** 3)), [repeated("", "a", "")], size=100, patience=0.01)
