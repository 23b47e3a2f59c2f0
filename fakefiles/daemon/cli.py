"""The `fakefiles` command: the server in the foreground, without twistd; `fakefiles verify`, `fakefiles check`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from io import TextIOWrapper

# The ways in which the command is used.
_USAGES = (
    "Usage: fakefiles [options]",
    "fakefiles verify [options] PATH URL",
    "fakefiles check [options] (--client NAME)... | -- COMMAND",
)
# Seconds between two updates of the progress line.
_PROGRESS_INTERVAL = 0.1


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; `arguments` are those of the command line by default.

    Raises SystemExit if it fails, and always for the other commands, with their exit status.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["verify"]:
        sys.exit(verify_command(arguments[1:]))
    if arguments[:1] == ["check"]:
        # By its name: the suite stands above this layer, and costs nothing until it is used.
        sys.exit(import_module("fakefiles.conformance.command").check_command(arguments[1:]))
    serve_command(arguments)


def serve_command(arguments: Sequence[str]) -> None:
    """Serve until SIGINT or SIGTERM; the log goes to stdout.

    Raises SystemExit if the arguments are wrong or the server cannot listen.
    """
    from fakefiles.daemon.tap import Options, makeService

    options = Options()
    options.synopsis = "\n       ".join(_USAGES)
    options.parseOptions(arguments)

    from twisted.internet import reactor
    from twisted.logger import globalLogBeginner

    from fakefiles.daemon.log import observer

    service = makeService(options, reactor)
    # Into a pipe or a file, Python would buffer the log in blocks, and it would be late.
    cast("TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)
    globalLogBeginner.beginLoggingTo([observer(sys.stdout)], redirectStandardIO=False)
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    reactor.run()


def verify_command(arguments: Sequence[str]) -> int:
    """Compare files with a URL, and print the report; return the exit status: 0 same, 1 different, 2 unknown."""
    from fakefiles.urls.parameters import PARAMETERS
    from fakefiles.urls.settings import Settings
    from fakefiles.verification.verifier import compared, denoted

    parser = argparse.ArgumentParser(
        prog="fakefiles verify",
        description="Compare a file, or the folder of a set, with what a URL of fakefiles denotes; no server is asked.",
        epilog="Exit status: 0 if they are the same, 1 if they differ, 2 if that could not be found out.",
    )
    parser.add_argument("path", metavar="PATH", help="the file; of a set of files the folder with its name")
    parser.add_argument(
        "url", metavar="URL", help="what it was downloaded from, like http://localhost:8000/700m, or a .torrent"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--content", default="ones", help="the server's --content, if it has one")
    parser.add_argument("--seed", help="the server's --seed, if it has one")
    options = parser.parse_args(arguments)
    try:
        seed = None if options.seed is None else PARAMETERS["seed"].read(options.seed)
        target = denoted(options.url, Settings(content=options.content, seed=seed))
        size = target.file.size if target.members else Path(options.path).stat().st_size
        with progress_of(size) as progress:
            report = compared(options.path, target, progress=progress)
    except (ValueError, OSError) as error:
        print(f"fakefiles verify: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report.as_dict()) if options.json else report)
    return 0 if report.identical else 1


@contextmanager
def progress_of(size: int) -> Iterator[Callable[[int], object]]:
    """Yield a function that shows how many of the bytes are done: on a terminal as a changing line, else not at all."""
    if not sys.stderr.isatty():
        yield bool
        return
    started = shown = time.monotonic()

    def show(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _PROGRESS_INTERVAL:
            shown = now
            rate = done / (now - started) / 2**20
            line = f"\r{100 * done // max(size, 1):3} % of {size} bytes, {rate:.0f} MiB/s"
            print(line, end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
