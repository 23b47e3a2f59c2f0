"""The results as Markdown."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measures import Scale
from benchmarks.rounds import OURS, Result, Spread
from benchmarks.targets import TARGETS, Target

#: In a file of results, what follows this line is written by hand, and stays.
BY_HAND = "<!-- From here on by hand. -->\n"

_PACKAGES = ("fakefiles", "twisted", "fastapi", "uvicorn", "uvloop", "httptools")


def number(value: float) -> str:
    """Return a figure with as many decimals as it deserves."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def table(result: Result) -> str:
    """Return the table of a measure: a row for each peer, a figure and a ratio for each quantity."""
    quantities = list(next((rounds[0] for rounds in result.rounds.values()), {}))
    compared = [name for name in quantities if name not in _NOT_COMPARED]
    heads = ["server"]
    for name in quantities:
        heads += [name, "ratio"] if name in compared else [name]
    lines = [row(heads), "|---" * len(heads) + "|"]
    for peer in result.rounds:
        cells = [peer]
        for name in quantities:
            cells.append(spread_text(result.spread(peer, name)))
            if name in compared:
                cells.append("" if peer == OURS else _ratio(result.ratio(peer, name)))
        lines.append(row(cells))
    return "\n".join(lines)


#: Quantities that say something about the measuring, not about the servers.
_NOT_COMPARED = {"client's CPU-s/GiB", "clients"}


def row(cells: Sequence[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def spread_text(spread: Spread | None) -> str:
    """Return the cell of a median, with the extremes where they differ."""
    if spread is None:
        return "-"
    if spread.least == spread.most:
        return number(spread.median)
    return f"{number(spread.median)} ({number(spread.least)} - {number(spread.most)})"


def _ratio(ratio: Spread | None) -> str:
    return "-" if ratio is None else f"**{number(ratio.median)}**"


def section(result: Result) -> str:
    """Return what there is to say about a measure."""
    parts = [f"### {result.measure.title}", result.measure.note, table(result) if result.rounds else ""]
    parts += [f"{peer}: {reason}." for peer, reason in result.left_out.items()]
    return "\n\n".join(part for part in parts if part)


def targets(results: Mapping[str, Result]) -> str:
    """Return the table of targets: what was measured, and whether that is enough."""
    lines = [row(["target", "measured", "met"]), "|---|---|---|"]
    lines += [row([target.text, _measured(target, results), _VERDICTS[target.met(results)]]) for target in TARGETS]
    return "\n".join(lines)


_VERDICTS = {True: "yes", False: "**no**", None: "not measured"}


def _measured(target: Target, results: Mapping[str, Result]) -> str:
    return "; ".join(spread_text(goal.measured(results)) for goal in target.goals)


def report(results: Mapping[str, Result], scale: Scale, seconds: float) -> str:
    """Return all of it; `seconds` is how long it took."""
    method = (
        f"Medians of {scale.rounds} interleaved round(s), with the extremes. A download has {scale.download:,} bytes."
        f" A ratio is {OURS}'s figure divided by the other server's: it is taken in each round, and the table has the"
        " median. The figures are those of one machine on one day: compare rows, not machines."
    )
    return "\n\n".join(
        [
            "# Results\n\n## python -m benchmarks",
            f"Taken in {seconds:.0f} s. {machine()}",
            method,
            *(section(result) for result in results.values()),
            "### Targets",
            targets(results) + "\n",
        ]
    )


def machine() -> str:
    """Return what the figures were measured on, and with."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    lines = [
        time.strftime("%Y-%m-%d", time.gmtime()),
        f"{os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *(f"{name} {found}" for name in _PACKAGES if (found := _version(name))),
        *(found for program in (["nginx", "-v"], ["wrk", "-v"]) if (found := _program_version(program))),
    ]
    return ", ".join(lines) + "."


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _program_version(command: Sequence[str]) -> str | None:
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except FileNotFoundError:
        return None
    found = re.search(r"(nginx|wrk)\D*([\d.]+)", done.stdout)
    return f"{found[1]} {found[2]}" if found else None
