"""The service: one protocol factory that listens on any number of endpoints."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from twisted.application.service import Service
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IFileDescriptor, IListeningPort
from twisted.logger import Logger

from fakefiles._version import __version__

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress, IReactorCore, IReactorTCP
    from twisted.internet.protocol import ServerFactory
    from twisted.python.failure import Failure

    from fakefiles.serving.site import FakeFilesSite

_log = Logger()

# How many connections the kernel completes before we accept them. With Twisted's 50, a burst of clients overflows the
# queue, and waits a second until their SYNs are sent again. The kernel caps this at a limit of its own (somaxconn).
_BACKLOG = 4096
# The errors of a kernel or a container without IPv6.
_NO_IPV6 = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}
# For port 0, IPv4 picks a number that may be taken on IPv6. So many numbers are tried.
_PICKS = 20


# Twisted finds the sockets of systemd by their names only.
_NO_SUCH_SOCKET = (
    "systemd has passed no such socket; each needs a name, by systemd-socket-activate --fdname=NAME,"
    " or by FileDescriptorName=NAME in a unit"
)

Ports = list[IListeningPort]


class UnusableError(ValueError):
    """An endpoint string cannot be used, although Twisted can parse it. The text says why, and what to do."""


@dataclass(frozen=True)
class Listener:
    """How to start listening: `listen` takes a factory, and returns the ports or a Deferred of them.

    `scheme` is that of the URL in the log. Texts of errors begin with `name`, if it is not empty.
    """

    listen: Callable[[ServerFactory[Any]], Ports | Deferred[Ports]]
    scheme: str = "http"
    name: str = ""


def loopback(reactor: IReactorTCP, port: int) -> Listener:
    """Return a listener on 127.0.0.1 and ::1, with the same port number on both; 0 picks a free one.

    Clients may resolve `localhost` to either address. Without IPv6 it listens on 127.0.0.1 only. It raises
    CannotListenError if the port is taken on either.
    """

    def listen(factory: ServerFactory[Any]) -> Ports:
        return _on_both(lambda number, host: reactor.listenTCP(number, factory, _BACKLOG, host), port)

    return Listener(listen)


def for_peers(site: FakeFilesSite, port: int) -> Listener:
    """Return a listener for peers of BitTorrent on 127.0.0.1 and ::1, like loopback()."""
    return Listener(lambda _: _on_both(site.listen_for_peers, port), "peers")


def for_announces(site: FakeFilesSite, port: int) -> Listener:
    """Return a listener for a UDP tracker on 127.0.0.1 and ::1, like loopback()."""
    return Listener(lambda _: _on_both(site.listen_for_announces, port), "udp")


def _on_both(listen: Callable[[int, str], Any], port: int) -> Ports:
    """Return the ports that `listen` opens for a number and a host, on 127.0.0.1 and, if there is IPv6, on ::1."""
    for picks_left in reversed(range(1 if port else _PICKS)):
        ipv4 = listen(port, "127.0.0.1")
        try:
            return [ipv4, listen(ipv4.getHost().port, "::1")]
        except CannotListenError as error:
            if error.socketError.errno in _NO_IPV6:
                return [ipv4]
            ipv4.stopListening()
            if not picks_left:
                raise
    raise AssertionError("unreachable")  # pragma: no cover


def endpoint(reactor: IReactorCore, description: str) -> Listener:
    """Return a listener on a Twisted server endpoint, given as a string like tcp:8000 or unix:/run/fakefiles.sock.

    Raises UnusableError, or whatever the parser of the endpoint raises if the string is wrong: a plugin may define it.
    """
    encrypted = description.startswith(("tls:", "ssl:"))
    if encrypted:
        _check_extra()
    if description.startswith("tls:"):
        _check_certificates(description)
    from_systemd = description.startswith("systemd:")
    try:
        parsed = serverFromString(reactor, description)
    except LookupError:
        if not from_systemd:
            raise
        raise UnusableError(_NO_SUCH_SOCKET) from None
    scheme = "https" if encrypted else "http"
    # A socket from systemd has the Backlog= of its unit, and a description may have backlog=.
    own_backlog = from_systemd or "backlog=" in description

    def opened(port: IListeningPort) -> Ports:
        if not own_backlog:
            _lengthen_queue(port)
        return [port]

    return Listener(lambda factory: parsed.listen(factory).addCallback(opened), scheme, f"--listen {description}")


def _lengthen_queue(port: Any) -> None:
    """Set our backlog by calling listen() again on the socket: not every kind of endpoint has a parameter for it."""
    if IFileDescriptor.providedBy(port):
        with socket.socket(fileno=os.dup(port.fileno())) as listener:
            listener.listen(_BACKLOG)


def _check_extra() -> None:
    """Raise UnusableError if the packages for TLS are not installed; Twisted's parsers would raise a NameError."""
    try:
        import_module("twisted.internet.ssl")
    except ImportError:
        raise UnusableError("TLS needs the extra: pip install '.[tls]'") from None


def _check_certificates(description: str) -> None:
    """Raise UnusableError if the folder of a tls: endpoint has no certificate; Twisted looks only at a handshake."""
    folder = re.split(r"(?<!\\):", description)[1].replace("\\:", ":")
    if not any(Path(folder).glob("*.pem")):
        raise UnusableError(f"there is no .pem file in {folder}; tls: wants a folder of them")


class FakeFilesService(Service):
    """Listens while it runs; `ports` are the open ports.

    If a listener fails at once, starting the service raises its error (CannotListenError, for one) and leaves no port
    open. If one fails later, the reactor stops: a process that does not listen is of no use.
    """

    def __init__(self, reactor: IReactorCore, factory: FakeFilesSite, listeners: Sequence[Listener]) -> None:
        self._reactor = reactor
        self._factory = factory
        self._listeners = listeners
        self._opening: list[Deferred[None]] = []
        self._failures: list[Failure] = []
        self.ports: Ports = []

    def privilegedStartService(self) -> None:
        """Start listening, before the process drops its privileges. Raises the error of a listener that fails."""
        super().privilegedStartService()
        self._failures = []
        self._opening = [maybeDeferred(self._open, listener).addErrback(self._failed) for listener in self._listeners]
        if self._failures:
            self.stopService()
            self._failures[0].raiseException()

    def startService(self) -> None:
        """Start listening, if privilegedStartService() has not done so."""
        if not self._opening:
            self.privilegedStartService()
        super().startService()

    def stopService(self) -> Deferred[Any]:
        """Stop listening, and break off the transfers under way; the Deferred fires when all ports are closed."""
        super().stopService()
        self._factory.break_off()
        opening, self._opening = self._opening, []
        for deferred in opening:
            deferred.cancel()
        ports, self.ports = self.ports, []
        return gatherResults([maybeDeferred(port.stopListening) for port in ports])

    async def _open(self, listener: Listener) -> None:
        try:
            ports = await cast("Deferred[Ports]", maybeDeferred(listener.listen, self._factory))
        except OSError as error:  # its text lacks the endpoint; CannotListenError, which is no OSError, has it
            if not listener.name:
                raise
            raise OSError(f"{listener.name}: {error.strerror or error}") from error
        self.ports += ports
        self.opened()
        urls = " and ".join(_url(port.getHost(), listener.scheme) for port in ports)
        _log.info("fakefiles {version} is listening on {urls}", version=__version__, urls=urls)

    def opened(self) -> None:
        """Do nothing; subclasses may act on new `ports`. An exception from here counts as a failure to listen."""

    def _failed(self, failure: Failure) -> None:
        # Before the service runs, privilegedStartService() raises the failure. After it has stopped, the failure is the
        # CancelledError of our own cancel().
        self._failures.append(failure)
        if self.running:
            _log.failure("cannot listen, stopping", failure)
            self._reactor.stop()


def _url(address: IAddress, scheme: str) -> str:
    if isinstance(address, IPv4Address):
        return f"{scheme}://{address.host}:{address.port}/"
    if isinstance(address, IPv6Address):
        return f"{scheme}://[{address.host}]:{address.port}/"
    if isinstance(address, UNIXAddress):
        return f"unix:{cast('bytes', address.name).decode('utf-8', 'replace')}"
    return str(address)
