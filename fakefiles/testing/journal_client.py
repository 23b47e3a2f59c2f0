"""Reads the journal of a server over HTTP, with a bound to every wait and no heed to proxies."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

from fakefiles.http.record import Record
from fakefiles.testing.process import ServerError
from fakefiles.testing.view import Reading
from fakefiles.transfer.record import JournalError

# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True

# Seconds in which a server has to answer, beyond what it is asked to wait; longer than one takes to start, or to fail.
_PATIENCE = 60.0


class JournalClient:
    """What the server at a host and port, and its journal, are asked.

    Every method raises ServerError when the server does not answer, or with the reason when it never started, and
    JournalError when it has no journal, or refuses.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def check(self) -> None:
        """See whether the server is there; one that is just being started is waited for."""
        self._ask("GET", "/-/health")

    def read(self, tag: str = "", since: int = 0, wait: float = 0) -> Reading:
        """Return the records, of a tag or all, that have changed since a version.

        When there are none it waits for one, at most `wait` seconds.
        """
        query = {"since": str(since), "wait": f"{wait:.3f}", **({"tag": tag} if tag else {})}
        answer = json.loads(self._ask("GET", f"/-/journal?{urlencode(query)}", wait))
        records = [Record.from_dict(record) for record in answer["records"]]
        for record in records:
            record.releaser = partial(self._ask, "POST", f"/-/journal/{record.number}/release")
        return Reading(answer["version"], answer["lost"], answer["count"], records)

    def open_port(self) -> int:
        """Open a port of its own for a view; return its number."""
        port: int = json.loads(self._ask("POST", "/-/doors"))["port"]
        return port

    def close_port(self, port: int) -> None:
        """Give such a port up."""
        self._ask("DELETE", f"/-/doors/{port}")

    def refuse(self, port: int) -> None:
        """Refuse connections to such a port."""
        self._ask("POST", f"/-/doors/{port}/refuse")

    def accept(self, port: int) -> None:
        """Let clients in again at such a port."""
        self._ask("POST", f"/-/doors/{port}/accept")

    def drop(self, tag: str = "") -> None:
        """Reset the connections on which something is being sent, for a tag or all."""
        self._ask("POST", f"/-/drop?{urlencode({'tag': tag})}" if tag else "/-/drop")

    def _ask(self, method: str, target: str, wait: float = 0) -> bytes:
        connection = HTTPConnection(self._host, self._port, timeout=wait + _PATIENCE)
        try:
            connection.request(method, target, headers={"Connection": "close"})
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise ServerError(f"the server at {self._host}:{self._port} does not answer: {error!r}") from None
        finally:
            connection.close()
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise ServerError(body.decode(errors="replace").strip())
        if response.status == HTTPStatus.NOT_FOUND and target.startswith("/-/journal?"):
            raise JournalError("this server keeps no journal; start it without --journal 0")
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise JournalError(f"{method} {target}: {response.status}, {body.decode(errors='replace').strip()}")
        return body
