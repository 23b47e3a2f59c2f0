"""ports.py: real ports, in the reactor of the test."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet import error, reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol

from fakefiles.serving.ports import Ports


async def lets_in(port: int) -> bool:
    """Return whether a client is let in."""
    try:
        client = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Protocol())
    except error.ConnectionRefusedError:
        return False
    assert client.transport
    client.transport.loseConnection()
    return True


@pytest_twisted.ensureDeferred
async def test_doors() -> None:
    """Each is opened, shut and opened again by itself, under its own number, and given up in the end."""
    doors = Ports(reactor, Factory.forProtocol(Protocol))
    one, other = doors.open(), doors.open()
    shut: Any = doors.find(one)
    for _ in range(2):
        await shut.refuse()
        assert (await lets_in(one), await lets_in(other)) == (False, True)
    for _ in range(2):
        shut.accept()
        assert await lets_in(one)
    await shut.refuse()
    await doors.close(one)
    await doors.close(other)
    assert (await lets_in(one), await lets_in(other)) == (False, False)
    assert doors.find(one) is None
    with pytest.raises(KeyError):
        doors.close(one)
