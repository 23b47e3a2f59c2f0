"""The systemd units: what systemd says of them, and a start through a socket that systemd's own tool has opened."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from processes import PATIENCE, eventually, program, read_all, tool

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Return a folder with the units, for the twistd beside this Python."""
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/fakefiles/bin/twistd", program("twistd")))
    return tmp_path


def analyze(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    command = [tool("systemd-analyze"), *arguments]
    return subprocess.run(command, cwd=cwd, timeout=PATIENCE, capture_output=True, text=True, check=False)


def test_verify(units: Path) -> None:
    """Systemd finds nothing to say about the units."""
    result = analyze("verify", "./fakefiles.service", "./fakefiles.socket", cwd=units)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_security(units: Path) -> None:
    """The exposure that systemd computes is the README's: 0.2 of 10."""
    if "--offline" not in analyze("--help", cwd=units).stdout:
        pytest.skip("this systemd-analyze cannot judge a unit offline")
    result = analyze("security", "--offline=yes", "--threshold=2", "./fakefiles.service", cwd=units)
    assert result.returncode == 0, result.stdout[-2000:]


@contextmanager
def activated(units: Path) -> Iterator[dict[str, int]]:
    """Listen as systemd does, and start the unit's command at the first connection; give the port of each address."""
    command = re.search(r"^ExecStart=(.*)$", (units / "fakefiles.service").read_text(), re.MULTILINE)
    assert command
    log = units / "log"
    for _ in range(5):  # systemd's tool takes no port 0: a port that was free may be taken when it listens
        ports = {address: free_port(address) for address in ("127.0.0.1", "::1")}
        sockets = [f"--listen=127.0.0.1:{ports['127.0.0.1']}", f"--listen=[::1]:{ports['::1']}"]
        activate = [tool("systemd-socket-activate"), "--fdname=fakefiles:fakefiles", *sockets, *command[1].split()]
        with log.open("wb") as output:
            process = subprocess.Popen(activate, stdout=output, stderr=output)
        try:
            if listens(process, log):
                yield ports
                return
        finally:
            process.terminate()
            process.wait(PATIENCE)
    pytest.fail(log.read_text())


def listens(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait until both sockets are open, or the process has ended; return which."""
    eventually(lambda: process.poll() is not None or log.read_text().count("Listening") == 2, "it listens or ends")
    return process.poll() is None


def free_port(address: str) -> int:
    """Return a port that is free just now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        port: int = server.getsockname()[1]
        return port


def test_socket_activation(units: Path) -> None:
    """The unit's own command takes both sockets, and serves the connection that started it."""
    with activated(units) as ports:
        for address in ports.items():
            with socket.create_connection(address, PATIENCE) as client:
                client.sendall(b"GET /3 HTTP/1.0\r\n\r\n")
                assert read_all(client).endswith(b"\r\n\r\n111")
    log = (units / "log").read_text()
    assert log.count("is listening on http://") == 2
    assert "Traceback" not in log
