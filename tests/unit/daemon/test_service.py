"""service.py: listening, on doubles of the reactor."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IStreamServerEndpointStringParser
from twisted.internet.protocol import Factory, ServerFactory
from twisted.internet.testing import EventLoggingObserver, MemoryReactorClock
from twisted.logger import globalLogPublisher
from twisted.plugin import getPlugins
from twisted.python.failure import Failure

from fakefiles.daemon.service import FakeFilesService, Listener, Ports, endpoint, for_announces, for_peers, loopback


class FakePort:
    """A listening port that knows whether it is open."""

    def __init__(self, address: Any) -> None:
        self.address = address
        self.open = True

    def getHost(self) -> Any:
        return self.address

    def stopListening(self) -> None:
        self.open = False


class FakeReactor:
    """Listens unless the (interface, port) is in `errors`; port 0 gets the numbers in `picks`, one after the other."""

    def __init__(self, errors: dict[tuple[str, int], int] | None = None, picks: list[int] | None = None) -> None:
        self.errors = errors or {}
        self.picks = picks or []
        self.ports: list[FakePort] = []
        self.stopped = False

    def listenTCP(self, number: int, factory: object, backlog: int, interface: str) -> FakePort:  # noqa: ARG002
        number = number or self.picks.pop(0)
        if (interface, number) in self.errors:
            raise CannotListenError(interface, number, OSError(self.errors[interface, number], "no"))
        address = (IPv6Address if ":" in interface else IPv4Address)("TCP", interface, number)
        self.ports.append(FakePort(address))
        return self.ports[-1]

    def stop(self) -> None:
        self.stopped = True


class FakeSite(ServerFactory):
    """A factory that knows how often its transfers were broken off."""

    broken_off = 0

    def break_off(self) -> None:
        self.broken_off += 1


def open_ports(reactor: FakeReactor) -> list[tuple[str, int]]:
    """Return where the reactor listens."""
    return [(port.address.host, port.address.port) for port in reactor.ports if port.open]


def service_on(reactor: Any, *listeners: Listener) -> FakeFilesService:
    """Return a service on these listeners."""
    return FakeFilesService(reactor, FakeSite(), listeners)  # type: ignore[arg-type]  # a double


class TestLoopback:
    """--port."""

    def test_both_families(self) -> None:
        """One port number is open on all addresses of localhost."""
        reactor = FakeReactor()
        service_on(reactor, loopback(reactor, 8000)).startService()  # type: ignore[arg-type]
        assert open_ports(reactor) == [("127.0.0.1", 8000), ("::1", 8000)]

    @pytest.mark.parametrize("code", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
    def test_no_ipv6(self, code: int) -> None:
        """A machine without IPv6 is served on IPv4."""
        reactor = FakeReactor({("::1", 8000): code})
        service_on(reactor, loopback(reactor, 8000)).startService()  # type: ignore[arg-type]
        assert open_ports(reactor) == [("127.0.0.1", 8000)]

    @pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
    def test_taken(self, taken: str) -> None:
        """A number that is taken on either family is an error, and nothing stays open."""
        reactor = FakeReactor({(taken, 8000): errno.EADDRINUSE})
        with pytest.raises(CannotListenError):
            service_on(reactor, loopback(reactor, 8000)).startService()  # type: ignore[arg-type]
        assert open_ports(reactor) == []

    def test_free_port(self) -> None:
        """Port 0 picks a number that is free on both."""
        reactor = FakeReactor({("::1", 5001): errno.EADDRINUSE}, picks=[5001, 5002])
        service_on(reactor, loopback(reactor, 0)).startService()  # type: ignore[arg-type]
        assert open_ports(reactor) == [("127.0.0.1", 5002), ("::1", 5002)]

    def test_no_free_port(self) -> None:
        """It gives up after some picks."""
        reactor = FakeReactor({("::1", 5001): errno.EADDRINUSE}, picks=[5001] * 100)
        with pytest.raises(CannotListenError):
            service_on(reactor, loopback(reactor, 0)).startService()  # type: ignore[arg-type]
        assert len(reactor.picks) == 80
        assert open_ports(reactor) == []


@pytest.mark.parametrize("listener", [for_peers, for_announces])
def test_both_families_for_torrents(listener: Callable[[Any, int], Listener]) -> None:
    """The seed and the UDP tracker are on all addresses of localhost, to which the tracker of HTTP leads."""
    reactor = FakeReactor({("::1", 5001): errno.EADDRINUSE}, picks=[5001, 5002])

    def listen(port: int, host: str) -> Any:
        return reactor.listenTCP(port, None, 0, host)

    site = SimpleNamespace(listen_for_peers=listen, listen_for_announces=listen)
    service_on(reactor, listener(site, 0)).startService()
    assert open_ports(reactor) == [("127.0.0.1", 5002), ("::1", 5002)]


class TestEndpoint:
    """--listen."""

    def test_listens(self) -> None:
        """An endpoint string is listened on."""
        reactor = MemoryReactorClock()
        service_on(reactor, endpoint(reactor, "tcp:8001:interface=127.0.0.2")).startService()
        assert [(server[0], server[3]) for server in reactor.tcpServers] == [(8001, "127.0.0.2")]

    @pytest.mark.parametrize(("backlog", "most"), [("", 4096), (":backlog=7", 7)])
    def test_queue(self, backlog: str, most: int) -> None:
        """The listen queue has room for a burst of clients, unless the description sets another length."""
        from twisted.internet import reactor

        opened: list[Ports] = []
        listening = endpoint(reactor, f"tcp:0:interface=127.0.0.1{backlog}").listen(Factory())  # type: ignore[arg-type]
        assert isinstance(listening, Deferred)
        listening.addCallback(opened.append)
        ((port,),) = opened
        allowed = int(Path("/proc/sys/net/core/somaxconn").read_text())
        # For a listening socket, Linux returns the length of its queue in tcpi_sacked.
        information = port.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)  # type: ignore[attr-defined]
        port.stopListening()
        assert int.from_bytes(information[28:32], sys.byteorder) == min(most, allowed)

    @pytest.mark.parametrize("description", ["nothing:1", "tcp", "tcp:x", ""])
    def test_bad(self, description: str) -> None:
        """A wrong endpoint string raises at once, before anything listens."""
        with pytest.raises((ValueError, TypeError)):
            endpoint(MemoryReactorClock(), description)

    def test_a_lookup_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A LookupError is explained for systemd: only, not for the parser of a plugin."""

        def fail(*_: object) -> None:
            raise KeyError("x")

        monkeypatch.setattr("fakefiles.daemon.service.serverFromString", fail)
        with pytest.raises(KeyError):
            endpoint(MemoryReactorClock(), "other:1")
        with pytest.raises(ValueError, match="systemd has passed no such socket"):
            endpoint(MemoryReactorClock(), "systemd:domain=INET:name=x")


class TestService:
    """Starting and stopping."""

    @pytest.mark.parametrize(
        ("name", "error", "text"),
        [
            ("--listen unix:/x", FileNotFoundError(2, "No such file", "/y"), "--listen unix:/x: No such file"),
            ("--listen unix:/x", OSError("no"), "--listen unix:/x: no"),
            ("", OSError("no"), "no"),
        ],
    )
    def test_what_cannot_be_opened_is_named(self, name: str, error: OSError, text: str) -> None:
        """An error of the system says which listener it was."""

        def listen(_: object) -> Ports:
            raise error

        with pytest.raises(OSError) as caught:
            service_on(FakeReactor(), Listener(listen, name=name)).startService()
        assert str(caught.value) == text

    def test_privileged_start(self) -> None:
        """It listens when twistd starts it with privilege, and not again afterwards."""
        reactor = FakeReactor()
        service = service_on(reactor, loopback(reactor, 80))  # type: ignore[arg-type]
        service.privilegedStartService()
        assert len(service.ports) == 2
        service.startService()
        assert len(reactor.ports) == 2

    def test_stop_and_start_again(self) -> None:
        """Stopping closes all ports; it can then be started again."""
        reactor = FakeReactor()
        service = service_on(reactor, loopback(reactor, 80))  # type: ignore[arg-type]
        service.startService()
        service.stopService()
        assert open_ports(reactor) == []
        assert service.ports == []
        assert service._factory.broken_off == 1  # type: ignore[attr-defined]  # our double
        service.startService()
        assert len(open_ports(reactor)) == 2

    def test_one_of_two_fails(self) -> None:
        """When one listener fails the other is closed, too."""
        reactor = FakeReactor({("127.0.0.1", 81): errno.EADDRINUSE})
        service = service_on(reactor, loopback(reactor, 80), loopback(reactor, 81))  # type: ignore[arg-type]
        with pytest.raises(CannotListenError):
            service.startService()
        assert open_ports(reactor) == []

    def test_late_listener(self) -> None:
        """An endpoint may take its time."""
        late: Deferred[list[IListeningPort]] = Deferred()
        service = service_on(FakeReactor(), Listener(lambda _: late))
        service.startService()
        port = FakePort(IPv4Address("TCP", "127.0.0.1", 1))
        late.callback([port])  # type: ignore[list-item]
        service.stopService()
        assert not port.open

    def test_late_failure(self, logged_failures: list[Failure]) -> None:
        """An endpoint that fails later stops the reactor."""
        late: Deferred[list[IListeningPort]] = Deferred()
        reactor = FakeReactor()
        service_on(reactor, Listener(lambda _: late)).startService()
        late.errback(CannotListenError("tor", 1, OSError()))
        assert reactor.stopped
        assert logged_failures.pop().check(CannotListenError)

    def test_stopped_while_opening(self) -> None:
        """Stopping does not wait for an endpoint that has not opened, and that is no failure."""
        cancelled: list[object] = []
        late: Deferred[list[IListeningPort]] = Deferred(cancelled.append)
        reactor = FakeReactor()
        service = service_on(reactor, Listener(lambda _: late))
        service.startService()
        service.stopService()
        assert cancelled == [late]
        assert not reactor.stopped

    @pytest.mark.parametrize(
        ("address", "scheme", "url"),
        [
            (IPv4Address("TCP", "127.0.0.1", 8000), "http", "http://127.0.0.1:8000/"),
            (IPv6Address("TCP", "::1", 8000), "https", "https://[::1]:8000/"),
            (UNIXAddress(b"/run/x.sock"), "http", "unix:/run/x.sock"),
            (HostnameAddress(b"x", 1), "http", "HostnameAddress(hostname=b'x', port=1)"),
        ],
    )
    def test_log(self, address: Any, scheme: str, url: str) -> None:
        """The log says where it listens."""
        observer = EventLoggingObserver()
        globalLogPublisher.addObserver(observer)
        service_on(FakeReactor(), Listener(lambda _: [FakePort(address)], scheme)).startService()  # type: ignore[list-item]
        globalLogPublisher.removeObserver(observer)
        assert [event["urls"] for event in observer if "urls" in event] == [url]


@pytest.mark.skipif(
    "tls" not in {parser.prefix for parser in getPlugins(IStreamServerEndpointStringParser)},
    reason="this Twisted has no tls: endpoint; it came with 26.4",
)
def test_https_is_called_so(tmp_path: Path) -> None:
    """A TLS endpoint's URL begins with https."""
    reactor = MemoryReactorClock()
    folder = tmp_path / "a:b"
    folder.mkdir()
    (folder / "x.pem").touch()
    description = f"tls:{str(folder).replace(':', chr(92) + ':')}:port=8443"
    assert endpoint(reactor, description).scheme == "https"
    assert endpoint(reactor, "tcp:8000").scheme == "http"


def test_tls_without_certificates(tmp_path: Path) -> None:
    """A folder that has no certificate, or is none, is found now, not in every handshake."""
    for folder in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(ValueError, match=r"there is no \.pem file in .*; tls: wants a folder of them"):
            endpoint(MemoryReactorClock(), f"tls:{folder}:port=8443")
