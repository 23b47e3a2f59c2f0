"""What the parts of fakefiles that are there to save processor time do save: a server with all beside one without each.

Run `python -m benchmarks.paying`, in five minutes, on Linux, with a limit of open files above the downloads. Prints a
table of medians and extremes; a ratio is the figure with it divided by the one without, taken in each round.

- nothing: the same server twice, which shows how far the ratios of this machine can be trusted
- ticks: serving/ticks.py, one timer for all waits that end within the same few milliseconds
- garbage: daemon/garbage.py, looking for garbage in cycles less often
- sockets: serving/plain_socket.py and span_pump.py, bodies straight to the socket; without, through the transport
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks import pacing
from benchmarks.client import raise_descriptor_limit
from benchmarks.clients import MeasureError
from benchmarks.measures import FULL, QUICK, Figures, Measure, Scale, download, small
from benchmarks.peers import Mode, Peer, Place
from benchmarks.peers.without import SAVINGS
from benchmarks.report import machine, row, spread_text
from benchmarks.rounds import OURS, Result, run
from benchmarks.servers import Fleet

_SCRIPT = Path(__file__).parent / "peers" / "without.py"
# Of paced downloads, in --quick.
_SOON, _BRIEFLY = 0.5, 1.0


def _peer(name: str, left_out: str) -> Peer:
    def command(place: Place, _mode: Mode) -> list[str]:
        return [sys.executable, str(_SCRIPT), left_out, str(place.port)]

    return Peer(name, command)


#: What can be left out, first nothing.
NAMES = ("nothing", *SAVINGS)
#: The server with everything, and those without one thing, by its name.
VARIANTS = {OURS: _peer(OURS, "nothing"), **{name: _peer(name, name) for name in NAMES}}


def paced(count: int) -> Callable[[Fleet, Peer, Mode, Scale], Figures]:
    """Return what measures the processors used by so many paced downloads, or needed to keep their rates."""

    def take(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
        server = fleet.server(peer, mode)
        quick = scale.download < FULL.download
        settling, seconds = (_SOON, _BRIEFLY) if quick else (pacing.SETTLING, pacing.SECONDS)
        rates, cpu = pacing.measure(server.port, server.pid, count, settling, seconds)
        if not any(rates):
            raise MeasureError("nothing came")
        # A server that has no more processor is slow instead: that costs, too.
        return {"cores": cpu / statistics.mean(rates)}

    return take


def measures(counts: Iterable[int], names: Sequence[str] = NAMES) -> list[Measure]:
    """Return what there is to measure of some NAMES, with each number of paced downloads."""

    def measure(title: str, concerned: Sequence[str], take: Callable[[Fleet, Peer, Mode, Scale], Figures]) -> Measure:
        return Measure(title, title, (OURS, *(name for name in concerned if name in names)), take)

    every = [
        *(measure(f"{n:,} downloads at {pacing.RATE >> 10} KiB/s", NAMES, paced(n)) for n in counts),
        measure("1 B, 32 connections", ("nothing", "garbage"), small(1, 32)),
        measure("ones, one connection", ("nothing", "sockets"), download(1)),
        measure("ones, 64 connections", ("nothing", "sockets"), download(64)),
        measure("random, one connection", ("nothing", "sockets"), download(1, "random")),
    ]
    return [each for each in every if len(each.peers) > 1]


_SHOWN = ("cores", "requests/s", "CPU-µs/request", "CPU-s/GiB", "both, CPU-s/GiB")


def table(results: Sequence[Result]) -> str:
    """Return the table: a row for each thing, and each quantity that was measured with and without it."""
    lines = [row(["what", "of", "figure", "with", "without", "ratio"]), "|---" * 6 + "|"]
    for name in NAMES:
        for result in results:
            for quantity in _SHOWN:
                rounds = result.rounds.get(name)
                if rounds and quantity in rounds[0]:
                    figures = [result.spread(OURS, quantity), result.spread(name, quantity)]
                    cells = [*map(spread_text, figures), f"**{spread_text(result.ratio(name, quantity))}**"]
                    lines.append(row([name, result.measure.title, quantity, *cells]))
    return "\n".join(lines)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; raises SystemExit with a line that says what is wrong with them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.paying",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--downloads", type=int, nargs="*", default=[2000], metavar="N", help="how many paced downloads"
    )
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=f"leave out only: {', '.join(NAMES)}"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="take so many rounds")
    parser.add_argument("--quick", action="store_true", help="one small round")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the table."""
    options = parse(arguments)
    raise_descriptor_limit()  # the servers inherit it
    scale = QUICK if options.quick else FULL
    scale = scale._replace(rounds=options.rounds or scale.rounds)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder, Fleet(Path(folder)) as fleet:
        results = [run(measure, fleet, scale, _say, VARIANTS) for measure in measures(options.downloads, options.only)]
    print(f"{machine()} Medians of {scale.rounds} round(s), with the extremes.\n\n{table(results)}")
    for result in results:
        for name, reason in result.left_out.items():
            print(f"\n{result.measure.title}: {name}: {reason}.")


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
