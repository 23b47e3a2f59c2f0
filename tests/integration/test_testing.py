"""fakefiles.testing: servers in processes of their own, their assertions, and that none is left behind."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from fakefiles.files.errors import RequestError
from fakefiles.testing import process
from fakefiles.testing import server as testing_server
from fakefiles.testing.activation import Activation
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.process import ServerError, ServerProcess
from fakefiles.testing.server import Server, running, settings_of, shared
from fakefiles.transfer.record import End, JournalError
from fakefiles.urls.settings import Settings
from processes import PATIENCE, eventually, read_all


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """Return a server of this module."""
    with running() as server:
        yield server


@pytest.fixture
def view(own: Server) -> Iterator[Server]:
    """Return a view on it for one test."""
    with own.apart("mine") as view:
        yield view


@contextmanager
def asking(url: str, *headers: str) -> Iterator[socket.socket]:
    """Ask for a file; nothing of the answer is read."""
    host, port = url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as client:
        target = url.split("/", 3)[3]
        lines = [f"GET /{target} HTTP/1.1", "Host: test", *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        yield client


def get(url: str, *headers: str) -> bytes:
    """Return the whole response to a request on a connection of its own."""
    with asking(url, "Connection: close", *headers) as client:
        return read_all(client)


def gone(pid: int) -> bool:
    """Return whether a process is gone, or only waits for its parent to collect it."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


def refuses(port: int) -> bool:
    """Return whether nobody listens on a port any more."""
    try:
        socket.create_connection(("127.0.0.1", port), PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_urls(own: Server) -> None:
    """The parts of its URL, and URLs of files, which it serves."""
    assert own.url == f"http://{own.host}:{own.port}/"
    url = own.url_for("2k", name="a.txt", content="ruler")
    assert url == f"{own.url}2k/a.txt?content=ruler"
    assert get(url).partition(b"\r\n\r\n")[2].startswith(b"0000000000000")
    with pytest.raises(RequestError, match="not a size"):
        own.url_for("2x")
    with pytest.raises(RequestError, match="1 unknown query parameter"):
        own.url_for(1, colour="red")  # type: ignore[call-arg]  # which mypy knows


def test_what_a_client_logs_in_with(own: Server) -> None:
    """A test sees the credentials of its client, which a server for others does not show."""
    own.clear()
    get(own.url_for(5), "Authorization: Basic bWU6eA==", "Cookie: a=b")
    (request,) = own.requests
    assert (request.headers["Authorization"], request.headers["Cookie"]) == ("Basic bWU6eA==", "a=b")


def test_a_download_that_is_resumed(own: Server) -> None:
    """All of a download is available for assertions."""
    own.clear()
    url = own.url_for("32m")
    with asking(url) as client, client.makefile("rb") as answer:
        answer.read(1 << 20)
    (first,) = own.wait_for(lambda requests: requests and requests[0].end)
    assert (first.end, first.headers["host"]) == (End.CLIENT_LEFT, "test")
    with pytest.raises(AssertionError, match="bytes were never sent"):
        own.assert_complete(url)
    offset = 2**20 - 500
    assert len(get(url, f"Range: bytes={offset}-")) > 31 * 2**20
    own.assert_complete(url)
    own.assert_no_refetch(url)
    own.assert_resumed_at(url, offset)
    own.assert_ranges(url, [(0, 32 * 2**20), (offset, 32 * 2**20)])
    assert (own.max_parallel(), own.connections()) == (1, 2)
    get(url, "Range: bytes=0-99")
    with pytest.raises(AssertionError, match="100 bytes were sent more than once"):
        own.assert_no_refetch(url)
    own.clear()
    with pytest.raises(AssertionError, match="nobody asked"):
        own.assert_complete(url)
    assert own.requests == []


def test_tags(own: Server) -> None:
    """A view sees only requests with its tag."""
    with own.apart("one") as one, own.apart("other") as other:
        get(one.url_for(1))
        assert get(other.url_for(2)) != get(own.url_for(3))
        assert [request.url for request in one.requests] == ["/1?tag=one"]
        assert [request.url for request in other.requests] == ["/2?tag=other"]
        with pytest.raises(ValueError, match="leave out tag="):
            one.url_for(1, tag="other")
        assert one.url_for(1, tag="one") == one.url_for(1)


def test_waiting(view: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for transfers to end before it judges, but not for ever."""
    url = view.url_for("1t")
    with asking(url) as client:
        view.wait_for(lambda requests: requests and requests[0].body_sent)
        with pytest.raises(AssertionError, match=r"(?s)not so within 0.1 s:\n/1t\?tag=mine.*still going on"):
            view.wait_for(lambda requests: len(requests) > 1, timeout=0.1)
        leaving = threading.Timer(0.1, client.close)
        leaving.start()
        with pytest.raises(AssertionError, match="were never sent"):
            view.assert_complete(url)
        leaving.join()
    with asking(url):
        view.wait_for(lambda requests: len(requests) > 1)
        monkeypatch.setattr(testing_server, "_SETTLE_PATIENCE", 0.1)
        with pytest.raises(JournalError, match="still goes on, so that nothing is certain; let it end"):
            view.assert_no_refetch(url)


def test_waiting_for_a_request(view: Server) -> None:
    """wait_for() may be called before the request."""
    coming = threading.Timer(0.1, get, [view.url_for(1)])
    coming.start()
    assert [request.path for request in view.wait_for(len)] == ["/1"]
    coming.join()


def test_server_that_is_busy(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer, but lives, is not called dead."""
    monkeypatch.setattr(process, "_LAST_BREATH", 0)
    monkeypatch.setattr(own, "_client", JournalClient("127.0.0.1", 1))
    with pytest.raises(ServerError, match=r"the server at 127.0.0.1:1 does not answer: ConnectionRefusedError"):
        own.check()


def test_drop_all(own: Server, view: Server) -> None:
    """Transfers of a view can be reset, without harm to others."""
    with asking(view.url_for("1t")) as client, asking(own.url_for("1t")) as other:
        view.wait_for(lambda requests: requests and requests[0].body_sent)
        view.drop_all()
        with pytest.raises(ConnectionResetError):
            read_all(client)
        assert other.recv(100)
    assert view.requests[0].end is End.FAULT


def test_change(own: Server, view: Server) -> None:
    """Files of a view change when the test says so: one, or all. Those of others do not."""
    urls = [view.url_for(1, name, change="call") for name in ("a", "b")]
    other = own.url_for(1, "a", change="call")
    assert [get(url)[-1:] for url in [*urls, other]] == [b"1", b"1", b"1"]
    view.change(urls[0])
    assert [get(url)[-1:] for url in [*urls, other]] == [b"2", b"1", b"1"]
    view.change()
    assert [get(url)[-1:] for url in [*urls, other]] == [b"2", b"2", b"1"]
    assert [request.edition for request in view.requests] == [1, 1, 2, 1, 2, 2]
    own.change(other)
    assert get(other)[-1:] == b"2"
    own.change()
    assert get(own.url_for(1, "c", change="call"))[-1:] == b"2"
    for url in (own.url_for(1, "a"), own.url_for(1)):
        with pytest.raises(ValueError, match=r'the file of this URL does not change; make the URL with change="call"'):
            own.change(url)


def test_release(view: Server) -> None:
    """A transfer that is held goes on when the test says so."""
    with asking(view.url_for("2m", hold="1m"), "Connection: close") as client:
        (request,) = view.wait_for(lambda requests: requests and requests[0].body_sent == 2**20)
        request.release()
        assert len(read_all(client)) > 2 * 2**20
    (request,) = view.requests
    with pytest.raises(JournalError, match=r"POST /-/journal/\d+/release: 404, no transfer of that number goes on"):
        request.release()


def test_refuse_and_accept(own: Server) -> None:
    """A view with a port of its own can refuse connections there, and let them in again; transfers go on meanwhile."""
    with own.apart("shy") as view, own.apart() as other:
        assert len({own.port, view.port, other.port}) == 3
        with asking(view.url_for("1t")) as client:
            assert client.recv(10)
            view.refuse()
            view.refuse()
            assert refuses(view.port)
            assert not refuses(other.port)
            for _ in range(20):
                assert client.recv(2**20)
            view.accept()
            view.accept()
            assert not refuses(view.port)
        view.refuse()
    assert refuses(view.port)
    with (
        shared([], own.url) as server,
        pytest.raises(ServerError, match="the fixture `fakefiles` has a port of its own"),
    ):
        server.refuse()


def test_overflow() -> None:
    """If the journal has lost requests of the view, assertions refuse to judge; older ones do not matter."""
    with running("--journal", "3") as server:
        for _ in range(3):
            get(server.url_for(1))
        assert len(server.requests) == 3
        get(server.url_for(1))
        for judgement in (
            lambda: server.requests,
            server.connections,
            lambda: server.assert_no_refetch(server.url_for(1)),
            lambda: server.wait_for(bool),
        ):
            with pytest.raises(JournalError, match="overflowed and lost requests since this view began; give"):
                judgement()
        server.clear()
        get(server.url_for(2))
        assert [request.path for request in server.requests] == ["/2"]


def test_no_journal() -> None:
    """Without a journal, methods that need it raise JournalError, and the rest works."""
    with running("--journal", "0", "--max-size", "10") as server:
        server.begin()
        assert get(server.url_for(1)).endswith(b"1")
        with pytest.raises(RequestError, match="largest size here is 10 bytes"):
            server.url_for(11)
        with pytest.raises(JournalError, match="keeps no journal; start it without --journal 0"):
            server.requests  # noqa: B018  the access is the test


def test_stop() -> None:
    """Using a stopped server raises; stopping it again does no harm."""
    with running() as server:
        url = server.url_for("1t")
        with asking(url) as client:
            assert client.recv(1)
            server.stop()
            with pytest.raises(ConnectionResetError):
                read_all(client)
        server.stop()
    assert refuses(server.port)
    for use in (
        lambda: server.requests,
        lambda: server.url_for(1),
        server.clear,
        server.check,
        server.drop_all,
        server.change,
        server.refuse,
        server.accept,
    ):
        with pytest.raises(ServerError, match="has been stopped; it can be used only before"):
            use()


def test_death() -> None:
    """The error says how a server has died; clients are refused, and do not wait."""
    with running() as server:
        assert server._process is not None
        assert server._process._popen is not None
        os.kill(server._process._popen.pid, signal.SIGKILL)
        with pytest.raises(ServerError, match="was killed by signal 9; it said:"):
            server.check()
        assert refuses(server.port)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--nothing"], "fakefiles: option --nothing not recognized; --help lists the options"),
        (["--port=x"], "fakefiles: --port is a number from 0 to 65535; --help lists the options"),
        (
            ["--listen=tcp:1"],
            "fakefiles: --listen is not for the server of tests, which has a port of 127.0.0.1; leave it out;",
        ),
        (["--max-size=1x"], "fakefiles: --max-size is not a size"),
    ],
)
def test_wrong_options(arguments: list[str], message: str) -> None:
    """Wrong options raise before anything is started, and the process itself would say the same."""
    with pytest.raises(ServerError) as caught, running(*arguments):
        pass
    assert str(caught.value).startswith(message)
    server = ServerProcess(arguments)
    with pytest.raises(ServerError) as caught:
        server.start()
    server.stop()
    assert str(caught.value).startswith(f"the fakefiles server ended with status 1; it said:\n{message}")


def test_no_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line says what is missing, and what to set."""

    def fails() -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr("tempfile.TemporaryFile", fails)
    with (
        pytest.raises(
            ServerError, match=r"^no temporary .*: No usable .*; set TMPDIR to a folder that can be written$"
        ),
        running(),
    ):
        pass


def test_port_of_running() -> None:
    """A view of its own has a port of its own, so that it can refuse clients: none can be chosen."""
    with pytest.raises(ServerError, match=r"--port is not for running\(\)"), running("--port", "1"):
        pass


def test_settings() -> None:
    """URLs are checked with the server's own options."""
    settings = settings_of(["--content", "random", "--seed", "7"])
    assert (settings.content, settings.seed) == ("random", 7)


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make servers start a shell script in place of Python."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


def test_not_ready_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that does not get ready is killed, and its stderr is shown."""
    monkeypatch.setattr(process, "START_PATIENCE", 0.2)
    program(tmp_path, "echo busy >&2; exec sleep 1000", monkeypatch)
    server = ServerProcess()
    with pytest.raises(ServerError, match="was not ready within 0 s; it said:\nbusy"):
        server.start()
    server.stop()


def test_process_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores the end of its stdin is killed."""
    monkeypatch.setattr(process, "STOP_PATIENCE", 0.1)
    program(tmp_path, "echo; exec sleep 1000", monkeypatch)
    server = ServerProcess()
    server.start()
    server.stop()
    assert server.obituary() == "the fakefiles server was killed by signal 9"


def test_process_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a process ends without output, the error says so."""
    program(tmp_path, "exit 3", monkeypatch)
    server = ServerProcess()
    assert server.obituary() == ""
    with pytest.raises(ServerError, match="ended with status 3, and said nothing"):
        server.start()
    server.stop()


def test_activation() -> None:
    """The first client starts the server, and several at once are served by one."""
    activation = Activation()
    answers: list[bytes] = []
    clients = [threading.Thread(target=lambda: answers.append(get(f"{activation.url}7"))) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(PATIENCE)
    assert [answer[-7:] for answer in answers] == [b"1" * 7] * 8
    with shared([], activation.url) as server:
        with pytest.raises(ServerError, match="is for the whole test run"):
            server.stop()
        pid = activation._process._popen and activation._process._popen.pid
        assert pid
        activation.stop()
        assert gone(pid)
        assert refuses(server.port)
        with pytest.raises(ServerError, match="does not answer: ConnectionRefusedError"):
            server.check()


def test_activation_that_nobody_needs() -> None:
    """Without a client, nothing is started."""
    activation = Activation()
    activation.stop()
    assert activation._process._popen is None
    assert refuses(activation._process.port)


def test_activation_that_fails() -> None:
    """Every client gets the reason why the server could not start; one that leaves does no harm."""
    activation = Activation(["--nothing"])
    for _ in range(3):
        with pytest.raises(ServerError, match="ended with status 1; it said:\nfakefiles: option --nothing not recog"):
            Server(activation.url, Settings(), shared=True).check()
        with socket.create_connection(("127.0.0.1", activation._process.port)):
            pass
    activation.stop()


def test_activation_whose_server_dies() -> None:
    """Clients after its death get the reason."""
    activation = Activation()
    server = Server(activation.url, Settings(), shared=True)
    server.check()
    assert activation._process._popen is not None
    activation._process._popen.kill()
    with pytest.raises(ServerError, match="was killed by signal 9"):
        eventually_raises(server.check)
    activation.stop()


def eventually_raises(function: Any) -> None:
    """Call a function until it raises."""

    def never() -> bool:
        function()
        return False

    eventually(never, "it raised")


def test_stopped_while_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends while the server is being started does not wait for it."""
    program(tmp_path, "touch started; exec cat", monkeypatch)
    monkeypatch.chdir(tmp_path)
    activation = Activation()
    with socket.create_connection(("127.0.0.1", activation._process.port)):
        eventually((tmp_path / "started").exists, "it was started")
        activation.stop()
        assert not activation._thread.is_alive()
        assert activation._process._popen is not None
        assert gone(activation._process._popen.pid)


PARENT = """
import os, sys, time
from fakefiles.testing.server import running
with running() as server:
    if "fork" in sys.argv and os.fork() == 0:
        server._process.stop()  # as a with block does that is left in the child: it must end nothing
        time.sleep(1000)
    print(server._process._popen.pid, server.port, flush=True)
    if "fork" in sys.argv:
        sys.stdin.read()
        os._exit(0)
    time.sleep(1000)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_parent_that_is_killed(sign: signal.Signals) -> None:
    """Whatever ends the parent ends the server."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout
        pid, port = map(int, parent.stdout.readline().split())
        assert not gone(pid)
        parent.send_signal(sign)
        parent.wait(PATIENCE)
    eventually(lambda: gone(pid), "the server ended")
    assert refuses(port)


def test_parent_that_forks() -> None:
    """A fork that outlives the parent keeps neither the server nor its port."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", PARENT, "fork"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        assert parent.stdout
        assert parent.stdin
        pid, port = map(int, parent.stdout.readline().split())
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/-/health")
            assert connection.getresponse().read() == b"ok\n"
            connection.close()
            parent.stdin.close()
            parent.wait(PATIENCE)
            eventually(lambda: gone(pid), "the server ended")
            assert refuses(port)
        finally:
            os.killpg(parent.pid, signal.SIGKILL)


def test_what_a_fork_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """It closes its ends of the pipe and the socket; the server itself does not notice."""
    server = ServerProcess()
    monkeypatch.setattr(process, "_living", {server})
    process._let_go_in_fork()
    assert server.socket.fileno() == -1
    assert server._held_end == -1
    server.stop()
