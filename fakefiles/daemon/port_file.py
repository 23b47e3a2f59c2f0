"""A file that tells on which port the server listens, to whoever has started it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IListeningPort


class PortFile:
    """A file at `path`, which is there while the server runs: the number of its first TCP port, and a newline.

    Whoever reads it finds all of it, or no file; one that another server has left is removed before.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._new = path.parent / f".{path.name}.{os.getpid()}"
        self._prepared = False

    def prepare(self, ports: Iterable[IListeningPort]) -> bool:
        """Write the number of a TCP port, if there is one, to a file beside it; return whether that was done now.

        Raises OSError when it is impossible.
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
        """Give the file its name: the server runs, and will remove it when a signal ends it."""
        if self._prepared:
            self._new.replace(self._path)

    def remove(self) -> None:
        """Take the file away, if it is ours; the process may have lost the right to."""
        if self._prepared:
            self._prepared = False
            for path in (self._new, self._path):
                with suppress(OSError):
                    path.unlink()
