"""The service of a process of its own: when it cannot start, it says why in one line."""

from __future__ import annotations

import sys

from twisted.logger import Logger

from fakefiles.daemon.service import FakeFilesService

_log = Logger()


class StartError(Exception, SystemExit):
    """Ends the process with status 1 and no traceback.

    An Exception too: for those twistd removes its pidfile, and tells the parent of a daemon that it did not start.
    """

    code = 1


class CommandLineService(FakeFilesService):
    """The service of a process of its own, which ends with one line on stderr when it cannot listen."""

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
