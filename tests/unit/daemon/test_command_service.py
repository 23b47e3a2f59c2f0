"""command_service.py: a service that cannot start says why."""

from __future__ import annotations

import sys

import pytest
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import EventLoggingObserver, MemoryReactorClock
from twisted.logger import globalLogPublisher

from fakefiles.daemon.command_service import CommandLineService, StartError
from fakefiles.daemon.service import endpoint


class FakeSite(ServerFactory):
    """A factory that has nothing to break off."""

    def break_off(self) -> None:
        pass


def service_on(reactor: MemoryReactorClock) -> CommandLineService:
    """Return a service on a port of the reactor."""
    return CommandLineService(reactor, FakeSite(), [endpoint(reactor, "tcp:80")])  # type: ignore[arg-type]  # a double


def test_starts() -> None:
    """A service that can listen does so."""
    reactor = MemoryReactorClock()
    service_on(reactor).startService()
    assert [server[0] for server in reactor.tcpServers] == [80]


def refuse(*_: object, **__: object) -> None:
    """Listen on nothing."""
    raise OSError("no such interface")


def test_cannot_listen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A service that cannot listen prints one line to stderr, and the process ends with status 1 in every runner."""
    reactor = MemoryReactorClock()
    monkeypatch.setattr(reactor, "listenTCP", refuse)
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    with pytest.raises(StartError) as caught:
        service_on(reactor).startService()
    assert capsys.readouterr().err == "fakefiles: --listen tcp:80: no such interface\n"
    # twistd needs an Exception, the interpreter a SystemExit.
    assert isinstance(caught.value, Exception)
    assert isinstance(caught.value, SystemExit)
    assert caught.value.code == 1


def test_cannot_listen_as_a_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """If stderr has been replaced by a log, the log has the line, too."""
    observer = EventLoggingObserver()
    globalLogPublisher.addObserver(observer)
    monkeypatch.setattr(sys, "__stderr__", None)
    reactor = MemoryReactorClock()
    monkeypatch.setattr(reactor, "listenTCP", refuse)
    with pytest.raises(StartError):
        service_on(reactor).startService()
    globalLogPublisher.removeObserver(observer)
    assert [event["log_format"] for event in observer if "error" in event] == ["cannot start: {error}"]
