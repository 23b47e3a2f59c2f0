"""port_file.py: a file that exists while a port is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from fakefiles.daemon.port_file import PortFile


class FakePort:
    """A listening port."""

    def __init__(self, address: Any) -> None:
        self._address = address

    def getHost(self) -> Any:
        return self._address


UNIX = FakePort(UNIXAddress(b"/x"))


def told(file: PortFile, *ports: Any) -> bool:
    """Prepare the file for some doubles of ports; return whether there is something to publish."""
    return file.prepare(ports)


def test_first_tcp_port(tmp_path: Path) -> None:
    """The file has the first TCP port; it is removed at the end, and nothing else is left in the folder."""
    path = tmp_path / "port"
    file = PortFile(path)
    path.write_text("left by another\n")
    assert not told(file, UNIX)
    assert told(file, UNIX, FakePort(IPv6Address("TCP", "::1", 8001)), FakePort(IPv4Address("TCP", "127.0.0.1", 8002)))
    assert not path.exists()
    file.publish()
    assert path.read_text() == "8001\n"
    assert not told(file, FakePort(IPv4Address("TCP", "127.0.0.1", 8003)))
    assert path.read_text() == "8001\n"
    assert list(tmp_path.iterdir()) == [path]
    file.remove()
    assert not path.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """A file that was never written is not removed; it is no error if it is gone already."""
    path = tmp_path / "port"
    path.write_text("7\n")
    file = PortFile(path)
    file.remove()
    assert path.exists()
    told(file, FakePort(IPv4Address("TCP", "127.0.0.1", 8002)))
    file.remove()
    file.publish()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "reason"), [("none/port", "No such file or directory"), ("folder", "Is a directory")])
def test_cannot_be_written(tmp_path: Path, name: str, reason: str) -> None:
    """The error names a file that cannot be written; nothing is left behind."""
    folder = tmp_path / "folder"
    (folder / "folder").mkdir(parents=True)
    with pytest.raises(OSError, match=f"--port-file {folder / name}: {reason}"):
        told(PortFile(folder / name), FakePort(IPv4Address("TCP", "127.0.0.1", 8002)))
    assert list(folder.iterdir()) == [folder / "folder"]
