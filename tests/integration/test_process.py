"""The server as a process: how it starts, what it costs, how it ends."""

from __future__ import annotations

import re
import resource
import signal
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from processes import PATIENCE, ServerProcess, eventually, program, read_all, running, tool

GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
MIB = 1 << 20

RUNNERS = {
    "fakefiles": ("fakefiles",),
    "twistd": ("twistd", "-n", "--pidfile=", "fakefiles"),
    "twist": ("twist", "--log-format=text", "fakefiles"),
}
runners = pytest.mark.parametrize("runner", RUNNERS)
needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")


def fetch(server: ServerProcess, target: str = "/3") -> bytes:
    """Return the whole response to a request on a connection of its own."""
    with server.connect() as client:
        client.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        return read_all(client)


@contextmanager
def connections(server: ServerProcess, count: int) -> Iterator[list[socket.socket]]:
    """Hold N connections open during a block."""
    with ExitStack() as stack:
        yield [stack.enter_context(server.connect()) for _ in range(count)]


def failing(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a server that cannot start."""
    return subprocess.run(
        [program(command[0]), *command[1:]], timeout=PATIENCE, capture_output=True, text=True, check=False
    )


@runners
def test_serves_and_logs(runner: str) -> None:
    """Every runner serves on the port that it logs, and logs the request."""
    with running(*RUNNERS[runner], "--port", "0") as server:
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert fetch(server).endswith(b"\r\n\r\n111")
        server.wait_for_line(re.compile(r'"127\.0\.0\.1" - - \[.*\] "GET /3 HTTP/1\.0" 200 3 "-" "-"'))


def test_quiet() -> None:
    """--quiet logs no requests."""
    with running("fakefiles", "--port", "0", "--quiet") as server:
        fetch(server)
        server.stop()
        assert "GET" not in "".join(server.log)


@runners
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_stops_in_the_middle_of_transfers(runner: str, sign: signal.Signals) -> None:
    """A signal ends the process at once, whatever is under way; `running` checks for tracebacks."""
    with running(*RUNNERS[runner], "--port", "0") as server:
        with connections(server, 10) as clients:
            for client in clients:
                client.sendall(GET % b"/1t")
                assert client.recv(1)
            status = server.stop(sign)
        # twistd and twist die of the signal, as init systems expect; the command exits with 0.
        assert status == (0 if runner == "fakefiles" else -sign)
        assert sum("GET /1t" in line for line in server.log) == 10


@runners
def test_busy_port(runner: str) -> None:
    """A port that is taken: one line on stderr, status 1, and no process that listens to nothing."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = failing(*RUNNERS[runner], "--port", str(port))
    assert result.returncode == 1
    assert result.stderr == (f"fakefiles: Couldn't listen on 127.0.0.1:{port}: [Errno 98] Address already in use.\n")
    assert "Traceback" not in result.stdout


@runners
@pytest.mark.parametrize("option", ["--port=x", "--nothing", "--listen=nothing:1", "--max-size=1x", "--listen=tcp:x"])
def test_bad_option(runner: str, option: str) -> None:
    """A bad option: one line on stderr, nothing on stdout, status 1."""
    result = failing(*RUNNERS[runner], option)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert result.stderr.startswith("fakefiles: ")


@runners
def test_folder_that_is_not_there(runner: str) -> None:
    """The error names a UNIX socket that cannot be created."""
    result = failing(*RUNNERS[runner], "--listen", "unix:/no/such/folder/x.sock")
    assert result.returncode == 1
    assert result.stderr == "fakefiles: --listen unix:/no/such/folder/x.sock: No such file or directory\n"


@pytest.mark.parametrize(
    ("arguments", "named"), [(("serve",), "'serve'"), (("verify", "a", "/1", "surplus"), "surplus")]
)
def test_surplus_arguments(arguments: tuple[str, ...], named: str) -> None:
    """The last line names the surplus argument."""
    result = failing("fakefiles", *arguments)
    assert result.returncode
    assert named in result.stderr.splitlines()[-1]


def test_log_of_the_start() -> None:
    """The log has the URLs once."""
    with running("fakefiles", "--port", "0") as server:
        server.stop()
        assert "FakeFilesSite" not in "".join(server.log)


@runners
def test_port_file(runner: str, tmp_path: Path) -> None:
    """The port file exists while the server runs."""
    path = tmp_path / "port"
    with running(*RUNNERS[runner], "--port", "0", "--port-file", str(path)) as server:
        eventually(path.exists, "the port is told")
        assert path.read_text() == f"{server.port}\n"
        server.stop()
    assert not path.exists()


@runners
def test_port_file_that_cannot_be_written(runner: str) -> None:
    """A port file that cannot be written is named in one line, and nothing runs."""
    result = failing(*RUNNERS[runner], "--port", "0", "--port-file", "/no/such/folder/port")
    assert result.returncode == 1
    assert result.stderr == "fakefiles: --port-file /no/such/folder/port: No such file or directory\n"


def test_pidfile_is_not_left(tmp_path: Path) -> None:
    """If the service cannot start, twistd removes its pidfile."""
    pidfile = tmp_path / "pid"
    assert failing("twistd", "-n", f"--pidfile={pidfile}", "fakefiles", "--listen", "unix:/no/where").returncode == 1
    assert not pidfile.exists()


def test_stopping_does_not_make_a_part_look_whole() -> None:
    """A body that ends with the connection is reset, not ended, when the server is stopped."""
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--port", "0") as server, server.connect() as client:
        client.sendall(GET % b"/1t?framing=close")
        client.recv(1)
        server.stop()
        with pytest.raises(ConnectionResetError):
            read_all(client)


def test_daemon_that_cannot_start(tmp_path: Path) -> None:
    """A daemon that cannot start says why to the process that started it, and in its log."""
    log = tmp_path / "log"
    options = (f"--pidfile={tmp_path / 'pid'}", f"--logfile={log}")
    result = failing("twistd", *options, "fakefiles", "--listen", "unix:/no/where")
    assert result.returncode == 1
    assert "StartError: --listen unix:/no/where: No such file or directory" in result.stderr
    assert "cannot start: --listen unix:/no/where: No such file or directory" in log.read_text()
    assert not (tmp_path / "pid").exists()


def test_unix_socket(tmp_path: Path) -> None:
    """--listen unix: serves on a socket in the file system."""
    path = tmp_path / "socket"
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--listen", f"unix:{path}") as server:
        assert server.url == f"unix:{path}"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(path))
            client.sendall(b"GET /3 HTTP/1.0\r\n\r\n")
            assert read_all(client).endswith(b"\r\n\r\n111")
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(path))
            client.sendall(b"GET /-/journal HTTP/1.0\r\n\r\n")
            assert read_all(client).startswith(b"HTTP/1.0 200 ")


def own_addresses() -> list[str]:
    """Return the address by which others in the network reach this machine, if there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # which sends nothing
        return [probe.getsockname()[0]]
    return []


@pytest.mark.parametrize("listen", ["tcp:0", "tcp6:0"])
def test_who_may_use_the_control_pages(listen: str) -> None:
    """With a port for the whole network, /-/ is for this machine, unless the operator says otherwise.

    A port for both versions of IP tells the addresses of IPv4 in those of IPv6.
    """
    if listen == "tcp6:0" and not socket.has_ipv6:
        pytest.skip("there is no IPv6")
    for options, status in (((), 403), (("--control", "network"), 200)):
        with running("fakefiles", "--listen", listen, *options) as server:
            for address in ("127.0.0.1", *own_addresses()):
                expected = 200 if address == "127.0.0.1" else status
                with socket.create_connection((address, server.port), PATIENCE) as client:
                    client.sendall(b"GET /-/journal HTTP/1.0\r\n\r\n")
                    assert read_all(client).startswith(b"HTTP/1.0 %d " % expected)


def test_several_endpoints() -> None:
    """--listen and --port may be given together, and --listen more than once."""
    endpoints = ("--listen", "tcp:0:interface=127.0.0.1", "--listen", "tcp:0:interface=127.0.0.1")
    with running("fakefiles", *endpoints, "--port", "0") as server:
        assert fetch(server).endswith(b"111")
        for _ in range(2):
            other = server.wait_for_line(re.compile(r"listening on http://127\.0\.0\.1:(\d+)/"))
            server.port = int(other[1])
            assert fetch(server).endswith(b"111")


@needs_proc
def test_clients_that_reset_and_clients_that_never_read() -> None:
    """Together they cost less than 50 MiB, then no processor time, and they delay nobody."""
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--port", "0", "--quiet") as server:
        fetch(server, "/1m")
        before = server.memory()
        with connections(server, 200) as deaf:
            for client in deaf:
                client.sendall(GET % b"/1t")
            for _ in range(200):
                with server.connect() as client:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.sendall(GET % b"/1t")
                    client.recv(1000)
            server.wait_until_idle()
            assert server.memory() - before < 50 * MIB
            assert fetch(server).endswith(b"\r\n\r\n111")


@needs_proc
@pytest.mark.parametrize("content", [b"ones", b"random"])
def test_plain_downloads_that_hang(content: bytes) -> None:
    """Each download costs at most 16 KiB of memory: nothing is buffered for a client that does not read."""
    request = GET % b"/1g?content=%b" % content
    with running("fakefiles", "--port", "0", "--quiet") as server, connections(server, 350) as clients:
        for client in clients[:50]:  # the first ones also pay for what all share
            client.sendall(request)
        server.wait_until_idle()
        before = server.memory()
        for client in clients[50:]:
            client.sendall(request)
        server.wait_until_idle()
        assert server.memory() - before < 300 * 16 * 1024


@needs_proc
@pytest.mark.parametrize("requests", [GET % b"/1t", GET % b"/1t?framing=chunked&chunk_size=1g", GET % b"/4k" * 2000])
def test_a_client_that_never_reads(requests: bytes) -> None:
    """A client that never reads costs at most 256 KiB, whatever it requests, pipelined or in huge chunks."""
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--port", "0", "--quiet") as server:
        fetch(server, "/1m")
        before = server.memory()
        with connections(server, 40) as deaf:
            for client in deaf:
                client.settimeout(0)
                client.send(requests)
            server.wait_until_idle()
            assert server.memory() - before < len(deaf) * 256 * 1024
            for client in deaf:  # all of them go on sending, as much as the server takes
                with suppress(BlockingIOError):
                    for _ in range(1000):
                        client.send(b"GET /1 HTTP/1.1\r\n" * 1000)
            server.wait_until_idle()
            assert server.memory() - before < len(deaf) * 256 * 1024


def test_slow_requests_keep_nobody_waiting() -> None:
    """Clients that send their requests byte by byte delay nobody."""
    with running("fakefiles", "--port", "0", "--quiet") as server, connections(server, 300) as slow:
        for client in slow:
            client.sendall(b"GET /1 HT")
        assert fetch(server).endswith(b"111")
        for client in slow:
            client.sendall(b"TP/1.0\r\n\r\n")
            assert read_all(client).endswith(b"\r\n\r\n1")


def test_a_long_line_is_answered(server: ServerProcess) -> None:
    """A client that sends far too much gets its answer, not a reset."""
    with server.connect() as client:
        try:
            client.sendall(b"GET /" + b"1" * 20 * MIB)
        except OSError as error:
            pytest.fail(f"reset while sending: {error}")
        client.shutdown(socket.SHUT_WR)
        assert read_all(client).startswith(b"HTTP/1.1 414 ")


def test_daemon(tmp_path: Path) -> None:
    """Twistd puts it into the background, where it serves until it is told to stop."""
    path, pidfile, log = tmp_path / "socket", tmp_path / "pid", tmp_path / "log"
    command = [program("twistd"), f"--pidfile={pidfile}", f"--logfile={log}", "fakefiles", "--listen", f"unix:{path}"]
    subprocess.run(command, check=True, timeout=PATIENCE)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(path))
        client.sendall(b"GET /3 HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"\r\n\r\n111")
    pid = int(pidfile.read_text())
    subprocess.run(["kill", str(pid)], check=True, timeout=PATIENCE)
    eventually(lambda: not pidfile.exists(), "the daemon ended")
    assert "Traceback" not in log.read_text()


def queue_length(port: int) -> int:
    """Return how many connections the kernel keeps for the first listener on a port."""
    listing = subprocess.run([tool("ss"), "-ltnH", f"sport = :{port}"], capture_output=True, text=True, check=True)
    return int(listing.stdout.split()[2])


@needs_proc
@pytest.mark.parametrize(("option", "most"), [("--listen=tcp:0", None), ("--listen=tcp:0:backlog=7", 7), ("-p0", None)])
def test_a_burst_of_clients_waits_in_the_kernel(option: str, most: int | None) -> None:
    """Every listener has the longest queue that the kernel allows, unless another length is set."""
    allowed = int(Path("/proc/sys/net/core/somaxconn").read_text())
    with running("fakefiles", option, "--quiet") as server:
        assert queue_length(server.port) == (most or min(allowed, 4096))


def test_max_connections() -> None:
    """Clients beyond --max-connections get 503; when one leaves, the next gets its place."""
    with running("fakefiles", "--port", "0", "--max-connections", "2") as server:
        first, second = server.connect(), server.connect()
        with first, second:
            for client in (first, second):
                client.sendall(b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
                assert client.recv(100).startswith(b"HTTP/1.1 200")
            with server.connect() as third:
                third.sendall(b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n")
                assert read_all(third).startswith(b"HTTP/1.1 503")
        eventually(lambda: http_status(server) == 200, "there is room again")


def http_status(server: ServerProcess) -> int:
    """Return the status of a small download on a connection of its own."""
    with server.connect() as client:
        client.sendall(b"GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return int(read_all(client).split()[1])


@needs_proc
def test_the_limit_on_descriptors_is_raised() -> None:
    """A server may open as many descriptors as the hard limit allows, not as few as the soft one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 500), hard))
    try:
        with running("fakefiles", "--port", "0") as server:
            limits = Path(f"/proc/{server.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    raised = re.search(r"Max open files +(\d+)", limits)
    assert raised
    assert int(raised[1]) == min(hard, 2**20)
