"""Measure fakefiles beside other servers, all of it on loopback, and print tables of medians, extremes and ratios.

A ratio is ours divided by theirs, taken in each round; the median is shown. Linux only.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.client import raise_descriptor_limit
from benchmarks.files import write_files
from benchmarks.measures import FULL, MEASURES, QUICK, Scale
from benchmarks.picture import picture
from benchmarks.report import BY_HAND, report
from benchmarks.rounds import Result, run
from benchmarks.servers import Fleet


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; raises SystemExit with a line that says what is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small round of everything, in a minute")
    parser.add_argument("--rounds", type=int, metavar="N", help="take N rounds")
    parser.add_argument(
        "--only", nargs="+", choices=MEASURES, default=list(MEASURES), metavar="NAME", help=", ".join(MEASURES)
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="write RESULTS.md, except its part by hand, and results.svg"
    )
    options = parser.parse_args(arguments)
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds is at least 1")
    if options.output and not options.output.is_dir():
        parser.error("--output is an existing folder")
    return options


def scale_of(options: argparse.Namespace) -> Scale:
    """Return how much is to be done."""
    scale = QUICK if options.quick else FULL
    return scale._replace(rounds=options.rounds) if options.rounds else scale


def measure(names: Sequence[str], scale: Scale) -> dict[str, Result]:
    """Take the measures of these names, in a temporary folder of their own."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder, Fleet(Path(folder)) as fleet:
        write_files(Path(folder), scale.sizes())
        return {name: run(MEASURES[name], fleet, scale, _say) for name in names}


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def write(folder: Path, markdown: str, results: Mapping[str, Result]) -> None:
    """Write the results into a folder; what somebody has added to them, or had there before, stays."""
    path = folder / "RESULTS.md"
    before = path.read_text() if path.exists() else ""
    _, mark, by_hand = before.partition(BY_HAND)
    path.write_text(f"{markdown}\n{BY_HAND}{by_hand if mark else before}")
    (folder / "results.svg").write_text(picture(results))


def main() -> None:
    """Do what the command line says."""
    options = parse(sys.argv[1:])
    if sys.platform != "linux":
        sys.exit("python -m benchmarks: it needs Linux, for the processor time and memory of other processes")
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, _frame: sys.exit(128 + number))  # through every finally
    raise_descriptor_limit()  # the servers inherit it
    started = time.monotonic()
    scale = scale_of(options)
    try:
        results = measure(options.only, scale)
    except KeyboardInterrupt:
        sys.exit("python -m benchmarks: interrupted")
    markdown = report(results, scale, time.monotonic() - started)
    print(markdown)
    if options.output:
        write(options.output, markdown, results)


if __name__ == "__main__":
    main()
