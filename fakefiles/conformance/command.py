"""`fakefiles check`: the conformance suite on a command line."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from math import inf
from pathlib import Path

from fakefiles.conformance.capabilities import CAPABILITIES
from fakefiles.conformance.case import Case
from fakefiles.conformance.catalogue import GROUPS, cases, chosen
from fakefiles.conformance.client import PLACEHOLDERS, Client, ClientError, client_of
from fakefiles.conformance.known import KnownFailures, outcome, read_known
from fakefiles.conformance.presets import preset, presets
from fakefiles.conformance.reports.as_json import Session, as_json
from fakefiles.conformance.reports.junit import junit
from fakefiles.conformance.reports.lines import summary, telling
from fakefiles.conformance.reports.page import page
from fakefiles.conformance.suite import Result, check
from fakefiles.conformance.trial import LIMIT
from fakefiles.conformance.verdicts import Status
from fakefiles.conformance.versions import check_installed, version_of
from fakefiles.conformance.words import explain
from fakefiles.testing.process import ServerError

_EPILOG = "Exit status: 0 if all is right, 1 if a case failed, 2 if that could not be found out."


def check_command(arguments: Sequence[str]) -> int:
    """Run the command with its arguments; return the exit status."""
    parser = _parser()
    own, command = _split(arguments)
    options = parser.parse_args(own)
    try:
        return _obey(options, command)
    except (ValueError, OSError, ServerError) as error:
        print(f"fakefiles check: {_in_one_line(error)}", file=sys.stderr)
        return 2


def _in_one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the own arguments, and those after "--", which are the command of a client."""
    words = list(arguments)
    if "--" not in words:
        return words, []
    at = words.index("--")
    return words[:at], words[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    placeholders = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    parser = argparse.ArgumentParser(
        prog="fakefiles check",
        usage="fakefiles check [options] (--client NAME)... | -- COMMAND",
        description="Try out a download client on every way in which downloads go wrong."
        f" COMMAND is that of the client, with {{url}} and {{file}} where the URL and the path belong. It may have"
        f" {placeholders}; all of them are in its environment, too, like $URL.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--client", action="append", default=[], metavar="NAME", help="a client that is known; may be repeated")
    add("--presets", action="append", default=[], type=Path, metavar="FILE", help="a TOML file with more known clients")
    can = f"the command can do this ({', '.join(CAPABILITIES)}), perhaps by another command; may be repeated"
    add("--can", action="append", default=[], metavar="WHAT[=COMMAND]", help=can)
    add("--partial", default="{file}", metavar="PATH", help="where the command keeps a partial file, like {file}.part")
    add("--only", action="append", default=[], metavar="PATTERN", help="cases like 'resume-*', or a group; repeatable")
    add("--jobs", type=_positive, metavar="N", help="run so many cases at once (default: the number of processors)")
    add(
        "--limit",
        type=_seconds,
        default=LIMIT,
        metavar="SECONDS",
        help=f"for each run of a client (default: {LIMIT:g})",
    )
    add("--strict", action="store_true", help="let warnings and what is measured be failures")
    add("--known", type=Path, metavar="FILE", help="a TOML file with failures that are known")
    add("--report", type=Path, metavar="DIR", help="write index.html and results.json into this folder")
    add("--junit", type=Path, metavar="FILE", help="write JUnit XML")
    add("--list", action="store_true", help="list the cases, and the clients that are known")
    add("--explain", metavar="SLUG", help="tell all about a case, and how to see it by hand")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1 on")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < inf:
        raise argparse.ArgumentTypeError("a number of seconds, more than 0")
    return number


def _obey(options: argparse.Namespace, command: Sequence[str]) -> int:
    selected = chosen(options.only)
    if options.explain:
        print(explain(_one(options.explain)))
        return 0
    known_clients = presets(options.presets)
    if options.list:
        _list(selected, known_clients.values())
        return 0
    clients = [preset(name, known_clients) for name in dict.fromkeys(options.client)]
    if command or not clients:
        clients.append(_own_client(options, command))
    for client in clients:
        check_installed(client)
    known = read_known(options.known) if options.known else {}
    with _output(options.report), _output(options.junit and options.junit.parent):
        return _run(options, clients, selected, known)


def _one(slug: str) -> Case:
    found = [case for case in chosen([slug]) if case.slug == slug]
    if not found:
        raise ValueError(f"--explain takes one case, and {slug!r} is a pattern or a group; --list lists the cases")
    return found[0]


def _own_client(options: argparse.Namespace, command: Sequence[str]) -> Client:
    if not command:
        raise ClientError("no client; name one with --client NAME, or write its command after --")
    pairs = [text.partition("=") for text in options.can]
    return client_of(
        *command,
        can=tuple(name for name, _, other in pairs if not other),
        commands={name: other for name, _, other in pairs if other},
        partial=options.partial,
    )


def _list(selected: Sequence[Case], clients: Iterable[Client]) -> None:
    for group, title in GROUPS.items():
        inside = [case for case in selected if case.group == group]
        if inside:
            print(f"{group}: {title}")
        for case in inside:
            needs = f" (needs {', '.join(case.needs)})" if case.needs else ""
            print(f"  {case.slug}{needs}: {case.server}")
    print(f"{len(selected)} of {len(cases())} cases")
    print("clients:")
    for client in clients:
        print(f"  {client.name}: {client.about}")


@contextmanager
def _output(folder: Path | None) -> Iterator[None]:
    """Make a folder for output, and check that it can be written, before anything runs."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    yield


def _run(options: argparse.Namespace, clients: Sequence[Client], selected: Sequence[Case], known: KnownFailures) -> int:
    started, began = datetime.now(timezone.utc).isoformat(timespec="seconds"), time.monotonic()
    with telling(len(clients) * len(selected), known, terminal=sys.stdout.isatty()) as told:
        results = check(
            clients,
            selected,
            jobs=options.jobs,
            limit=options.limit,
            strict=options.strict,
            told=told,
            stopped=_stopped_by_signals(),
        )
    versions = {client.name: version_of(client) for client in clients}
    seconds = time.monotonic() - began
    session = Session(versions, results, known, started, seconds, options.strict)
    _write_reports(options, session)
    print(summary(results, known))
    return _status(results, known)


def _stopped_by_signals() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set from now on: the run ends in good order, with its report."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    return stopped


def _write_reports(options: argparse.Namespace, session: Session) -> None:
    if options.report:
        data = as_json(session)
        _write(options.report / "results.json", json.dumps(data, indent=1))
        _write(options.report / "index.html", page(data))
    if options.junit:
        _write(options.junit, junit(session))


def _write(path: Path, text: str) -> None:
    """Write a file as a whole, or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as output:
            output.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _status(results: Sequence[Result], known: KnownFailures) -> int:
    if any(result.judgement.status is Status.NOT_RUN for result in results):
        print("fakefiles check: interrupted; the reports have what was done before", file=sys.stderr)
        return 2
    return 0 if outcome(results, known).good else 1
