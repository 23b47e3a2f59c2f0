"""process.py: clients that behave badly as processes."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from fakefiles.conformance.evidence import Ender, Ending
from fakefiles.conformance.process import MARK_VARIABLE, ClientProcess, StartError
from processes import PATIENCE, eventually

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def process(folder: Path, code: str, full_from: int | None = None) -> ClientProcess:
    """Start a Python program, with a mark that no other one has."""
    environment = {**ENVIRONMENT, MARK_VARIABLE: uuid4().hex}
    return ClientProcess([sys.executable, "-c", code], folder, environment, full_from)


def ended(client: ClientProcess) -> Ending:
    """Return how it ended."""
    ending = client.ending(PATIENCE)
    assert ending is not None
    return ending


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def pid_in(path: Path) -> int:
    """Wait for a file with a number, and return that."""
    eventually(lambda: path.exists() and path.read_text().strip().isdigit(), f"{path} has a number")
    return int(path.read_text())


def test_ending(tmp_path: Path) -> None:
    """Its exit status, its output, its time and memory are told; it runs in the folder, with nothing on stdin."""
    code = "import os, sys; print(os.getcwd(), sys.stdin.read()); print('error', file=sys.stderr); sys.exit(3)"
    ending = ended(process(tmp_path, code))
    assert (ending.status, ending.ender) == (3, Ender.ITSELF)
    assert "error" in ending.output
    assert str(tmp_path) in ending.output
    assert 0 < ending.seconds < PATIENCE


def test_memory(tmp_path: Path) -> None:
    """Its memory is told if it is more than that of the process that has started it, from which it inherits it."""
    assert ended(process(tmp_path, "")).memory == 0
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert own < ended(process(tmp_path, f"bytearray({own}).find(1)")).memory < 2 * own + (1 << 26)


def test_signal(tmp_path: Path) -> None:
    """A signal of the case reaches it, and is told apart from one of its own."""
    client = process(tmp_path, "import time; time.sleep(60)")
    assert client.ending(0.01) is None
    client.signal(signal.SIGINT)
    ending = ended(client)
    assert ending.ender is Ender.PLAN
    client.signal(signal.SIGINT)  # there is nobody any more
    assert client.end(Ender.LIMIT) is ending


def test_megabytes_of_output(tmp_path: Path) -> None:
    """Only the end of very much output is kept."""
    ending = ended(process(tmp_path, "print('x' * 20_000_000); print('the end')"))
    assert ending.output.endswith("the end\n")
    assert len(ending.output) <= 4096


def test_ignores_sigterm(tmp_path: Path) -> None:
    """A process that ignores SIGTERM is killed."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    client = process(tmp_path, code)
    eventually(lambda: b"ready" in b"".join(client._tail), "it ignores the signal")
    ending = client.end(Ender.LIMIT)
    assert (ending.status, ending.ender) == (-signal.SIGKILL, Ender.LIMIT)


def test_slow_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is waited for, however long that takes after it was killed."""
    client = process(tmp_path, "import time; time.sleep(60)")
    monkeypatch.setattr("fakefiles.conformance.process._GRACE", 0.0)
    assert client.end(Ender.LIMIT).ender is Ender.LIMIT


def test_hangs(tmp_path: Path) -> None:
    """A process that only hangs ends with SIGTERM."""
    client = process(tmp_path, "import time; print('ready', flush=True); time.sleep(60)")
    eventually(lambda: b"ready" in b"".join(client._tail), "it runs")
    assert client.end(Ender.LIMIT).status == -signal.SIGTERM


def test_forks(tmp_path: Path) -> None:
    """Children that it leaves behind end with it, whether they hold its output or not."""
    code = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, file=open('pid', 'w'))"
    started = time.monotonic()
    ended(process(tmp_path, code))
    assert time.monotonic() - started < PATIENCE
    pid = pid_in(tmp_path / "pid")
    eventually(lambda: not alive(pid), "the child is gone")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the system has no /proc")
def test_leaves_its_group(tmp_path: Path) -> None:
    """So do those that have left its group, but not those of another case."""
    code = (
        "import subprocess; null = subprocess.DEVNULL;"
        " child = subprocess.Popen(['sleep', '60'], start_new_session=True, stdout=null);"
        " print(child.pid, file=open('pid', 'w'))"
    )
    other = process(tmp_path, "import time; time.sleep(60)")
    ended(process(tmp_path, code))
    pid = pid_in(tmp_path / "pid")
    eventually(lambda: not alive(pid), "the child is gone")
    assert other.ending(0.01) is None
    other.end(Ender.PLAN)


def test_small_disk(tmp_path: Path) -> None:
    """A disk that is full is a file that cannot grow: an error, and no signal."""
    code = "open('x', 'wb', buffering=0).write(bytes(2048)); open('x', 'ab', buffering=0).write(b'1')"
    ending = ended(process(tmp_path, code, full_from=2048))
    assert "File too large" in ending.output
    assert ending.status == 1
    assert (tmp_path / "x").stat().st_size == 2048


def test_cannot_be_started(tmp_path: Path) -> None:
    """A command that does not exist, or may not be run, is an error in one line."""
    with pytest.raises(StartError, match="/no/such cannot be started: No such file or directory"):
        ClientProcess(["/no/such"], tmp_path, ENVIRONMENT)
    with pytest.raises(StartError, match="cannot be started: Permission denied"):
        ClientProcess([str(tmp_path)], tmp_path, ENVIRONMENT)


def test_without_mark(tmp_path: Path) -> None:
    """Without a mark, only its group ends with it."""
    client = ClientProcess([sys.executable, "-c", ""], tmp_path, ENVIRONMENT)
    assert ended(client).success
