"""A file with the server's port, for the program that has started the server."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IListeningPort


class PortFile:
    """A file at `path` that exists while the server runs. It has the number of the first TCP port, and a newline.

    It appears complete, by a rename: a reader never sees a part of it. One that another server left is removed first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._new = path.parent / f".{path.name}.{os.getpid()}"
        self._prepared = False

    def prepare(self, ports: Iterable[IListeningPort]) -> bool:
        """Write the number of the first TCP port to a temporary file; return whether this call did so.

        It does not without a TCP port, or if an earlier call did. Raises OSError if the file cannot be written.
        """
        addresses = [port.getHost() for port in ports]
        numbers = [address.port for address in addresses if isinstance(address, (IPv4Address, IPv6Address))]
        if self._prepared or not numbers:
            return False
        try:
            self._path.unlink(missing_ok=True)
            self._new.write_text(f"{numbers[0]}\n", encoding="ascii")
        except OSError as error:
            raise OSError(f"--port-file {self._path}: {error.strerror}") from None
        self._prepared = True
        return True

    def publish(self) -> None:
        """Give the file its name. Call this when the server runs, and will remove the file on a signal."""
        if self._prepared:
            self._new.replace(self._path)

    def remove(self) -> None:
        """Remove the file, if this server wrote it. Errors are ignored: the process may have dropped its privileges."""
        if self._prepared:
            self._prepared = False
            for path in (self._new, self._path):
                with suppress(OSError):
                    path.unlink()
