"""The servers that are compared: how each is started, and why it cannot be where it cannot."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import nginx

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Mode:
    """How a server is to be run: over TLS, and with a line in a log for each request."""

    tls: bool = False
    log: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is to run: its port of 127.0.0.1, and a folder, with room for files of its own.

    There are `files/{bytes}`, files of ones, for servers of files, and `localhost.pem`, a certificate with its key.
    """

    port: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Peer:
    """A server: its command, and what has to be installed, as names of modules and programs.

    `path` is where it has a file, with {size} for its bytes.
    """

    name: str
    command: Callable[[Place, Mode], list[str]]
    modules: tuple[str, ...] = ()
    program: str = sys.executable
    path: str = "/{size}"

    def missing(self) -> str | None:
        """Return what is not installed, or None."""
        absent = [name for name in self.modules if importlib.util.find_spec(name) is None]
        absent += [] if shutil.which(self.program) else [self.program]
        return ", ".join(absent) or None


def _twistd(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("twistd")), "-n", "--pidfile=", *arguments]


def _fakefiles(place: Place, mode: Mode) -> list[str]:
    listen = ["--port", str(place.port)]
    if mode.tls:
        listen = ["--listen", f"tls:{place.folder}:port={place.port}:interface=127.0.0.1"]
    return _twistd("fakefiles", *listen, *([] if mode.log else ["--quiet"]))


def _nginx(place: Place, mode: Mode) -> list[str]:
    path = nginx.write_configuration(place.folder, place.port, tls=mode.tls, log=mode.log)
    return ["nginx", "-p", str(place.folder), "-e", "stderr", "-c", str(path)]


def _uvicorn(*options: str) -> Callable[[Place, Mode], list[str]]:
    def command(place: Place, mode: Mode) -> list[str]:
        pem = str(place.folder / "localhost.pem")
        return [
            *[sys.executable, "-m", "uvicorn", "fastapi_app:app", "--app-dir", str(_HERE), "--port", str(place.port)],
            *options,
            *(["--ssl-certfile", pem, "--ssl-keyfile", pem] if mode.tls else []),
            *([] if mode.log else ["--no-access-log"]),
        ]

    return command


def _script(name: str) -> Callable[[Place, Mode], list[str]]:
    def command(place: Place, mode: Mode) -> list[str]:
        return [sys.executable, str(_HERE / name), str(place.port), "log" if mode.log else "quiet"]

    return command


def _twistd_web(place: Place, _mode: Mode) -> list[str]:
    listen = f"tcp:{place.port}:interface=127.0.0.1"
    return _twistd("web", "--listen", listen, "--path", str(place.folder / "files"))


def _go_httpbin(place: Place, _mode: Mode) -> list[str]:
    return ["go-httpbin", "-host", "127.0.0.1", "-port", str(place.port), "-max-body-size", str(1 << 40)]


#: All of them by name; the first is what the others are compared with.
PEERS = {
    peer.name: peer
    for peer in (
        Peer("fakefiles", _fakefiles),
        Peer("nginx", _nginx, program="nginx"),
        Peer("FastAPI", _uvicorn("--loop", "asyncio", "--http", "h11"), ("fastapi", "uvicorn")),
        Peer(
            "FastAPI + uvloop",
            _uvicorn("--loop", "uvloop", "--http", "httptools"),
            ("fastapi", "uvicorn", "uvloop", "httptools"),
        ),
        Peer("http.server", _script("http_server.py")),
        Peer("twistd web", _twistd_web),
        Peer("bare Resource", _script("bare.py")),
        Peer("go-httpbin", _go_httpbin, program="go-httpbin", path="/range/{size}"),
    )
}
