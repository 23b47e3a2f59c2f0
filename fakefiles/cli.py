"""The `fakefiles` command: the service in the foreground, for people who do not know twistd."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from io import TextIOWrapper


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM; the log goes to stdout.

    `arguments` are those of the command line by default. Raises SystemExit when they are wrong or listening fails.
    """
    from fakefiles.tap import Options, makeService

    options = Options()
    options.synopsis = "Usage: fakefiles [options]"
    options.parseOptions(sys.argv[1:] if arguments is None else arguments)

    from twisted.internet import reactor
    from twisted.logger import globalLogBeginner, textFileLogObserver

    service = makeService(options, reactor)
    # A log that is piped somewhere is read while we run.
    cast("TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)
    globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.run()
