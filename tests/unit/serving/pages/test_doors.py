"""doors.py: ports of a client's own, over an in-memory connection."""

from __future__ import annotations

import json

from twisted.internet.defer import Deferred, succeed

from doubles import Connection


class Listening:
    """Ports without sockets: it remembers what becomes of them."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def open(self) -> int:
        return 4000

    def find(self, port: int) -> Listening | None:
        return self if port == self.port else None

    port = 4000

    def refuse(self) -> Deferred[None]:
        self.told.append("refuse")
        return succeed(None)

    def accept(self) -> None:
        self.told.append("accept")

    def close(self, port: int) -> Deferred[None]:
        self.told.append(f"close {port}")
        return succeed(None)


def test_doors() -> None:
    """Where they are allowed, a client can open a port of its own, shut it for a while, and give it up."""
    client, doors = Connection(), Listening()
    assert client.get("/-/doors").status == 404
    client.site.resource.backstage.ports = doors
    opened = client.get("/-/doors", method="POST")
    assert (opened.status, json.loads(opened.body)) == (201, {"port": 4000})
    for method, target, status in (
        ("POST", "/-/doors/4000/refuse", 204),
        ("POST", "/-/doors/4000/accept", 204),
        ("DELETE", "/-/doors/4000", 204),
        ("POST", "/-/doors/4001/refuse", 404),
        ("POST", "/-/doors/x/refuse", 400),
        ("GET", "/-/doors/4000", 405),
        ("GET", "/-/doors/4000/x", 404),
    ):
        assert client.get(target, method=method).status == status
    assert doors.told == ["refuse", "accept", "close 4000"]
