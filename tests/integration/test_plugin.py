"""The pytest fixtures in runs of their own: one server for all workers, and none left at the end, however it ends."""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import succeed
from twisted.internet.threads import deferToThread

from fakefiles import pytest_plugin
from fakefiles.testing import process
from fakefiles.testing.process import ServerError
from fakefiles.testing.server import Server
from processes import PATIENCE, eventually, servers_with

# What marks the server process of one run among all there are: its --max-size.
_marks = itertools.count(10**12 + os.getpid() * 1000)

CONFTEST = """
import pathlib, urllib.request
import pytest
from processes import servers_with

@pytest.fixture
def download(fakefiles, fakefiles_server, pytestconfig):
    def download(size):
        url = fakefiles.url_for(size, name="a.bin")
        assert fakefiles.port != fakefiles_server.port
        assert len(urllib.request.urlopen(url, timeout=30).read()) == size
        fakefiles.assert_complete(url)
        assert len(fakefiles.requests) == 1
        pids = servers_with(pytestconfig.getoption("fakefiles_args"))
        note = pathlib.Path(pytestconfig.rootpath, f"note-{fakefiles.tag}")
        note.write_text(f"{fakefiles_server.url} {pids}")
    return download
"""
DOWNLOADS = """
import pytest

@pytest.mark.parametrize("size", range(1000, 1005))
def test_download(download, size):
    download(size)
"""
BLOCKED = """
import time

def test_blocked(download):
    download(1000)
    time.sleep(1000)
"""


class Run:
    """A run of pytest in a folder of its own, whose server can be told from others."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.mark = f"--max-size={next(_marks)}"
        pytester.makeconftest(CONFTEST)

    def options(self, *options: str) -> list[str]:
        """Return the command's options; what is next to these tests can be imported.

        Plugins that have nothing to do with it are left out: loading them takes longer than all the rest.
        """
        unneeded = (f"-pno:{plugin}" for plugin in ("hypothesispytest", "pytest_cov", "twisted", "cacheprovider"))
        return [f"--fakefiles-args={self.mark}", f"-opythonpath={Path(__file__).parents[1]}", *unneeded, *options]

    def run(self, *options: str, **outcomes: int) -> pytest.RunResult:
        """Run it to its end, with these outcomes; nothing is left."""
        result = self._pytester.runpytest_subprocess(*self.options(*options), timeout=2 * PATIENCE)
        result.assert_outcomes(**outcomes)
        self.assert_nothing_is_left()
        return result

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start it, and wait until a test has used the server."""
        command = [*self._pytester._getpytestargs(), *self.options(*options)]  # as runpytest_subprocess does
        popen: subprocess.Popen[bytes] = self._pytester.popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        eventually(lambda: bool(self.notes()), "a test has used the server")
        return popen

    def notes(self) -> list[str]:
        """Return what the tests have noted of their server: its URL and process."""
        notes = [path.read_text() for path in self._pytester.path.glob("note-*")]
        return [note for note in notes if note]

    def assert_one_server(self, tests: int) -> None:
        """Assert that N tests have had the same server."""
        notes = self.notes()
        assert len(notes) == tests
        assert len(set(notes)) == 1
        assert len(notes[0].split()) == 2

    def assert_nothing_is_left(self) -> None:
        """Assert that its server is gone, and that nobody listens on its port."""
        eventually(lambda: not servers_with(self.mark), "the server is gone")
        ports = {note.split("/")[2].rpartition(":")[2] for note in self.notes()}
        listening = Path("/proc/net/tcp").read_text()
        assert not [port for port in ports if f":{int(port):04X} 00000000:0000 0A" in listening]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a run that does not have the options of this one."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return Run(pytester)


def test_one_server_for_all_workers(run: Run, pytester: pytest.Pytester) -> None:
    """Four workers that all begin at the same time share one server."""
    pytester.makepyfile(test_one=DOWNLOADS, test_two=DOWNLOADS, test_three=DOWNLOADS, test_four=DOWNLOADS)
    run.run("-n4", "--dist=loadscope", passed=20)
    run.assert_one_server(tests=20)


@pytest.mark.parametrize("absent", ["xdist", "nothing"])
def test_without_workers(run: Run, pytester: pytest.Pytester, absent: str) -> None:
    """Without pytest-xdist, or its use, it is the same."""
    pytester.makepyfile(test_one=DOWNLOADS, test_two=DOWNLOADS)
    run.run(f"-pno:{absent}", passed=10)
    run.assert_one_server(tests=10)


def test_nothing_is_started_in_vain(run: Run, pytester: pytest.Pytester) -> None:
    """A run that does not use the server starts none, and does not import Twisted."""
    pytester.makepyfile(
        """
        import sys
        from processes import servers_with

        def test_nothing(pytestconfig):
            assert not servers_with(pytestconfig.getoption("fakefiles_args"))
            assert "fakefiles.testing" not in sys.modules
            assert "twisted" not in sys.modules
        """
    )
    run.run("-n2", passed=1)


def test_worker_that_crashes(run: Run, pytester: pytest.Pytester) -> None:
    """The death of a worker does no harm; the one in its place has the same server."""
    killing = (
        "import os, signal\n\ndef test_killed(download):\n    download(1)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    pytester.makepyfile(test_a=killing, test_b=DOWNLOADS, test_c=DOWNLOADS)
    run.run("-n2", passed=10, failed=1)
    run.assert_one_server(tests=11)


def test_run_that_stops_at_a_failure(run: Run, pytester: pytest.Pytester) -> None:
    """A run that is cut short stops its server."""
    failing = "def test_fails(download):\n    download(1)\n    assert 0\n"
    pytester.makepyfile(test_a=failing, test_b=failing)
    result = pytester.runpytest_subprocess(*run.options("-n2", "-x"), timeout=2 * PATIENCE)
    assert result.parseoutcomes()["failed"] >= 1
    run.assert_nothing_is_left()


@pytest.mark.parametrize(
    ("options", "sign"),
    [("-n2", signal.SIGINT), ("-n2", signal.SIGKILL), ("-n0", signal.SIGINT), ("-n0", signal.SIGKILL)],
)
def test_run_that_is_interrupted(run: Run, pytester: pytest.Pytester, options: str, sign: signal.Signals) -> None:
    """Ctrl-C, or the death of the controller, ends the server too."""
    pytester.makepyfile(test_a=BLOCKED)
    controller = run.start(options)
    try:
        assert len(servers_with(run.mark)) == 1
        if sign == signal.SIGINT:
            os.killpg(controller.pid, sign)  # as a terminal does
        else:
            controller.send_signal(sign)
        controller.wait(PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(controller.pid, signal.SIGKILL)
        controller.wait()
    run.assert_nothing_is_left()


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_server_that_does_not_start(run: Run, pytester: pytest.Pytester, workers: str) -> None:
    """A server that does not start fails each test at once, with the reason, however many wait for it."""
    pytester.makeconftest(
        CONFTEST + "\nimport fakefiles.testing.process\nfakefiles.testing.process.START_PATIENCE = 0\n"
    )
    pytester.makepyfile(test_one=DOWNLOADS)
    result = run.run(workers, errors=5)
    result.stdout.fnmatch_lines(["the fakefiles server was not ready within 0 s*"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_options(run: Run, pytester: pytest.Pytester, workers: str) -> None:
    """The server has the options of the ini file and of the command line, and no test can stop it."""
    pytester.makeini("[pytest]\nfakefiles_args = --content ruler\n")
    pytester.makepyfile(
        """
        import pytest, urllib.request

        def test_options(fakefiles, fakefiles_server):
            assert urllib.request.urlopen(fakefiles.url_for(20), timeout=30).read() != b"1" * 20
            with pytest.raises(ValueError, match="too large"):
                fakefiles.url_for("2t")
            with pytest.raises(RuntimeError, match="is for the whole test run, which stops it"):
                fakefiles_server.stop()
            with pytest.raises(RuntimeError, match="is for the whole test run, which stops it"):
                fakefiles.stop()
        """
    )
    run.run(workers, passed=1)


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_port_of_ones_choice(run: Run, pytester: pytest.Pytester, workers: str) -> None:
    """The server of the run has the port of the options; a view for a test still has one of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    pytester.makeini(f"[pytest]\nfakefiles_args = --port {port}\n")
    pytester.makepyfile(
        test_one=f"""
        def test_port(fakefiles_server, download):
            assert fakefiles_server.url == "http://127.0.0.1:{port}/"
            download(1000)
        """,
        test_two=DOWNLOADS,
    )
    run.run(workers, passed=6)
    run.assert_one_server(tests=6)


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_port_that_is_taken(run: Run, pytester: pytest.Pytester, workers: str) -> None:
    """It is one line."""
    pytester.makepyfile(test_one=DOWNLOADS)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pytester.makeini(f"[pytest]\nfakefiles_args = -p{port}\n")
        result = run.run(workers, errors=5)
    result.stdout.fnmatch_lines([f"the server cannot listen on 127.0.0.1:{port}: Address already in use"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling*")


@pytest.mark.parametrize(
    ("arguments", "port"),
    [
        ((), 0),
        (("--port", "8779"), 8779),
        (("--quiet", "--port=8779", "--content", "ruler"), 8779),
        (("-p", "8779"), 8779),
        (("-qp8779",), 8779),
        (("--port=1", "-p2"), 2),
        (("--port-file", "8779"), 0),
        (("--profiles", "8779"), 0),
        (("--port",), 0),
        (("--port", "x"), 0),
        (("--port", "65536"), 0),
        (("--port", "9" * 10_000), 0),
    ],
)
def test_port_among_options(arguments: tuple[str, ...], port: int) -> None:
    """The last --port counts, in every spelling; a wrong one gives 0."""
    assert process.port_of(arguments) == port


FAILING = """
import urllib.request

def test_size(fakefiles):
    fakefiles.url_for("1x")

def test_parameter(fakefiles):
    fakefiles.url_for("1k", colour="red")

def test_incomplete(fakefiles):
    url = fakefiles.url_for("1k")
    request = urllib.request.Request(url, headers={"Range": "bytes=0-9"})
    urllib.request.urlopen(request, timeout=30).read()
    fakefiles.assert_complete(url)

def test_nobody(fakefiles):
    fakefiles.assert_ranges(fakefiles.url_for("1k"), [])

def test_never(fakefiles):
    fakefiles.wait_for(lambda requests: requests, timeout=0.01)

def test_not_to_stop(fakefiles_server):
    fakefiles_server.stop()
"""


def test_what_fails_is_shown_where_the_test_is(run: Run, pytester: pytest.Pytester) -> None:
    """The traceback of a wrong URL, or of an assertion, has lines of the test only."""
    pytester.makepyfile(test_failing=FAILING)
    result = run.run("--tb=short", failed=6)
    shown = [line for line in result.outlines if re.match(r"\S+\.py:\d+: in ", line)]
    assert [line.partition(":")[0] for line in shown] == ["test_failing.py"] * 6
    assert "During handling" not in result.stdout.str()
    result.stdout.fnmatch_lines(["E * not a size; write a size like*"])


def test_no_reactor(run: Run, pytester: pytest.Pytester) -> None:
    """Without pytest-twisted, the error of the fixture in the reactor names the alternative."""
    pytester.makepyfile("def test_it(fakefiles_in_reactor): pass")
    result = run.run(errors=1)
    result.stdout.fnmatch_lines(["fakefiles_in_reactor needs pytest-twisted, or*fakefiles.testing.listen(reactor)*"])


def test_reactor_in_another_thread(run: Run, pytester: pytest.Pytester) -> None:
    """A reactor that runs in a thread of its own will do."""
    pytester.makepyfile(
        """
        import threading, urllib.request
        import pytest
        from twisted.internet import reactor
        from twisted.internet.threads import blockingCallFromThread

        @pytest.fixture
        def running_reactor():
            thread = threading.Thread(target=reactor.run, args=(False,))
            thread.start()
            yield
            reactor.callFromThread(reactor.stop)
            thread.join(30)

        def test_it(running_reactor, fakefiles_in_reactor):
            url = fakefiles_in_reactor.url_for("2m")
            assert len(urllib.request.urlopen(url, timeout=30).read()) == 2 * 2**20
            blockingCallFromThread(reactor, fakefiles_in_reactor.wait_for, lambda requests: requests[0].end)
            fakefiles_in_reactor.assert_complete(url)
        """
    )
    run.run(passed=1)


def test_fixtures(fakefiles: Server, fakefiles_server: Server) -> None:
    """The fixtures of this very run: a view, with a port and a tag of its own, on the server of all tests."""
    assert fakefiles.host == fakefiles_server.host
    assert fakefiles.port != fakefiles_server.port
    assert fakefiles.tag.startswith("test_fixtures~")
    assert fakefiles_server.tag == ""
    assert fakefiles.requests == []


@pytest.mark.parametrize("name", ["a" * 100, "äöü / ?&#"])
def test_tag_of_any_test(name: str, fakefiles: Server) -> None:
    """Every name of a test gives a valid tag."""
    assert name
    assert fakefiles.url_for(1)


class FakeNode:
    """A worker of pytest-xdist, as the plugin sees it in the controller."""

    def __init__(self, config: Any) -> None:
        self.config = config
        self.workerinput: dict[str, str] = {}


class FakeConfig:
    """The part of pytest's configuration that the plugin uses."""

    def __init__(self, arguments: str) -> None:
        self.stash = pytest.Stash()
        self._arguments = arguments

    def getini(self, name: str) -> list[str]:
        assert name == "fakefiles_args"
        return []

    def getoption(self, name: str) -> str:
        assert name == "fakefiles_args"
        return self._arguments


def test_controller_and_worker() -> None:
    """All workers get the same URL, where the server listens until the end."""
    config: Any = FakeConfig("--max-size 7")
    nodes = [FakeNode(config) for _ in range(2)]
    for node in nodes:
        pytest_plugin.pytest_configure_node(node)
    (url,) = {node.workerinput["fakefiles_url"] for node in nodes}
    config.workerinput = {"fakefiles_url": url}
    fixture: Any = pytest_plugin.fakefiles_server
    generator = fixture.__wrapped__(config)
    server = next(generator)
    assert server.url == url
    assert next(generator, None) is None
    pytest_plugin.pytest_unconfigure(config)
    with pytest.raises(ServerError, match="does not answer"):
        server.check()
    pytest_plugin.pytest_unconfigure(FakeConfig(""))  # type: ignore[arg-type]  # a run without workers


def test_controller_that_cannot_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without sockets, runs that need none are not disturbed."""
    monkeypatch.setattr(process, "HOST", "192.0.2.1")
    node = FakeNode(FakeConfig(""))
    pytest_plugin.pytest_configure_node(node)
    assert node.workerinput == {}


def test_fixture_that_fails() -> None:
    """If the options are wrong, the fixture fails with that one line."""
    config: Any = FakeConfig("--nothing")
    fixture: Any = pytest_plugin.fakefiles_server
    with pytest.raises(pytest.fail.Exception, match="option --nothing not recognized"):
        next(fixture.__wrapped__(config))


@pytest_twisted.ensureDeferred
async def test_which_reactor(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for a reactor of another thread, or has pytest-twisted wait; without either it says so."""

    def in_this_thread() -> Any:
        return pytest_plugin._blocking(pytestconfig)(lambda: succeed(7))

    assert await deferToThread(in_this_thread) == 7
    config: Any = FakeConfig("")
    config.pluginmanager = pytest.PytestPluginManager()
    monkeypatch.delitem(sys.modules, "twisted.internet.reactor")
    with pytest.raises(pytest.fail.Exception, match="needs pytest-twisted, or a reactor that runs in another thread"):
        pytest_plugin._blocking(config)
