"""What `twistd fakefiles` and the `fakefiles` command share: the options, and the service made of them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.logger import Logger
from twisted.python import usage

from fakefiles._version import __version__
from fakefiles.daemon.fd_limits import most_connections, raise_limit
from fakefiles.daemon.service import FakeFilesService, Listener, endpoint, loopback
from fakefiles.files.kinds import KINDS
from fakefiles.files.units import MAX_SIZE, parse_number, parse_size
from fakefiles.serving.resource import JOURNAL_SIZE
from fakefiles.serving.site import site
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.profiles import PROFILES, parse_profiles
from fakefiles.urls.target import Settings

_log = Logger()

DEFAULT_PORT = 8000
_MAX_PORT = 65535
_MAX_JOURNAL = 999_999
_COLLECTIONS = (50_000, 20, 50)
_MAX_CONNECTIONS = 999_999_999
# "ones, zeros, ruler or random".
_KINDS = " or ".join(", ".join(KINDS).rsplit(", ", 1))


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Refuse the command line when a value in it is wrong: the words of the error come after `what`."""
    try:
        yield
    except ValueError as error:
        raise usage.UsageError(f"{what}{error}") from None


class Options(usage.Options):
    """The command line. What is wrong with it ends the process with one line on stderr and status 1.

    usage.UsageError would make twistd print all its options, and twist all of its own, around that line.
    """

    #: Whether clients may open ports of their own.
    doors = False

    synopsis = "[options]"
    longdesc = (
        "Serve files that do not exist: GET /700m is a download of 700 MiB. http://localhost:8000/ explains more."
    )
    optFlags = (
        ("quiet", "q", "Do not log a line for each request."),
        ("no-faults", None, "Refuse URLs that want the server to be slow, broken or lying."),
    )

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []
        self["port"] = None
        self["max-size"] = MAX_SIZE
        self["content"] = "ones"
        self["seed"] = None
        self["defaults"] = ""
        self["profiles"] = {}
        self["journal"] = JOURNAL_SIZE
        self["max-connections"] = None

    def opt_port(self, number: str) -> None:
        """Listen on this port of 127.0.0.1 and ::1; 0 picks a free one. Without --listen, the default is 8000."""
        try:
            self["port"] = parse_number(number, 0, _MAX_PORT)
        except ValueError:
            raise usage.UsageError(f"--port is a number from 0 to {_MAX_PORT}") from None

    opt_p = opt_port

    def opt_listen(self, endpoint: str) -> None:
        """Listen on a Twisted endpoint, like tcp:8000 (all interfaces) or unix:/run/f.sock; give it once for each."""
        self["listen"].append(endpoint)

    def opt_max_size(self, size: str) -> None:
        """Refuse files larger than this, like 10g. The default is 8 EiB less one byte."""
        with _refusing("--max-size is "):
            self["max-size"] = parse_size(size)

    def opt_content(self, kind: str) -> None:
        """Serve content of this kind where the URL does not say."""
        self["content"] = kind

    # Twisted takes it for the help.
    opt_content.__doc__ = f"Serve {_KINDS} where the URL does not say. The default is ones."

    def opt_seed(self, seed: str) -> None:
        """Serve random content of this seed where the URL does not say. The default is 0."""
        with _refusing("--"):
            self["seed"] = PARAMETERS["seed"].read(seed)

    def opt_defaults(self, query: str) -> None:
        """Give every URL these parameters, like 'rate=1m&delay=50ms', where it does not say."""
        self["defaults"] = query

    def opt_profiles(self, path: str) -> None:
        """Add the profiles of this TOML file, whose lines are like train = "rate=64k&stall=50%:20s"."""
        try:
            self["profiles"].update(parse_profiles(Path(path).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise usage.UsageError(f"--profiles {path}: {getattr(error, 'strerror', None) or error}") from None

    def opt_journal(self, size: str) -> None:
        """Keep the last so many requests for /-/journal; 0 keeps none. The default is 1000."""
        with _refusing("--journal is "):
            self["journal"] = parse_number(size, 0, _MAX_JOURNAL)

    def opt_max_connections(self, number: str) -> None:
        """Answer 503 on more connections than this. The default is what the system allows, less a few."""
        with _refusing("--max-connections is "):
            self["max-connections"] = parse_number(number, 1, _MAX_CONNECTIONS)

    def opt_version(self) -> None:
        """Show the version and exit."""
        print(f"fakefiles {__version__}")
        raise SystemExit(0)

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Parse the command line; raises SystemExit with one line when it is wrong."""
        try:
            super().parseOptions(options)
        except usage.UsageError as error:
            raise SystemExit(f"fakefiles: {error}; --help lists the options") from None

    @property
    def settings(self) -> Settings:
        """What they make of URLs."""
        return Settings(
            max_size=self["max-size"],
            kind=self["content"],
            seed=self["seed"],
            defaults=self["defaults"],
            faults=not self["no-faults"],
            profiles={**PROFILES, **self["profiles"]},
        )

    def postOptions(self) -> None:
        """Apply the default port, and see whether what is to be served can be."""
        if self["port"] is None and not self["listen"]:
            self["port"] = DEFAULT_PORT
        with _refusing(""):
            self.settings.check()


class FixtureOptions(Options):
    """The options of a server that is given its socket, for tests: it logs no requests, and cannot choose a port.

    What is wrong with them ends the process, as above.
    """

    doors = True

    def opt_port(self, number: str) -> None:  # noqa: ARG002  whatever it is
        """Refuse what is not for this server to decide."""
        raise usage.UsageError("--port is not for the server of tests, which has a free port; leave it out")

    opt_p = opt_port

    def opt_listen(self, endpoint: str) -> None:  # noqa: ARG002  whatever it is
        """Refuse what is not for this server to decide."""
        raise usage.UsageError("--listen is not for the server of tests, which has a free port; leave it out")

    def postOptions(self) -> None:
        """Make sure that it listens on nothing but its socket."""
        super().postOptions()
        self["port"] = None
        self["quiet"] = 1


class StartError(Exception, SystemExit):
    """Ends the process with status 1 and no traceback.

    An Exception too: for those twistd removes its pidfile, and tells the parent of a daemon that it did not start.
    """

    code = 1


class CommandLineService(FakeFilesService):
    """The service of a process of its own, which ends with one line on stderr when it cannot listen."""

    def privilegedStartService(self) -> None:
        """Start listening; raises StartError, the line already printed."""
        try:
            super().privilegedStartService()
        except Exception as error:  # noqa: BLE001  endpoints may be anybody's plugins
            print(f"fakefiles: {error}", file=sys.__stderr__)
            # twistd has made sys.stderr its log; a daemon has no other.
            if sys.stderr is not sys.__stderr__:
                _log.critical("cannot start: {error}", error=error)
            raise StartError(str(error)) from None


def makeService(options: Options, reactor: Any = None, more: Sequence[Listener] = ()) -> CommandLineService:
    """Return the service that parsed options describe, which listens on some `more` besides.

    `reactor`, a full one, is the global one by default. Raises SystemExit with one line when an endpoint is wrong.
    """
    if reactor is None:
        from twisted.internet import reactor
    possible = most_connections(raise_limit())
    listeners = list(more)
    if options["port"] is not None:
        listeners.append(loopback(reactor, options["port"]))
    listeners += [_endpoint(reactor, description) for description in options["listen"]]
    factory = site(
        max_size=options["max-size"],
        content=options["content"],
        seed=options["seed"],
        defaults=options["defaults"],
        faults=not options["no-faults"],
        profiles=options["profiles"],
        journal=options["journal"],
        max_connections=min(options["max-connections"] or possible, possible),
        access_log=not options["quiet"],
        reactor=reactor,
    )
    if options.doors:
        factory.allow_doors()
    reactor.callWhenRunning(_collect_less)
    return CommandLineService(reactor, factory, listeners)


def _collect_less() -> None:
    """Have Python look less often for garbage in cycles, of which there is little, and not among what lasts for ever.

    With the objects of 5,000 connections, looking takes a tenth of the processor.
    """
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def _endpoint(reactor: Any, description: str) -> Listener:
    try:
        return endpoint(reactor, description)
    except Exception as error:  # noqa: BLE001  endpoints may be anybody's plugins
        reason = f"{type(error).__name__}: {error}"
        raise SystemExit(f"fakefiles: --listen {description} is no usable Twisted endpoint ({reason})") from None
