"""Reads the journal of a server over HTTP. Every wait has a limit, and proxies in the environment are ignored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

from fakefiles.http.record import Record
from fakefiles.testing.process import ServerError
from fakefiles.testing.view import Reading
from fakefiles.transfer.record import JournalError, TransferRecord

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

# Seconds in which a server must answer, besides the wait that it is asked for. It is more than START_PATIENCE: a server
# may only be starting, or failing to.
_PATIENCE = 60.0


class JournalClient:
    """A client for the control pages, under /-/, of the server at a host and port.

    Every method raises ServerError if the server does not answer, or (with the reason) could not start; and
    JournalError if it has no journal, or refuses the request.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def check(self) -> None:
        """Check that the server answers; wait if it is still starting."""
        self._ask("GET", "/-/health")

    def read(self, tag: str = "", since: int = 0, wait: float = 0) -> Reading:
        """Return the records that have changed since a version of the journal; with a tag, only those with that tag.

        If there are none, wait for one, up to `wait` seconds.
        """
        query = {"since": str(since), "wait": f"{wait:.3f}", **({"tag": tag} if tag else {})}
        answer = json.loads(self._ask("GET", f"/-/journal?{urlencode(query)}", wait))
        records = [_record(record) for record in answer["records"]]
        for record in records:
            record.releaser = partial(self._ask, "POST", f"/-/journal/{record.number}/release")
        return Reading(answer["version"], answer["lost"], answer["count"], records)

    def open_port(self) -> int:
        """Open another port of the server, for one view; return its number."""
        port: int = json.loads(self._ask("POST", "/-/doors"))["port"]
        return port

    def close_port(self, port: int) -> None:
        """Close a port that open_port() opened."""
        self._ask("DELETE", f"/-/doors/{port}")

    def refuse(self, port: int) -> None:
        """Refuse connections to a port that open_port() opened."""
        self._ask("POST", f"/-/doors/{port}/refuse")

    def accept(self, port: int) -> None:
        """Accept connections again on a port that refuse() closed."""
        self._ask("POST", f"/-/doors/{port}/accept")

    def drop(self, tag: str = "") -> None:
        """Reset the connections on which an answer is being sent; with a tag, only to requests with that tag."""
        self._ask("POST", f"/-/drop?{urlencode({'tag': tag})}" if tag else "/-/drop")

    def change(self, wanted: Mapping[str, str]) -> None:
        """Change the files whose URLs have change=, and the wanted path and tag, if any."""
        self._ask("POST", f"/-/change?{urlencode(wanted)}")

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


def _record(values: Mapping[str, Any]) -> TransferRecord:
    """Return a record from its JSON: that of a request, or of a peer."""
    if values["method"] != "PEER":
        return Record.from_dict(values)
    from fakefiles.bittorrent.record import PeerRecord

    return PeerRecord.from_dict(values)
