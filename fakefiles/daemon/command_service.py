"""The service of a process of its own: when it cannot start, it says why in one line."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from fakefiles.daemon.port_file import PortFile
from fakefiles.daemon.service import FakeFilesService

_log = Logger()


class StartError(Exception, SystemExit):
    """Ends the process with status 1 and no traceback.

    An Exception too: for those twistd removes its pidfile, and tells the parent of a daemon that it did not start.
    """

    code = 1


class CommandLineService(FakeFilesService):
    """The service of a process of its own, which ends with one line on stderr when it cannot listen.

    While it runs, `port_file`, if there is one, tells on which port.
    """

    port_file: PortFile | None = None

    def privilegedStartService(self) -> None:
        """Start listening; raises StartError, the line already printed."""
        try:
            super().privilegedStartService()
        except Exception as error:  # noqa: BLE001  endpoints may be anybody's plugins
            print(f"fakefiles: {error}", file=sys.__stderr__)
            # twistd has made sys.stderr its log; a daemon has no other.
            if sys.stderr is not sys.__stderr__:
                _log.critical("cannot start: {error}", error=error)
            raise StartError(str(error)) from None

    def stopService(self) -> Deferred[Any]:
        """Stop listening, and say so."""
        if self.port_file is not None:
            self.port_file.remove()
        return super().stopService()

    def opened(self) -> None:
        """Tell the port as soon as the reactor runs; raises OSError when that cannot be done.

        Not before: until then a signal ends the process at once, and the file would stay.
        """
        if self.port_file is not None and self.port_file.prepare(self.ports):
            self._reactor.callWhenRunning(self.port_file.publish)
