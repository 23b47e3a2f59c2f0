"""The service for a process of its own: if it cannot start, it prints the reason in one line."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from fakefiles.daemon.port_file import PortFile
from fakefiles.daemon.service import FakeFilesService

_log = Logger()


class StartError(Exception, SystemExit):
    """Ends the process with status 1 and no traceback, because it is a SystemExit.

    It is an Exception, too: only for those, twistd removes its pidfile and tells the parent of a daemon that the start
    failed.
    """

    code = 1


class CommandLineService(FakeFilesService):
    """The service for a process of its own: if it cannot listen, the process ends with one line on stderr.

    If there is a `port_file`, it contains the port while the service runs.
    """

    port_file: PortFile | None = None

    def privilegedStartService(self) -> None:
        """Start listening. Raises StartError, after it has printed the reason."""
        try:
            super().privilegedStartService()
        except Exception as error:  # noqa: BLE001  plugins may define endpoints, and raise anything
            print(f"fakefiles: {error}", file=sys.__stderr__)
            # twistd has replaced sys.stderr by its log. A daemon has no terminal: the log is all that remains.
            if sys.stderr is not sys.__stderr__:
                _log.critical("cannot start: {error}", error=error)
            raise StartError(str(error)) from None

    def stopService(self) -> Deferred[Any]:
        """Stop listening, and remove the port file."""
        if self.port_file is not None:
            self.port_file.remove()
        return super().stopService()

    def opened(self) -> None:
        """Publish the port file as soon as the reactor runs. Raises OSError if it cannot be written.

        Not earlier: until the reactor handles signals, one ends the process at once, and the file would stay.
        """
        if self.port_file is not None and self.port_file.prepare(self.ports):
            self._reactor.callWhenRunning(self.port_file.publish)
