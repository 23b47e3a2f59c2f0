"""Whether the server is after much traffic what it was before it: `python -m benchmarks.soak --minutes N`, on Linux.

Clients of all kinds (benchmarks/traffic), good and bad, come for so many minutes, over HTTP and over TLS. After the
first minute, and at the end, all leave; when it is quiet, the memory of the server, its descriptors, connections, live
exchanges, timers and idle processor time are looked at. Prints a table with a verdict for each; the exit status is 1 if
one is FAIL. Besides the minutes of traffic, it takes about four more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.client import raise_descriptor_limit
from benchmarks.files import write_files
from benchmarks.measures import GIB, MIB
from benchmarks.peers import Mode, Peer, Place
from benchmarks.report import machine, number, row
from benchmarks.servers import Server, ServerError, free_port
from benchmarks.traffic.crowd import Crowd
from benchmarks.traffic.line import WrongBytesError
from benchmarks.traffic.visit import Where

_SCRIPT = Path(__file__).parent / "peers" / "watched.py"
_FIRST = 60.0  # seconds of traffic before the level of the memory is taken
# Seconds after the last client has gone: the server waits 5 s for some of them to read its last answer, and keeps
# nothing for longer than its idle timeout, 60 s.
_QUIET_PATIENCE = 75.0
_SETTLING = 3.0  # seconds: threads that hash for clients who have left end their slice
_IDLE_SECONDS = 10.0  # for which the idle processor time is measured
_SAMPLE_EVERY = 10.0
_MOST_RSS = 1.10  # of that after the first minute
# How much more of a processor an idle server may use than before: what a few timers more would cost.
_MORE_IDLE = 0.002
_LONGEST_ANSWER = 1 << 20
_TROUBLE = re.compile(r"Traceback|Unhandled|#error|#critical")


@dataclass(frozen=True)
class Figures:
    """What is looked at, when nobody is there: `rss` in bytes, `idle` as the share of a processor.

    `words` has what the timers call, and which connections are open.
    """

    rss: int
    descriptors: int
    connections: int
    live: int
    timers: int
    listeners: int
    idle: float
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Sample(NamedTuple):
    """What is seen during traffic: the resident bytes of the server, the processors used by it and by the clients."""

    rss: int
    server: float
    clients: float


class Watcher:
    """Sees the server from outside, and through the socket of watched.py."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer

    @classmethod
    async def of(cls, server: Server, folder: Path) -> Watcher:
        """Return a watcher of a server that runs in this folder."""
        return cls(server, *await asyncio.open_unix_connection(str(folder / "watch"), limit=_LONGEST_ANSWER))

    def close(self) -> None:
        """Watch no more."""
        self._writer.close()

    async def ask(self, what: str) -> Any:
        """Return one of watched.ANSWERS."""
        self._writer.write(what.encode() + b"\n")
        answer = await self._reader.readline()
        if not answer:
            raise ServerError("the server has ended")
        return json.loads(answer)

    def memory(self) -> int:
        """Return the resident bytes of the server."""
        return self._server.memory()

    async def sample(self, seconds: float) -> Sample:
        """Return a sample that takes so many seconds."""
        server, clients, started = self._server.cpu(), time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        elapsed = time.monotonic() - started
        return Sample(self.memory(), (self._server.cpu() - server) / elapsed, (time.process_time() - clients) / elapsed)

    async def figures(self, seconds: float = _IDLE_SECONDS) -> Figures:
        """Look at everything; measure the idle processor time for so many seconds."""
        cpu, started = self._server.cpu(), time.monotonic()
        await asyncio.sleep(seconds)
        idle = (self._server.cpu() - cpu) / (time.monotonic() - started)
        memory, seen, descriptors = self.memory(), await self.ask("look"), self._server.descriptors()
        counts = {name: seen[name] for name in ("connections", "live", "timers", "listeners")}
        words = {name: value for name, value in seen.items() if name not in counts}
        return Figures(rss=memory, descriptors=descriptors, **counts, idle=idle, words=words)

    async def until_quiet(self, before: Figures, patience: float, settling: float = _SETTLING) -> None:
        """Wait until the server has no more open and under way than before, or until patience ends; and a bit."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            seen = await self.ask("look")
            if self._server.descriptors() <= before.descriptors and all(
                seen[name] <= getattr(before, name) for name in ("connections", "live", "timers", "listeners")
            ):
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(settling)

    def trouble(self) -> list[str]:
        """Return the events in the log that tell of errors."""
        return troubles(self._server.log.read_text(errors="replace"))


def troubles(log: str) -> list[str]:
    """Return the events of a log that tell of errors, the first line of each and the last, which names the error.

    Twisted indents all lines of an event but the first.
    """
    found = []
    for event in re.split(r"\n(?!\t)", log):
        first, _, last = event.partition("\n")
        if '" - - [' not in first and _TROUBLE.search(event):
            found.append(f"{first} ... {last.rpartition(chr(10))[2].strip()}")
    return found


@dataclass
class Findings:
    """What a soak found: figures `before`, at the `level` after the first minute, and `after` it all.

    `minutes` are those of the traffic. `samples` were taken meanwhile. `trouble` is in the server's log. `garbage`
    has, by type, what one collection takes away at the end, and `collected` the bytes that are resident after it.
    """

    minutes: float
    before: Figures
    level: Figures
    after: Figures
    crowd: Crowd
    samples: list[Sample]
    trouble: list[str]
    garbage: Mapping[str, int]
    collected: int


async def soak(watcher: Watcher, crowd: Crowd, minutes: float, say: Callable[[str], object]) -> Findings:
    """Let the crowd come for so many minutes, and look before, after the first one, and at the end."""
    samples: list[Sample] = []

    async def come(seconds: float, before: Figures) -> Figures:
        coming = asyncio.ensure_future(crowd.come(seconds))
        await asyncio.sleep(0)  # it begins
        await _sample(watcher, crowd, samples, say)
        await coming
        say("all have left, waiting until it is quiet")
        await watcher.until_quiet(before, _QUIET_PATIENCE)
        return await watcher.figures()

    await watcher.ask("look")  # it has started when it answers
    await asyncio.sleep(_SETTLING)
    before = await watcher.figures()
    say(f"before: {before}")
    level = await come(_FIRST, before)
    say(f"after the first minute: {level}")
    after = await come(60 * minutes - _FIRST, before)
    say(f"at the end: {after}")
    existing = await watcher.ask("objects")
    await watcher.ask("collect")
    taken = Counter(existing) - Counter(await watcher.ask("objects"))
    garbage = {name: count for name, count in taken.items() if not name.startswith("builtins.")}  # those say nothing
    return Findings(minutes, before, level, after, crowd, samples, watcher.trouble(), garbage, watcher.memory())


async def _sample(watcher: Watcher, crowd: Crowd, samples: list[Sample], say: Callable[[str], object]) -> None:
    while crowd.open:
        samples.append(await watcher.sample(_SAMPLE_EVERY))
        seen = await watcher.ask("look")
        counts = ", ".join(f"{seen[name]} {name}" for name in ("connections", "live", "timers", "listeners"))
        say(f"{samples[-1].rss / MIB:.1f} MiB, {counts}")


# The report.


def verdicts(found: Findings) -> list[tuple[str, Sequence[str], bool]]:
    """Return the rows: a name, the values before, after the first minute and at the end, and whether all is right."""
    three = (found.before, found.level, found.after)
    rows: list[tuple[str, Sequence[str], bool]] = [
        ("RSS, MiB", [number(each.rss / MIB) for each in three], found.after.rss <= _MOST_RSS * found.level.rss)
    ]
    for name in ("descriptors", "connections", "live", "timers", "listeners"):
        counts = [getattr(each, name) for each in three]
        rows.append((name, [str(value) for value in counts], counts[2] <= counts[0]))
    idle = [f"{100 * each.idle:.2f} %" for each in three]
    rows.append(("idle, of a processor", idle, found.after.idle <= found.before.idle + _MORE_IDLE))
    failures = found.crowd.failures
    wrong_bytes = sum(times for text, times in failures.items() if WrongBytesError.__name__ in text)
    wrong = {
        "visits with wrong bytes": wrong_bytes,
        "visits with another wrong answer": sum(failures.values()) - wrong_bytes,
        "errors in the log": len(found.trouble),
    }
    return rows + [(name, ["", "", str(count)], not count) for name, count in wrong.items()]


def passed(found: Findings) -> bool:
    """Return whether all is as it should be."""
    return all(right for _, _, right in verdicts(found))


def report(found: Findings) -> str:
    """Return the table, what happened, and what there is to say about what is wrong."""
    lines = [row(["figure", "before", "after the first minute", "at the end", "verdict"]), "|---" * 5 + "|"]
    lines += [row([name, *values, "PASS" if right else "**FAIL**"]) for name, values, right in verdicts(found)]
    visits = found.crowd.visits
    server, clients = (sum(each) / len(found.samples) for each in list(zip(*found.samples, strict=True))[1:])
    came = f"{sum(visits.values()):,} visits of {len(visits)} kinds, {found.crowd.checked / GIB:.1f} GiB compared"
    lines += [
        "",
        f"{found.minutes:g} minutes of traffic: {came}. {machine()}",
        f"In use meanwhile: {server:.0%} of a processor by the server, {clients:.0%} by the clients.",
        f"RSS in each minute of traffic, MiB: {' '.join(_by_minute(found.samples))}.",
        f"RSS after a collection of garbage at the end: {number(found.collected / MIB)} MiB.",
        f"In garbage then: {_counts(found.garbage) or 'nothing'}.",
    ]
    lines += [f"At the end, {name}: {_counts(counts)}." for name, counts in found.after.words.items() if counts]
    lines += [f"{times} x {failure}" for failure, times in found.crowd.failures.most_common(20)]
    return "\n".join([*lines, *found.trouble[:20]])


def _by_minute(samples: Sequence[Sample]) -> list[str]:
    each = round(_FIRST / _SAMPLE_EVERY)
    return [number(max(samples[first : first + each]).rss / MIB) for first in range(0, len(samples), each)]


def _counts(counts: Mapping[str, int], most: int = 12) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {name}" for name, count in ordered[:most])


# The command.


def watched_peer(tls_port: int, *options: str) -> Peer:
    """Return fakefiles with a second port, for TLS, and with `watch`, the socket of watched.py, in its folder."""

    def command(place: Place, _mode: Mode) -> list[str]:
        secure = f"tls:{place.folder}:port={tls_port}:interface=127.0.0.1"
        socket = str(place.folder / "watch")
        return [sys.executable, str(_SCRIPT), socket, "--port", str(place.port), "--listen", secure, *options]

    return Peer("fakefiles, watched", command)


async def run(options: argparse.Namespace) -> Findings:
    """Start the server, soak it, and stop it, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        write_files(folder, [])
        tls_port = free_port()
        server = Server(watched_peer(tls_port), Mode(), folder)
        try:
            watcher = await Watcher.of(server, folder)
            crowd = Crowd(Where(server.port, tls_port), options.seed)
            found = await soak(watcher, crowd, options.minutes, _say)
            watcher.close()
            return found
        finally:
            server.stop()


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; raises SystemExit with a line that says what is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, metavar="N", help="of traffic, at least 1.5")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another one is another traffic")
    options = parser.parse_args(arguments)
    if not (math.isfinite(options.minutes) and options.minutes >= 1.5):
        parser.error("--minutes is at least 1.5")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak, and print what was found. Raises SystemExit with status 1 if something is wrong."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # through every finally
    raise_descriptor_limit()  # the server inherits it
    try:
        found = asyncio.run(run(options))
    except KeyboardInterrupt:
        sys.exit("python -m benchmarks.soak: interrupted")
    print(report(found))
    if not passed(found):
        sys.exit(1)


if __name__ == "__main__":
    main()
