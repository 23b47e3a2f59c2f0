"""A server for tests. It ends with the test run, whatever happens, and knows how clients have used it.

    with fakefiles.testing.running() as server:         # in a process of its own
        download(server.url_for("100m", name="a.iso"))

    server = yield fakefiles.testing.listen(reactor)    # in the reactor of a test; server.stop() returns a Deferred

pytest has fixtures of both: fakefiles_server, fakefiles, and fakefiles_in_reactor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakefiles._lazy import lazily

if TYPE_CHECKING:
    from fakefiles.http.record import Record
    from fakefiles.testing.process import ServerError
    from fakefiles.testing.server import Server, listen, running
    from fakefiles.transfer.record import End, JournalError

__all__ = ["End", "JournalError", "Record", "Server", "ServerError", "listen", "running"]

__getattr__ = lazily(
    __name__,
    {
        "End": "fakefiles.transfer.record",
        "JournalError": "fakefiles.transfer.record",
        "Record": "fakefiles.http.record",
        "Server": "fakefiles.testing.server",
        "ServerError": "fakefiles.testing.process",
        "listen": "fakefiles.testing.server",
        "running": "fakefiles.testing.server",
    },
)
