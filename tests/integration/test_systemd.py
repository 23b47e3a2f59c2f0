"""The systemd units: what systemd says of them, and a start through a socket that systemd's own tool has opened."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from processes import PATIENCE, eventually, program, read_all, tool

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
UNITS = ROOT / "deploy" / "systemd"


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


def readme_command(port: int, fdname: str = "fakefiles") -> str:
    """Return the README's command, on another port, with another name for its socket."""
    found = re.search(r"^systemd-socket-activate .*$", README.read_text(), re.MULTILINE)
    assert found
    return found[0].replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("--fdname=fakefiles", f"--fdname={fdname}")


@contextmanager
def by_hand(log: Path, fdname: str = "fakefiles") -> Iterator[int]:
    """Run the README's command for the length of a block; give its port."""
    tool("systemd-socket-activate")
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    for _ in range(5):  # as below
        port = free_port("127.0.0.1")
        command = ["bash", "-c", f"exec {readme_command(port, fdname)}"]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            if listens(process, log, sockets=1):
                yield port
                return
        finally:
            process.terminate()
            process.wait(PATIENCE)
    pytest.fail(log.read_text())


def test_by_hand(tmp_path: Path) -> None:
    """The README's command serves the connection that started it."""
    log = tmp_path / "log"
    with by_hand(log) as port, socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(b"GET /3 HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\n111")
    assert "Traceback" not in log.read_text()


def test_by_hand_without_a_name(tmp_path: Path) -> None:
    """Without a name for its socket, one line says what is missing."""
    log = tmp_path / "log"
    with by_hand(log, fdname="") as port, socket.create_connection(("127.0.0.1", port), PATIENCE):
        eventually(lambda: "fakefiles: " in log.read_text(), "it has said what is missing")
    (line,) = [line for line in log.read_text().splitlines() if line.startswith("fakefiles: ")]
    assert "systemd has passed no such socket; each needs a name" in line
    assert "Error" not in log.read_text()


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


def listens(process: subprocess.Popen[bytes], log: Path, sockets: int = 2) -> bool:
    """Wait until the sockets are open, or the process has ended; return which."""

    def settled() -> bool:
        return process.poll() is not None or log.read_text().count("Listening") == sockets

    eventually(settled, "it listens or ends")
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
