"""keepalive.py: the options of a client's socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fakefiles
from fakefiles.serving.aborting import connection_of
from loops import Loop


@pytest.fixture
def loop() -> Iterator[Loop]:
    """Return a loop."""
    loop = Loop()
    yield loop
    loop.close()


def handle_of(connection: Any) -> Any:
    """Return the socket of a connection."""
    below = connection_of(connection.transport)
    assert below
    return below.getHandle()


def test_each_client_is_asked(loop: Loop) -> None:
    """A client that has vanished is noticed after two minutes."""
    site = fakefiles.site(reactor=loop.reactor)
    loop.connect(loop.listen(site))
    loop.until(lambda: bool(site.connections))
    (connection,) = site.connections
    plain = handle_of(connection)
    assert plain.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    idle, interval, count = (plain.getsockopt(socket.IPPROTO_TCP, option) for option in options)
    assert idle + interval * count == 120


def test_systems_without_the_options(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, the kernel asks at its own times."""
    monkeypatch.delattr(socket, "TCP_KEEPIDLE")
    test_each_client_is_asked_at_all(loop)


def test_each_client_is_asked_at_all(loop: Loop) -> None:
    """A client on TCP is asked."""
    site = fakefiles.site(reactor=loop.reactor)
    assert loop.connect(loop.listen(site)).get("/1").body == b"1"
    (connection,) = site.connections
    assert handle_of(connection).getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


def test_unix_sockets(loop: Loop, tmp_path: Path) -> None:
    """A client on this machine cannot vanish without the kernel knowing."""
    site = fakefiles.site(reactor=loop.reactor)
    loop.listen_unix(str(tmp_path / "socket"), site)
    assert loop.connect(str(tmp_path / "socket")).get("/1").body == b"1"
