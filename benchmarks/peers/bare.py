"""The least that twisted.web can do, a Resource that returns b"1": `bare.py PORT LOG`; LOG is `quiet` or `log`."""

from __future__ import annotations

import sys
from typing import Any, cast

from twisted.internet import reactor
from twisted.internet.protocol import ServerFactory
from twisted.logger import globalLogBeginner, textFileLogObserver
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import Site


class One(Resource):
    """Every URL is one byte."""

    isLeaf = True

    def render_GET(self, _request: Request) -> bytes:
        """Return the body."""
        return b"1"


class QuietSite(Site):
    """Logs nothing."""

    def log(self, request: Request) -> None:
        """Do nothing."""


if __name__ == "__main__":
    globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
    factory = (Site if sys.argv[2] == "log" else QuietSite)(One())
    reactor.listenTCP(int(sys.argv[1]), cast("ServerFactory[Any]", factory), 1024, "127.0.0.1")
    reactor.run()
