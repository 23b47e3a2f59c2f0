"""The main job: real download clients split, stop and resume."""

from __future__ import annotations

import hashlib
import signal
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from fakefiles import verify
from processes import PATIENCE, ServerProcess, eventually, run_tool, tool

MIB = 1 << 20


def assert_ones(path: Path, size: int) -> None:
    """Assert that a file is `size` ones."""
    assert path.stat().st_size == size
    with path.open("rb") as file:
        while block := file.read(MIB):
            assert block.count(b"1") == len(block)


def stop_half_way(command: list[str | Path], part: Path, at_least: int, cwd: Path) -> None:
    """Run a slow client until its file has some bytes, then interrupt it."""
    process = subprocess.Popen(
        [tool(str(command[0])), *map(str, command[1:])], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: part.exists() and part.stat().st_blocks * 512 >= at_least, "the client got some of the file")
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


class TestCurl:
    """curl."""

    def test_download(self, server: ServerProcess, tmp_path: Path) -> None:
        """The whole file arrives, under its own name."""
        result = run_tool("curl", "-sSfO", f"{server.url}20m/x.bin", folder=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert_ones(tmp_path / "x.bin", 20 * MIB)

    def test_resume(self, server: ServerProcess, tmp_path: Path) -> None:
        """-C - resumes where the file ends."""
        (tmp_path / "x.bin").write_bytes(b"1" * MIB)
        result = run_tool(
            "curl", "-sSfO", "-C", "-", "-w", "%{size_download}", f"{server.url}20m/x.bin", folder=tmp_path
        )
        assert (result.returncode, result.stdout) == (0, str(19 * MIB))
        assert_ones(tmp_path / "x.bin", 20 * MIB)

    def test_resume_of_a_file_that_changes(self, server: ServerProcess, tmp_path: Path) -> None:
        """-C - sends no If-Range, and so makes a splice, which the verifier names; If-Range prevents it."""
        for more, verdict in (
            ([], "different: a splice of two versions: bytes 0 to 1048575 of version 1, the rest of version 2"),
            (["-H", 'If-Range: "ruler-2097152"'], None),
        ):
            url = f"{server.url}2m/x.bin?content=ruler&close=50%25&fail=1&change=2&tag=curl{len(more)}"
            assert run_tool("curl", "-sSfO", url, folder=tmp_path).returncode == 18
            result = run_tool("curl", "-sSfO", "-C", "-", *more, url, folder=tmp_path)
            if verdict is None:
                assert result.returncode == 33  # it wants a range, and gets the new file
            else:
                assert result.returncode == 0
                assert str(verify(tmp_path / "x.bin", url)).startswith(verdict)

    def test_digests_of_both_versions(self, server: ServerProcess, tmp_path: Path) -> None:
        """The answer waits for the digests of both versions, and sends that of its own."""
        for byte in (b"1", b"2"):
            result = run_tool("curl", "-sSfI", f"{server.url}2m/d.bin?change=2&digest=sha-256", folder=tmp_path)
            digest = b64encode(hashlib.sha256(byte * 2 * MIB).digest()).decode()
            assert f"Repr-Digest: sha-256=:{digest}:\n" in result.stdout

    def test_time_condition(self, server: ServerProcess, tmp_path: Path) -> None:
        """-z does not fetch a file that is not newer."""
        (tmp_path / "x.bin").write_bytes(b"1")
        result = run_tool(
            "curl", "-sSf", "-z", "x.bin", "-o", "y.bin", "-w", "%{http_code}", f"{server.url}20m", folder=tmp_path
        )
        assert result.stdout == "304"

    def test_head(self, server: ServerProcess, tmp_path: Path) -> None:
        """-I shows the length of a file that nobody could store."""
        result = run_tool("curl", "-sSfI", f"{server.url}8191p", folder=tmp_path)
        assert "Content-Length: 9222246136947933184\n" in result.stdout

    @pytest.mark.parametrize("framing", ["chunked", "close"])
    def test_framing(self, server: ServerProcess, tmp_path: Path, framing: str) -> None:
        """A body of unknown length arrives complete."""
        result = run_tool("curl", "-sSf", "-o", "x", f"{server.url}20m?framing={framing}", folder=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert_ones(tmp_path / "x", 20 * MIB)

    @pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "localhost"])
    def test_addresses(self, server: ServerProcess, tmp_path: Path, address: str) -> None:
        """The server answers on all addresses of localhost."""
        if run_tool("curl", "-sS", f"http://[::1]:{server.port}/1", folder=tmp_path).returncode and address == "[::1]":
            pytest.skip("this machine has no IPv6")
        assert run_tool("curl", "-sSf", f"http://{address}:{server.port}/3", folder=tmp_path).stdout == "111"


class TestWget:
    """wget."""

    def test_download(self, server: ServerProcess, tmp_path: Path) -> None:
        """The whole file arrives, under its own name."""
        result = run_tool("wget", "-q", f"{server.url}20m/x.bin", folder=tmp_path)
        assert result.returncode == 0
        assert_ones(tmp_path / "x.bin", 20 * MIB)

    def test_resume(self, server: ServerProcess, tmp_path: Path) -> None:
        """-c resumes an interrupted download."""
        command: list[str | Path] = ["wget", "-q", "--limit-rate=2m", f"{server.url}20m/x.bin"]
        stop_half_way(command, tmp_path / "x.bin", MIB, tmp_path)
        assert (tmp_path / "x.bin").stat().st_size < 20 * MIB
        assert run_tool("wget", "-q", "-c", f"{server.url}20m/x.bin", folder=tmp_path).returncode == 0
        assert_ones(tmp_path / "x.bin", 20 * MIB)

    def test_timestamping(self, server: ServerProcess, tmp_path: Path) -> None:
        """-N sets the fixed date, and fetches nothing the second time."""
        url = f"{server.url}1m/x.bin"
        run_tool("wget", "-q", "-N", url, folder=tmp_path)
        assert (tmp_path / "x.bin").stat().st_mtime == 1_000_000_000
        assert "304" in run_tool("wget", "-N", url, folder=tmp_path).stderr


class TestAria2:
    """aria2c."""

    SPLIT = ("aria2c", "-q", "-x16", "-s16", "-k1M", "--file-allocation=none")

    def test_split(self, server: ServerProcess, tmp_path: Path) -> None:
        """Sixteen connections put together one file."""
        result = run_tool(*self.SPLIT, f"{server.url}200m/x.bin", folder=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert_ones(tmp_path / "x.bin", 200 * MIB)

    def test_resume(self, server: ServerProcess, tmp_path: Path) -> None:
        """A split download is interrupted, and resumed from its control file."""
        url = f"{server.url}64m/x.bin"
        slow: list[str | Path] = [*self.SPLIT, "--max-overall-download-limit=8M", url]
        stop_half_way(slow, tmp_path / "x.bin", 4 * MIB, tmp_path)
        assert (tmp_path / "x.bin.aria2").exists()
        assert run_tool(*self.SPLIT, "-c", url, folder=tmp_path).returncode == 0
        assert not (tmp_path / "x.bin.aria2").exists()
        assert_ones(tmp_path / "x.bin", 64 * MIB)

    def test_conditional_get(self, server: ServerProcess, tmp_path: Path) -> None:
        """--conditional-get does not fetch the file if the local one is not older."""
        (tmp_path / "x.bin").write_bytes(b"mine")
        command = ("aria2c", "-q", "--conditional-get", "--allow-overwrite", f"{server.url}1m/x.bin")
        assert run_tool(*command, folder=tmp_path).returncode == 0
        assert (tmp_path / "x.bin").read_bytes() == b"mine"

    def test_many_at_once(self, server: ServerProcess, tmp_path: Path) -> None:
        """Several downloads, each split, run in parallel."""
        names = [f"{number}.bin" for number in range(8)]
        (tmp_path / "list").write_text("".join(f"{server.url}16m/{name}\n" for name in names))
        assert run_tool(*self.SPLIT, "-j8", "-i", "list", folder=tmp_path).returncode == 0
        for name in names:
            assert_ones(tmp_path / name, 16 * MIB)
