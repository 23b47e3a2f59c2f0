"""Clients of torrents and metalinks, on loopback only: programs in their own processes, and libtorrent in this one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import urlopen

import pytest

from processes import PATIENCE, tool

if TYPE_CHECKING:
    import libtorrent as lt
    from typing_extensions import Self

#: aria2c without all that leaves the machine, or outlives the download.
ARIA2C = (
    *("aria2c", "--no-conf", "--interface=127.0.0.1", "--enable-dht=false", "--enable-dht6=false"),
    *("--bt-enable-lpd=false", "--enable-peer-exchange=false", "--seed-time=0", "--file-allocation=none"),
    *("--allow-overwrite=true", "--summary-interval=0", "--console-log-level=warn", f"--bt-stop-timeout={PATIENCE}"),
)
#: wget2 without its configuration.
WGET2 = ("wget2", "--no-config", "--no-hsts", "--tries=2", "-q")
#: libtorrent on loopback, without what finds peers elsewhere. With uTP, it would try that first, for 3.5 seconds.
LIBTORRENT = {
    "listen_interfaces": "127.0.0.1:0",
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
}
_RTORRENT = """\
directory.default.set = {folder}
session.path.set = {session}
network.bind_address.set = 127.0.0.1
network.port_range.set = 20000-60000
network.port_random.set = yes
dht.mode.set = disable
protocol.pex.set = no
system.daemon.set = true
method.set_key = event.download.finished, quit, "system.shutdown.quick="
schedule2 = go, 0, 0, ((load.start, "{source}"))
"""


class Client(NamedTuple):
    """A client that runs, in a process of its own, and the folder into which it downloads."""

    process: subprocess.Popen[str]
    folder: Path

    def finish(self) -> None:
        """Wait until it has ended; fail if it was not successful."""
        output, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, output


def magnet(url: str) -> str:
    """Return the magnet link in the text at a URL."""
    with urlopen(url, timeout=PATIENCE) as response:
        text: bytes = response.read()
    return text.decode().strip()


@contextmanager
def started(folder: Path) -> Iterator[Callable[..., Client]]:
    """Yield a function that starts a program with arguments in a new folder; what still runs afterwards is killed."""
    clients: list[Client] = []

    def start(*command: str) -> Client:
        below = folder / f"{len(clients)}"
        below.mkdir(parents=True)
        process = subprocess.Popen(
            [tool(command[0]), *command[1:]],
            cwd=below,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        clients.append(Client(process, below))
        return clients[-1]

    try:
        yield start
    finally:
        for client in clients:
            client.process.kill()
            client.process.communicate()


def rtorrent(folder: Path, source: str) -> tuple[str, ...]:
    """Return the command that downloads a torrent, by its URL or its magnet link, into a folder, and then ends."""
    session = folder / "session"
    session.mkdir(parents=True)
    rc = folder / "rc"
    rc.write_text(_RTORRENT.format(folder=folder, session=session, source=source))
    return "rtorrent", "-n", "-o", f"import={rc}"


class Libtorrent:
    """A session of libtorrent, until the end of a block. `alerts` are those so far, with their names and texts."""

    def __init__(self, **settings: Any) -> None:
        self._lt = pytest.importorskip("libtorrent", reason="libtorrent has no wheel here")
        kinds = self._lt.alert.category_t
        mask = kinds.error_notification | kinds.status_notification | kinds.tracker_notification
        self._session: lt.session | None = self._lt.session({**LIBTORRENT, "alert_mask": mask, **settings})
        self._handles: list[lt.torrent_handle] = []
        self.alerts: list[tuple[str, str]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the session: announce its end, and leave all peers."""
        self._handles.clear()
        self._session = None

    @property
    def port(self) -> int:
        """Where it listens for peers."""
        assert self._session
        port: int = self._session.listen_port()
        return port

    def add(self, url: str, folder: Path) -> Path:
        """Begin to download what the torrent, or the magnet, at a URL leads to, into a folder; return the folder."""
        assert self._session
        with urlopen(url, timeout=PATIENCE) as response:
            data: bytes = response.read()
        known = data.startswith(b"magnet:")
        wanted = self._lt.parse_magnet_uri(data.decode().strip()) if known else self._lt.load_torrent_buffer(data)
        wanted.save_path = str(folder)
        # By default it begins with three of them, and looks later whether it can begin with more.
        wanted.flags &= ~(self._lt.torrent_flags.auto_managed | self._lt.torrent_flags.paused)
        self._handles.append(self._session.add_torrent(wanted))
        return folder

    def complete(self) -> None:
        """Wait until all torrents are complete."""
        self._until(lambda: all(handle.status().is_seeding for handle in self._handles))

    def wait_for(self, *names: str) -> None:
        """Wait until there was an alert of each name."""
        self._until(lambda: {*names} <= {name for name, _ in self.alerts})

    def _until(self, condition: Callable[[], bool]) -> None:
        assert self._session
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.alerts[-50:]
            self._session.wait_for_alert(100)
            self.alerts += [(alert.what(), alert.message()) for alert in self._session.pop_alerts()]
