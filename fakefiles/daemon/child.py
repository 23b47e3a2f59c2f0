"""`python -m fakefiles.daemon.child FD [options]`: the server of a test run, on the listening socket FD.

It writes one byte to stdout when it is ready. It ends when its stdin does, and so with the process that started it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from socket import AF_INET
from typing import Any

from twisted.logger import globalLogBeginner

from fakefiles.daemon.log import observer
from fakefiles.daemon.service import Listener
from fakefiles.daemon.tap import FixtureOptions, makeService

# Seconds that the reactor may take to stop; after that, the process ends by force.
_STOP_PATIENCE = 5


def main() -> None:
    """Serve until stdin ends. Raises SystemExit, with one line, if the options are wrong."""
    descriptor = int(sys.argv[1])
    options = FixtureOptions()
    options.parseOptions(sys.argv[2:])

    from twisted.internet import reactor as installed_reactor

    reactor: Any = installed_reactor
    globalLogBeginner.beginLoggingTo([observer(sys.stderr)], redirectStandardIO=False)

    def adopt(factory: Any) -> list[Any]:
        os.set_blocking(descriptor, False)  # adoptStreamPort() demands it
        port = reactor.adoptStreamPort(descriptor, AF_INET, factory)
        os.close(descriptor)  # the reactor has duplicated it
        return [port]

    service = makeService(options, reactor, [Listener(adopt)])
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.callWhenRunning(os.write, sys.stdout.fileno(), b".")
    threading.Thread(target=_end_with_stdin, args=(reactor,), daemon=True).start()
    reactor.run()


def _end_with_stdin(reactor: Any) -> None:
    sys.stdin.buffer.read()
    reactor.callFromThread(reactor.stop)
    time.sleep(_STOP_PATIENCE)
    os._exit(1)


if __name__ == "__main__":
    main()
