"""Results on a terminal: a line for each, and in the end what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fakefiles.conformance.known import KnownFailures, outcome
from fakefiles.conformance.suite import Result
from fakefiles.conformance.verdicts import Status

#: The colours of statuses on a terminal.
_COLOURS = {Status.PASS: "green", Status.WARN: "yellow", Status.FAIL: "bold red", Status.VOID: "cyan"}
_MOST_SAID = 200


def line(result: Result, known: KnownFailures) -> str:
    """Return the line of one result."""
    judgement = result.judgement
    says = " ".join(judgement.says.split())
    says = says if len(says) <= _MOST_SAID else f"{says[:_MOST_SAID]}..."
    excuse = known.get((result.client.name, result.case.slug))
    mark = f" (known: {excuse})" if excuse else ""
    return f"{judgement.status.word:<8}{result.client.name}  {result.case.slug}{mark}{f'  {says}' if says else ''}"


def summary(results: Sequence[Result], known: KnownFailures) -> str:
    """Return a line for each client, and lines about what has changed against what is known."""
    lines = []
    for name in dict.fromkeys(result.client.name for result in results):
        counts = Counter(each.judgement.status for each in results if each.client.name == name)
        words = ", ".join(f"{counts[status]} {status.word}" for status in Status if counts[status])
        lines.append(f"{name}: {words}")
    compared = outcome(results, known)
    if compared.known:
        lines.append(f"{len(compared.known)} failure(s) were known")
    lines += [f"known to fail, but passes: {each.client.name} {each.case.slug}" for each in compared.passing]
    return "\n".join(lines)


@contextmanager
def telling(total: int, known: KnownFailures, *, terminal: bool) -> Iterator[Callable[[Result], object]]:
    """Yield a function that prints the line of a result: on a terminal with rich, below it a bar of progress."""
    if terminal and (rich := _rich()):
        console = rich.console.Console(highlight=False, soft_wrap=True)
        with rich.progress.Progress(console=console, transient=True) as progress:
            task = progress.add_task("cases", total=total)

            def show(result: Result) -> None:
                colour = _COLOURS.get(result.judgement.status, "dim")
                progress.console.print(rich.text.Text(line(result, known), style=colour))
                progress.advance(task)

            yield show
        return
    yield lambda result: print(line(result, known), flush=True)


def _rich() -> Any:
    """Return the package rich with what is needed of it; None if it is not installed."""
    try:
        import rich.console
        import rich.progress
        import rich.text
    except ImportError:
        return None
    return rich
