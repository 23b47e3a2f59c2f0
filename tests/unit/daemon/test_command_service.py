"""command_service.py: what cannot start, and how it says so."""

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
    """What can listen does."""
    reactor = MemoryReactorClock()
    service_on(reactor).startService()
    assert [server[0] for server in reactor.tcpServers] == [80]


def refuse(*_: object, **__: object) -> None:
    """Listen on nothing."""
    raise OSError("no such interface")


def test_cannot_listen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot listen says so in one line on stderr, and ends the process with status 1 in every runner."""
    reactor = MemoryReactorClock()
    monkeypatch.setattr(reactor, "listenTCP", refuse)
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    with pytest.raises(StartError) as caught:
        service_on(reactor).startService()
    assert capsys.readouterr().err == "fakefiles: --listen tcp:80: no such interface\n"
    # For twistd it has to be the one, for the interpreter the other.
    assert isinstance(caught.value, Exception)
    assert isinstance(caught.value, SystemExit)
    assert caught.value.code == 1


def test_cannot_listen_as_a_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr has become the log, the log says it, too."""
    observer = EventLoggingObserver()
    globalLogPublisher.addObserver(observer)
    monkeypatch.setattr(sys, "__stderr__", None)
    reactor = MemoryReactorClock()
    monkeypatch.setattr(reactor, "listenTCP", refuse)
    with pytest.raises(StartError):
        service_on(reactor).startService()
    globalLogPublisher.removeObserver(observer)
    assert [event["log_format"] for event in observer if "error" in event] == ["cannot start: {error}"]
