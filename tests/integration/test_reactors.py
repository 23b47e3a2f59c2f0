"""The reactors that Twisted can be told to use, in a process of its own."""

from __future__ import annotations

import pytest

from processes import running

SIZE = 3 << 20


@pytest.mark.parametrize("reactor", ["asyncio", "poll", "select"])
def test_reactor(reactor: str) -> None:
    """A large file arrives complete, and small ones after it; clients that do not read, or leave, cost no time."""
    with running("twistd", f"--reactor={reactor}", "-n", "--pidfile=", "fakefiles", "--port", "0") as server:
        with server.connect() as client:
            client.sendall(b"GET /3m HTTP/1.1\r\nHost: a\r\n\r\nGET /7 HTTP/1.0\r\n\r\n")
            received = bytearray()
            while block := client.recv(1 << 20):
                received += block
            assert received.count(b"1" * SIZE) == 1
            assert received.endswith(b"\r\n\r\n1111111")
        with server.connect() as client:
            client.sendall(b"GET /1t HTTP/1.1\r\nHost: a\r\n\r\n")
            server.wait_until_idle()
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        server.wait_until_idle()
