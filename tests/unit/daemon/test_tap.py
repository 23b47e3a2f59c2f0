"""tap.py: from options to services; errors in one line."""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.application.service import IServiceMaker
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import MemoryReactorClock
from twisted.plugin import getPlugins

from doubles import Connection, parse_response
from fakefiles._version import __version__
from fakefiles.daemon.fd_limits import most_connections
from fakefiles.daemon.garbage import collect_less
from fakefiles.daemon.service import Listener, Ports
from fakefiles.daemon.tap import FixtureOptions, Options, makeService
from fakefiles.files.kinds import KINDS, Random
from fakefiles.files.units import MAX_SIZE


def parsed(*arguments: str) -> Options:
    """Return parsed options."""
    options = Options()
    options.parseOptions(list(arguments))
    return options


def test_defaults() -> None:
    """Without options it listens on port 8000, logs requests and serves every size."""
    options = parsed()
    assert (options["port"], options["listen"], options["quiet"], options["max-size"]) == (8000, [], 0, MAX_SIZE)


def test_all() -> None:
    """All options together."""
    options = parsed("--port", "0", "--listen", "tcp:1", "--listen=unix:/x", "--max-size=1g", "--quiet")
    assert (options["port"], options["listen"], options["quiet"]) == (0, ["tcp:1", "unix:/x"], 1)
    assert options["max-size"] == 2**30


def test_journal() -> None:
    """The size of the journal reaches the site; 0 turns its page off, too."""
    for size, status in (("0", 404), ("7", 200)):
        reactor = MemoryReactorClock()
        makeService(parsed("--journal", size), reactor).startService()
        client = Connection(reactor.tcpServers[0][1], reactor)
        assert client.site.journal.size == int(size)
        assert client.get("/-/journal").status == status


def test_max_connections() -> None:
    """--max-connections reaches the site. The default leaves a reserve of descriptors, and it is also the maximum."""
    for options, told in (((), None), (("--max-connections", "3"), 3), (("--max-connections", "999999999"), None)):
        reactor = MemoryReactorClock()
        makeService(parsed(*options), reactor).startService()
        client = Connection(reactor.tcpServers[0][1], reactor)
        possible = most_connections(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        expected = told or possible
        client.site.connections.update(object() for _ in range(expected))
        beyond = Connection(client.site, reactor)
        assert f"all {expected} connections are taken".encode() in beyond.read()


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "9999999999"])
def test_bad_max_connections(number: str) -> None:
    """It is a number."""
    with pytest.raises(SystemExit, match="--max-connections is a whole number from 1 to"):
        parsed("--max-connections", number)


def test_server_of_tests() -> None:
    """The server of a test run listens where it is told, on nothing else, and logs no requests."""
    options = FixtureOptions()
    options.parseOptions(["--content", "ruler"])
    assert (options["port"], options["quiet"], options.settings.content) == (None, 1, "ruler")
    assert options.settings.credentials
    listened: list[ServerFactory[Any]] = []

    def listen(factory: ServerFactory[Any]) -> Ports:
        listened.append(factory)
        return []

    reactor = MemoryReactorClock()
    makeService(options, reactor, [Listener(listen)]).startService()
    assert len(listened) == 1
    # Besides, there is a free port for peers.
    assert [(port, interface) for port, _, _, interface in reactor.tcpServers] == [(0, "127.0.0.1"), (0, "::1")]
    options = FixtureOptions()
    options.parseOptions(["--port", "8779"])  # that of the socket
    assert options["port"] is None
    with pytest.raises(SystemExit, match="--listen is not for the server of tests, which has a port"):
        FixtureOptions().parseOptions(["--listen=tcp:1"])
    with pytest.raises(SystemExit, match="--control is not for the server of tests, whose assertions need /-/"):
        FixtureOptions().parseOptions(["--control=off"])
    with pytest.raises(SystemExit, match="--control-token-file is not for the server of tests, which have none"):
        FixtureOptions().parseOptions(["--control-token-file=x"])
    with pytest.raises(SystemExit, match="--port is a number from 0 to 65535"):
        FixtureOptions().parseOptions(["--port=x"])


def test_short() -> None:
    """Frequent options have a short form."""
    options = parsed("-p", "80", "-q")
    assert (options["port"], options["quiet"]) == (80, 1)


def test_content() -> None:
    """The default content can be chosen, and reaches the site."""
    reactor = MemoryReactorClock()
    makeService(parsed("--content", "random", "--seed", "7"), reactor).startService()
    client = Connection(reactor.tcpServers[0][1], reactor)
    assert client.get("/10").body == Random(7).read(0, 10)
    assert client.get("/10?content=ruler").body == b"0000000000"


def test_defaults_and_profiles(tmp_path: Path) -> None:
    """Parameters for every URL, and profiles from a file, reach the site."""
    path = tmp_path / "profiles.toml"
    path.write_text('busy = "status=503"\n')
    reactor = MemoryReactorClock()
    options = parsed("--profiles", str(path), "--defaults", "status=418")
    makeService(options, reactor).startService()
    client = Connection(reactor.tcpServers[0][1], reactor)
    assert client.get("/10").status == 418
    assert client.get("/10?profile=busy").status == 503
    assert client.get("/10?defaults=off").status == 200


def test_no_faults() -> None:
    """A server may be told never to misbehave."""
    reactor = MemoryReactorClock()
    makeService(parsed("--no-faults"), reactor).startService()
    client = Connection(reactor.tcpServers[0][1], reactor)
    assert client.get("/10?status=503").status == 403
    assert client.get("/10?content=ruler").status == 200


def test_flags() -> None:
    """A flag switches off what is on by default, and on what is off."""
    plain, changed = parsed().settings, parsed("--no-faults", "--show-credentials", "--cors").settings
    assert (plain.faults, plain.credentials, plain.cors) == (True, False, False)
    assert (changed.faults, changed.credentials, changed.cors) == (False, True, True)


@pytest.mark.parametrize("text", [b"train", b"a = 'rate=x'", b"\xff"])
def test_bad_profiles(tmp_path: Path, text: bytes) -> None:
    """A bad file ends the process with one line."""
    path = tmp_path / "profiles.toml"
    path.write_bytes(text)
    with pytest.raises(SystemExit) as caught:
        parsed("--profiles", str(path))
    assert str(caught.value.code).startswith("fakefiles: ")
    assert "\n" not in str(caught.value.code)


def test_profiles_of_several_files(tmp_path: Path) -> None:
    """Each file adds its profiles."""
    paths = tmp_path / "a.toml", tmp_path / "b.toml"
    for path in paths:
        path.write_text(f'{path.stem} = "rate=1"\n')
    options = parsed(*(f"--profiles={path}" for path in paths))
    assert options.settings.profiles == {"a": "rate=1", "b": "rate=1"}


def test_control() -> None:
    """Who may use /-/ reaches the site, and so does each host name."""
    assert (parsed().settings.control, parsed().settings.hosts) == ("local", ())
    reactor = MemoryReactorClock()
    makeService(parsed("--control-host", "a.example", "--control-host=b"), reactor).startService()
    client = Connection(reactor.tcpServers[0][1], reactor)
    for host, status in (("a.example", 200), ("b", 200), ("c", 403)):
        raw = client.send(f"GET /-/journal HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert parse_response(raw)[0].status == status
    reactor = MemoryReactorClock()
    makeService(parsed("--control", "off"), reactor).startService()
    assert Connection(reactor.tcpServers[0][1], reactor).get("/-/journal").status == 403


def test_token(tmp_path: Path) -> None:
    """The token in a file reaches the site."""
    path = tmp_path / "token"
    path.write_text("abc\n")
    reactor = MemoryReactorClock()
    makeService(parsed("--control-token-file", str(path)), reactor).startService()
    client = Connection(reactor.tcpServers[0][1], reactor)
    assert client.get("/-/journal").status == 401
    assert client.get("/-/journal", "Authorization: Bearer abc").status == 200


@pytest.mark.parametrize(
    ("data", "message"),
    [
        *[(None, "No such file or directory"), (b"", "the file is empty"), (b" \n", "the file is empty")],
        *[(b"\xff", "'utf-8' codec can't decode"), (b"a b", "a control token is one word of")],
    ],
)
def test_bad_token(tmp_path: Path, data: bytes | None, message: str) -> None:
    """A file without a token ends the process with one line: it would run without what it is to demand."""
    path = tmp_path / "token"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SystemExit) as caught:
        parsed("--control-token-file", str(path))
    assert str(caught.value.code).startswith("fakefiles: ")
    assert message in str(caught.value.code)
    assert "\n" not in str(caught.value.code)


def test_when_it_runs() -> None:
    """Settings of the whole process are changed only when the reactor runs."""
    reactor = MemoryReactorClock()
    makeService(parsed(), reactor).startService()
    assert [function for function, _, _ in reactor.whenRunningHooks] == [collect_less]


def test_listen_replaces_the_default_port() -> None:
    """--listen alone listens nowhere else."""
    assert parsed("--listen", "tcp:1")["port"] is None


BAD = {
    ("--port", "abc"): "--port is a number from 0 to 65535",
    ("--port", "-1"): "--port is a number from 0 to 65535",
    ("--port", "65536"): "--port is a number from 0 to 65535",
    ("--port", "9" * 10_000): "--port is a number from 0 to 65535",
    ("--port", "٣"): "--port is a number from 0 to 65535",
    ("--port", ""): "--port is a number from 0 to 65535",
    ("--max-size", "1x"): "--max-size is not a size",
    ("--content", "nothing"): "content is one of ones, zeros, ruler, random",
    ("--content", "ruler", "--seed", "1"): "a seed goes with content=random only",
    ("--seed", "1"): "a seed goes with content=random only",
    ("--seed", "x"): "--seed is a whole number from 0 to",
    ("--nothing",): "option --nothing not recognized",
    ("--port",): "option --port requires argument",
    ("--defaults", "rate=x"): "the defaults: rate is not a size",
    ("--defaults", "tag=a"): "the defaults: tag= is for a URL only",
    ("--defaults", "profile=none"): "the defaults: profile is one of slow-dsl",
    ("--profiles", "/nothing/there"): "--profiles /nothing/there: No such file or directory",
    ("--journal", "many"): "--journal is a whole number from 0 to 999999",
    ("--journal", "1000000"): "--journal is a whole number from 0 to 999999",
    ("--control", "lan"): "control is one of local, network, off",
    ("--control", ""): "control is one of local, network, off",
    ("--control",): "option --control requires argument",
    ("--control-host", "a:8000"): "a control host is a name like fakefiles or files.example.org, without a port",
    ("--control-host", "a", "--control-host", ""): "a control host is a name like fakefiles",
    ("extra",): "'extra' is no option, and there are no other arguments",
}


@pytest.mark.parametrize(("arguments", "message"), BAD.items(), ids=lambda value: ascii(value)[:30])
def test_bad(arguments: tuple[str, ...], message: str) -> None:
    """A bad option ends the process with one line."""
    with pytest.raises(SystemExit) as caught:
        parsed(*arguments)
    assert str(caught.value.code).startswith(f"fakefiles: {message}")
    assert "\n" not in str(caught.value.code)


@pytest.mark.parametrize(
    "description", ["nothing:1", "tcp:x", "systemd:domain=INET:index=7", "ssl:8443:privateKey=/nope"]
)
def test_bad_endpoint(description: str) -> None:
    """A bad endpoint ends the process with one line."""
    with pytest.raises(SystemExit) as caught:
        makeService(parsed("--listen", description), MemoryReactorClock())
    assert str(caught.value.code).startswith(f"fakefiles: --listen {description} is no usable Twisted endpoint (")
    assert "\n" not in str(caught.value.code)


def test_endpoint_without_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra, and a socket that systemd has not passed, have error texts of our own."""
    with pytest.raises(SystemExit, match=r"is no usable .* \(systemd has passed no such socket; each needs a name, by"):
        makeService(parsed("--listen", "systemd:domain=INET:index=7"), MemoryReactorClock())
    monkeypatch.delitem(sys.modules, "twisted.internet.ssl", raising=False)
    monkeypatch.setitem(sys.modules, "OpenSSL", None)  # as if it were not installed
    for description in ("tls:/etc/pem:port=8443", "ssl:8443"):
        with pytest.raises(SystemExit, match=r"\(TLS needs the extra: pip install '\.\[tls\]'\)"):
            makeService(parsed("--listen", description), MemoryReactorClock())


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """--help names every option and its default."""
    with pytest.raises(SystemExit) as caught:
        parsed("--help")
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for word in ("--port", "--listen", "--max-size", "--quiet", "--version", "default is 8000", "FOLDER_OF_PEM_FILES"):
        assert word in " ".join(text.split())
    assert all(kind in text for kind in KINDS)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version is ours, not Twisted's."""
    with pytest.raises(SystemExit) as caught:
        parsed("--version")
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"fakefiles {__version__}\n"


def test_service() -> None:
    """The service listens where the options say, with a site that obeys them."""
    reactor = MemoryReactorClock()
    makeService(parsed("--port", "8001", "--listen", "tcp:80", "--max-size", "10"), reactor).startService()
    listening = [(port, interface) for port, _, _, interface in reactor.tcpServers]
    assert listening == [(8001, "127.0.0.1"), (8001, "::1"), (80, "")]
    client = Connection(reactor.tcpServers[0][1], reactor)
    assert client.get("/10").status == 200
    assert client.get("/11").status == 400


def test_port_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port file exists while the service runs; not before, when a signal would leave it behind, nor afterwards."""
    path = tmp_path / "port"
    reactor = MemoryReactorClock()
    service = makeService(parsed("--port", "8001", "--port-file", str(path)), reactor)
    service.startService()
    assert not path.exists()
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    for function, arguments, keywords in reactor.whenRunningHooks:
        function(*arguments, **keywords)
    assert path.read_text() == "8001\n"
    service.stopService()
    assert not path.exists()


def test_global_reactor() -> None:
    """Without a reactor it takes the installed one, as twistd has it."""
    assert makeService(parsed()).ports == []


def test_plugin() -> None:
    """Twisted finds the plugin, and through it the options and the service."""
    (plugin,) = [plugin for plugin in getPlugins(IServiceMaker) if plugin.tapname == "fakefiles"]
    assert plugin.options is Options
    assert plugin.makeService is makeService


def test_ports_of_bittorrent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed and the UDP tracker listen where they are told; peers take a quarter of the connections."""
    options = Options()
    options.parseOptions(["--port=0", "--peer-port=6881", "--udp-tracker-port=6969"])
    monkeypatch.setattr("fakefiles.daemon.tap.raise_limit", lambda: 1100)
    reactor = MemoryReactorClock()
    service = makeService(options, reactor)
    opened: list[tuple[str, int]] = []
    factory = service._factory  # the site, of which the ports are told
    monkeypatch.setattr(factory, "listen_for_peers", lambda port, _: _opened(opened, "peers", port))
    monkeypatch.setattr(factory, "listen_for_announces", lambda port, _: _opened(opened, "udp", port))
    for listener in service._listeners[1:]:
        listener.listen(factory)
    assert opened == [("peers", 6881), ("peers", 6881), ("udp", 6969), ("udp", 6969)]
    assert factory.peers.most == 250
    for name in ("peer-port", "udp-tracker-port"):
        with pytest.raises(SystemExit, match=f"--{name} is a number from 0 to 65535"):
            Options().parseOptions([f"--{name}=65536"])


def _opened(opened: list[tuple[str, int]], what: str, port: int) -> Any:
    """Note that a port was opened, and return it."""
    opened.append((what, port))
    return SimpleNamespace(getHost=lambda: SimpleNamespace(port=port))
