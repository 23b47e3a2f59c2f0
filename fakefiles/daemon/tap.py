"""The command-line options, and the service made from them, for `fakefiles` and `twistd fakefiles`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.python import usage

from fakefiles._version import __version__
from fakefiles.daemon.command_service import CommandLineService
from fakefiles.daemon.fd_limits import most_connections, raise_limit
from fakefiles.daemon.garbage import collect_less
from fakefiles.daemon.memory import Thrift
from fakefiles.daemon.port_file import PortFile
from fakefiles.daemon.service import Listener, UnusableError, endpoint, for_announces, for_peers, loopback
from fakefiles.daemon.steady_clock import keep_time
from fakefiles.files.units import parse_number
from fakefiles.serving.peers import MOST_PEERS
from fakefiles.serving.site import site
from fakefiles.urls.query import check_settings
from fakefiles.urls.settings import OPTIONS, Option, Settings

DEFAULT_PORT = 8000
_MAX_PORT = 65535
_MAX_CONNECTIONS = 999_999_999


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Turn a ValueError in the block into a UsageError with the text `what`, then that of the error."""
    try:
        yield
    except ValueError as error:
        raise usage.UsageError(f"{what}{error}") from None


def _handler(option: Option, parse: Callable[[str], Any]) -> Callable[[usage.Options, str], None]:
    """Return the method that Twisted calls with the value of an option. Twisted shows its docstring as the help."""

    def handle(options: usage.Options, value: str) -> None:
        try:
            meaning = parse(value)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise usage.UsageError(f"--{option.name}{option.wrong.format(value=value, error=reason)}") from None
        options[option.name] = _added(options[option.name], meaning)

    handle.__doc__ = option.help
    return handle


def _port(name: str, number: str) -> int:
    """Return the number of a port. Raises UsageError, with the name of its option, if it is none."""
    try:
        return parse_number(number, 0, _MAX_PORT)
    except ValueError:
        raise usage.UsageError(f"--{name} is a number from 0 to {_MAX_PORT}") from None


def _added(earlier: Any, value: Any) -> Any:
    """Return the value of an option that may be repeated: a mapping or a tuple adds to the earlier ones."""
    if isinstance(value, Mapping):
        return {**earlier, **value}
    return (*earlier, *value) if isinstance(value, tuple) else value


def _with_settings(options: type[Options]) -> type[Options]:
    """Add the options of the settings to a class: as methods called opt_*, where Twisted looks for them."""
    for option in OPTIONS.values():
        if option.parse is not None:
            setattr(options, f"opt_{option.name.replace('-', '_')}", _handler(option, option.parse))
    return options


@_with_settings
class Options(usage.Options):
    """The command line: the options below, and those of the settings.

    If it is wrong, the process ends with one line on stderr and status 1. So it raises SystemExit, not
    usage.UsageError, for which twistd and twist print all their options around that line.
    """

    #: Whether clients may open ports of their own with POST /-/doors.
    doors = False

    synopsis = "[options]"
    longdesc = (
        "Serve files that do not exist: GET /700m is a download of 700 MiB. http://localhost:8000/ explains more."
    )
    optFlags = (
        ("quiet", "q", "Do not log a line for each request."),
        *((option.name, None, option.help) for option in OPTIONS.values() if option.parse is None),
    )

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []
        self["port"] = None
        self["max-connections"] = None
        self["port-file"] = None
        self["peer-port"] = None
        self["udp-tracker-port"] = None
        defaults = Settings()
        self.update({each.name: getattr(defaults, name) for name, each in OPTIONS.items() if each.parse is not None})

    def opt_port(self, number: str) -> None:
        """Listen on this port of 127.0.0.1 and ::1; 0 picks a free one. Without --listen, the default is 8000."""
        self["port"] = _port("port", number)

    opt_p = opt_port

    def opt_peer_port(self, number: str) -> None:
        """Seed the torrents of all files on this port, for magnets and trackers; 0 picks a free one."""
        self["peer-port"] = _port("peer-port", number)

    def opt_udp_tracker_port(self, number: str) -> None:
        """Have a UDP tracker on this port, too, for torrents with sources=udp; 0 picks a free one."""
        self["udp-tracker-port"] = _port("udp-tracker-port", number)

    def opt_listen(self, endpoint: str) -> None:
        """Listen on a Twisted endpoint: tcp:8000 (all interfaces), unix:FILE, tls:FOLDER_OF_PEM_FILES:port=8443."""
        self["listen"].append(endpoint)

    def opt_max_connections(self, number: str) -> None:
        """Answer 503 on more connections than this. The default is what the system allows, less a few."""
        with _refusing("--max-connections is "):
            self["max-connections"] = parse_number(number, 1, _MAX_CONNECTIONS)

    def opt_version(self) -> None:
        """Show the version and exit."""
        print(f"fakefiles {__version__}")
        raise SystemExit(0)

    def parseArgs(self, *surplus: str) -> None:
        """Refuse arguments that are no options."""
        if surplus:
            raise usage.UsageError(f"{surplus[0]!r} is no option, and there are no other arguments")

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Parse the command line. Raises SystemExit, with one line, if it is wrong."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise SystemExit(f"fakefiles: {error}; --help lists the options") from None

    @property
    def keywords(self) -> dict[str, Any]:
        """The settings, as keywords of site()."""
        defaults = Settings()
        return {
            # A flag is 0 or 1.
            name: self[option.name] if option.parse is not None else getattr(defaults, name) != bool(self[option.name])
            for name, option in OPTIONS.items()
        }

    @property
    def settings(self) -> Settings:
        """The settings, for URLs; postOptions() checks them."""
        return Settings(**self.keywords)

    def postOptions(self) -> None:
        """Apply the default port, and check the settings."""
        if self["port"] is None and not self["listen"]:
            self["port"] = DEFAULT_PORT
        with _refusing(""):
            check_settings(self.settings)

    def opt_port_file(self, path: str) -> None:
        """Write the number of the first TCP port to this file once the server runs; it is removed at the end."""
        self["port-file"] = Path(path).absolute()  # twistd changes the working directory of a daemon


class FixtureOptions(Options):
    """The options of a server for tests, which gets a listening socket, logs no requests, and hides nothing from tests.

    --port is accepted, but ignored here: the process that opened the socket has obeyed it.
    """

    doors = True

    def opt_listen(self, endpoint: str) -> None:  # noqa: ARG002  whatever it is
        """Refuse --listen."""
        raise usage.UsageError("--listen is not for the server of tests, which has a port of 127.0.0.1; leave it out")

    def opt_control(self, who: str) -> None:  # noqa: ARG002  whatever it is
        """Refuse --control."""
        raise usage.UsageError("--control is not for the server of tests, whose assertions need /-/; leave it out")

    def opt_control_token_file(self, path: str) -> None:  # noqa: ARG002  whatever it is
        """Refuse --control-token-file."""
        raise usage.UsageError("--control-token-file is not for the server of tests, which have none; leave it out")

    def postOptions(self) -> None:
        """Check the settings, and make sure that the server listens on its socket only."""
        super().postOptions()
        self["port"] = None
        # Magnets and trackers work in every test; the seed is loaded when a peer comes.
        self["peer-port"] = self["peer-port"] or 0
        self["quiet"] = 1
        self["show-credentials"] = 1


def makeService(options: Options, reactor: Any = None, more: Sequence[Listener] = ()) -> CommandLineService:
    """Return the service for parsed options; it also listens with the listeners in `more`.

    It raises the limit on open descriptors of this process, and gives the reactor a steady clock. `reactor` is the
    global one by default. Raises SystemExit, with one line, if an endpoint is wrong.
    """
    if reactor is None:
        from twisted.internet import reactor
    keep_time(reactor)  # before anything reads its clock
    possible = most_connections(raise_limit())
    listeners = list(more)
    if options["port"] is not None:
        listeners.append(loopback(reactor, options["port"]))
    listeners += [_endpoint(reactor, description) for description in options["listen"]]
    peers = 0 if options["peer-port"] is None else min(MOST_PEERS, possible // 4)
    possible -= peers
    factory = site(
        **options.keywords,
        max_connections=min(options["max-connections"] or possible, possible),
        access_log=not options["quiet"],
        reactor=reactor,
    )
    if options["peer-port"] is not None:
        factory.peers.most = peers
        listeners.append(for_peers(factory, options["peer-port"]))
    if options["udp-tracker-port"] is not None:
        listeners.append(for_announces(factory, options["udp-tracker-port"]))
    if options.doors:
        factory.allow_ports()
    factory.when_empty = Thrift(reactor, factory.connections).when_empty
    reactor.callWhenRunning(collect_less)
    service = CommandLineService(reactor, factory, listeners)
    if options["port-file"] is not None:
        service.port_file = PortFile(options["port-file"])
    return service


def _endpoint(reactor: Any, description: str) -> Listener:
    try:
        return endpoint(reactor, description)
    except Exception as error:  # noqa: BLE001  plugins may define endpoints, and raise anything
        reason = str(error) if isinstance(error, UnusableError) else f"{type(error).__name__}: {error}"
        raise SystemExit(f"fakefiles: --listen {description} is no usable Twisted endpoint ({reason})") from None
