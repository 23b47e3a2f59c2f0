"""channel.py and what it works with: a connection that is lost leaves nothing that only the garbage collector frees."""

from __future__ import annotations

import os
import ssl
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import trustme
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol

import fakefiles
from fakefiles.transfer.record import End
from loops import Client, Loop, uncollected
from unit.serving.test_span_pump import Creator

REQUEST = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n"
# What a client asks for before it leaves. Most of these go on for ever, each in a way of its own.
ASKED = {
    "nothing": "",
    "half a request": "GET /1 HT",
    "a small file": REQUEST.format("/1"),
    "a file past the transport": REQUEST.format("/1t"),
    "a file through the transport": REQUEST.format("/1t?chunk_size=1000"),
    "chunks": REQUEST.format("/1t?framing=chunked"),
    "a paced file": REQUEST.format("/1t?rate=1k"),
    "a jittery file": REQUEST.format("/1t?jitter=1ms"),
    "a gzipped file": REQUEST.format("/1t?encoding=gzip"),
    "a held file": REQUEST.format("/1m?hold=10"),
    "a stalled file": REQUEST.format("/1m?stall=10"),
    "a delayed file": REQUEST.format("/1m?delay=1h"),
    "a reset file": REQUEST.format("/1m?reset=10"),
    "a cut file": REQUEST.format("/1m?close=10"),
    "a refusal": REQUEST.format("/1m?refuse=headers"),
    "a journal": REQUEST.format("/-/journal"),
    "news": REQUEST.format("/-/journal?wait=60&path=/x"),
    "no news": REQUEST.format("/-/journal?wait=0.01&path=/x"),
    "many files": REQUEST.format("/300k") * 9,
}


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a loop, while Python collects no garbage."""
    with uncollected() as loop:
        yield loop


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return a certificate authority for this run."""
    return trustme.CA()


def tls_client(loop: Loop, site: Any, authority: trustme.CA) -> Client:
    """Return a client that has shaken hands."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    port = loop.listen(TLSMemoryBIOFactory(Creator(authority), False, site, loop.reactor))  # noqa: FBT003
    return loop.connect(port, context=context).shake_hands()


def leaves(loop: Loop, site: Any, client: Client, asked: str) -> list[weakref.ref[Any]]:
    """Let a client ask and leave; return references to what it had on the server."""
    loop.until(lambda: bool(site.connections))
    client.send(asked.encode())
    loop.turn(9, seconds=0.005)
    parts = [*site.connections, *(connection.transport for connection in site.connections), *site.live.values()]
    # The connection has ended already if that is what it asked for.
    found = [weakref.ref(part) for part in parts]
    client.leave()
    del parts
    loop.until(lambda: not site.connections)
    loop.turn(3)
    return found


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_a_client_leaves(loop: Loop, asked: str) -> None:
    """Its connection, its transport and its transfer are gone at once. The journal stays as it is."""
    site = fakefiles.site(reactor=loop.reactor)
    port = loop.listen(site)
    found = leaves(loop, site, loop.connect(port), asked)
    assert [part() for part in found if part() is not None] == []


@pytest.mark.parametrize("asked", ["nothing", "a file past the transport", "a paced file", "a held file", "many files"])
def test_a_client_leaves_tls(loop: Loop, authority: trustme.CA, asked: str) -> None:
    """It is the same with TLS, but for the transport.

    If the client leaves without a close_notify, Twisted's transport keeps itself in the traceback of an exception.
    """
    site = fakefiles.site(reactor=loop.reactor)
    found = leaves(loop, site, tls_client(loop, site, authority), ASKED[asked])
    assert [part() for part in found if not isinstance(part(), TLSMemoryBIOProtocol | None)] == []


def test_a_transfer_that_ends(loop: Loop) -> None:
    """What sent it is gone, while its connection goes on."""
    site = fakefiles.site(reactor=loop.reactor)
    client = loop.connect(loop.listen(site))
    client.send(REQUEST.format("/1m?hold=10").encode())
    loop.until(lambda: bool(site.live))
    exchange = weakref.ref(next(iter(site.live.values())))
    exchange().release()  # type: ignore[union-attr]  # it is there
    assert len(client.response().body) == 1 << 20
    loop.until(lambda: exchange() is None)
    assert client.get("/1").body == b"1"


@pytest.fixture
def impatient(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a site with short time limits."""
    monkeypatch.setattr("fakefiles.serving.channel._LINGER", 0.02)
    monkeypatch.setattr("fakefiles.serving.channel._GOODBYE", 0.02)
    site = fakefiles.site(reactor=loop.reactor)
    site.timeOut = 0.1
    return site


@pytest.mark.parametrize("sent", ["", "GET / HT", REQUEST.format("/1"), "GET /1 HTTP/1.0\r\n\r\n", "nonsense\r\n"])
def test_an_idle_tls_client_is_not_kept(loop: Loop, impatient: Any, authority: trustme.CA, sent: str) -> None:
    """It may never say goodbye: some seconds after it has everything, it is reset."""
    client = tls_client(loop, impatient, authority)
    loop.until(lambda: bool(impatient.connections))
    if sent:
        client.send(sent.encode())
    loop.until(lambda: not impatient.connections)
    assert loop.left() == []


def test_an_idle_tls_client_that_reads(loop: Loop, impatient: Any, authority: trustme.CA) -> None:
    """What it has not read yet is not lost; only afterwards is it reset."""
    client = tls_client(loop, impatient, authority)
    client.send(REQUEST.format("/3m").encode())
    loop.turn(100, seconds=0.005)
    assert len(client.response().body) == 3 << 20
    loop.until(lambda: not impatient.connections)


@pytest.mark.parametrize("query", ["", "?chunk_size=1000", "?rate=1g", "?encoding=gzip"])
def test_a_tls_client_says_goodbye_in_mid_answer(loop: Loop, authority: trustme.CA, query: str) -> None:
    """It is let go when it has read what was sent, and its transfer ends: nothing goes on for nobody."""
    site = fakefiles.site(reactor=loop.reactor)
    client = tls_client(loop, site, authority)
    client.send(REQUEST.format(f"/1t{query}").encode())
    loop.until(lambda: bool(site.live))
    (record,) = site.journal.records()
    loop.until_settled(lambda: record.body_sent)
    with suppress(ssl.SSLError):
        client.socket.unwrap()  # sends the close_notify, then wants that of the server
    plain = client.socket.fileno()

    def drained() -> bool:
        with suppress(OSError):
            os.read(plain, 1 << 16)
        return not site.connections

    loop.until(drained)
    assert (record.end, loop.left()) == (End.CLIENT_LEFT, [])
