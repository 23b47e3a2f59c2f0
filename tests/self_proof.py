"""The suite of `fakefiles check` proves itself.

    python tests/self_proof.py [--jobs N] [--cross GROUP]

- The perfect client passes every case: none is void, or does not apply.
- For each case there is a wrong client, which gets the verdict that it deserves, and passes the controls.
- curl, wget and aria2c go through all cases; what they fail is what tests/known_failures.toml says of these versions.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fakefiles.conformance.catalogue import cases, chosen
from fakefiles.conformance.known import outcome, read_known
from fakefiles.conformance.presets import presets
from fakefiles.conformance.suite import Place, Result, check, place
from fakefiles.conformance.verdicts import Status
from fakefiles.conformance.versions import version_of
from proving_clients import perfect, wrong
from wrong_registry import WRONG

KNOWN = Path(__file__).with_name("known_failures.toml")
# aria2c first: what it waits for then costs nothing.
REAL = ("aria2c", "curl", "wget")
#: What a wrong client passes all the same, unless it is its own case, or the same mistake.
CONTROLS = ("plain-download", "resume-gets-rest", "redirect-once")
#: The same for the cases that need something of a swarm.
SWARM_CONTROLS = {name: f"{name}-download" for name in ("torrent", "magnet", "metalink")}
# Seconds for a run of a wrong client: some of them never end.
_LIMIT = 12.0


def main() -> int:
    """Prove it; print what is not so; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--cross", metavar="GROUP", help="only list what the wrong clients of a group fail besides")
    options = parser.parse_args()
    jobs = options.jobs
    if options.cross:
        tell_of_others(options.cross, jobs)
        return 0
    bad = 0
    for what, problems in (
        ("the perfect client", of_the_perfect(jobs)),
        ("wrong clients", of_the_wrong(jobs)),
        ("curl, wget, aria2c", of_real_ones(jobs)),
    ):
        started, count = time.monotonic(), 0
        for problem in problems:
            count += 1
            print(problem)
        bad += count
        print(f"{what}: {count} problem(s), {time.monotonic() - started:.0f} s", flush=True)
    return 1 if bad else 0


def of_the_perfect(jobs: int) -> Iterator[str]:
    """Yield each case that the perfect client does not pass, or where something is to be said of it."""
    results = check([perfect()], cases(), jobs=jobs)
    yield from (_words(result) for result in results if not passes(result))
    if len(results) != len(cases()):
        yield f"only {len(results)} of {len(cases())} cases were run"


def of_the_wrong(jobs: int) -> Iterator[str]:
    """Yield each wrong client that gets another verdict than it should, or fails a control."""
    if missing := {case.slug for case in cases()} ^ WRONG.keys():
        yield f"cases without a wrong client, or the other way round: {sorted(missing)}"
    with place(threading.Event()) as where, ThreadPoolExecutor(jobs) as pool:
        for problems in pool.map(lambda slug: list(of_one_wrong(where, slug)), WRONG):
            yield from problems


def of_one_wrong(where: Place, slug: str) -> Iterator[str]:
    """Yield what is not as it should be of the wrong client of one case."""
    case = chosen([slug])[0]
    result = where.try_out(wrong(slug), case, limit=_LIMIT)
    verdicts = [finding.verdict.name for finding in result.judgement.findings]
    if verdicts[:1] != [WRONG[slug].verdict]:
        yield f"{WRONG[slug].verdict} was to come: {_words(result)}"
    for control in chosen([SWARM_CONTROLS[name] for name in case.needs if name in SWARM_CONTROLS] or CONTROLS):
        if WRONG[slug].kind is not WRONG[control.slug].kind and control.slug not in WRONG[slug].spoils:
            result = where.try_out(wrong(slug), control, limit=_LIMIT)
            if result.judgement.status is not Status.PASS:
                yield f"a control failed: {_words(result)}"


def tell_of_others(group: str, jobs: int) -> None:
    """Print which other cases of their group wrong clients fail: those where their mistake is the same, or near."""
    todo = [(case.slug, other) for case in chosen([group]) for other in chosen([group]) if case is not other]
    with place(threading.Event()) as where, ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda pair: where.try_out(wrong(pair[0]), pair[1], limit=_LIMIT), todo)
        for (slug, other), result in zip(todo, results, strict=True):
            if result.judgement.status is Status.FAIL:
                same = " (the same client)" if WRONG[slug].kind is WRONG[other.slug].kind else ""
                print(f"{slug} also fails {other.slug}{same}: {result.judgement.findings[0].verdict.name}")
    print(f"{len(todo)} runs")


def of_real_ones(jobs: int) -> Iterator[str]:
    """Yield each result of curl, wget and aria2c that is another one than is known of the same version."""
    known = read_known(KNOWN)
    clients = [presets()[name] for name in REAL]
    results = check(clients, cases(), jobs=jobs)
    for client in clients:
        version = version_of(client)
        of_client = {key: each for key, each in known.items() if key[0] == client.name}
        if not version:
            yield f"{client.name} is not installed"
        elif {each.version for each in of_client.values()} != {version}:
            print(f"{client.name} {version} is another version than the one whose failures are known")
        else:
            compared = outcome([each for each in results if each.client.name == client.name], of_client)
            yield from (f"not known: {_words(result)}" for result in compared.unknown)
            yield from (f"known to fail, but passes: {_words(result)}" for result in compared.passing)
    yield from (_words(each) for each in results if each.judgement.status is Status.NOT_RUN)


def passes(result: Result) -> bool:
    """Whether a client passes a case, and nothing is to be said of it."""
    return result.judgement.status is Status.PASS and not result.judgement.findings


def _words(result: Result) -> str:
    judgement = result.judgement
    lines = [f"{result.client.name} {result.case.slug}: {judgement.status.word} {' '.join(judgement.says.split())}"]
    for run in result.evidence.runs if result.evidence else ():
        lines += [f"    {ending} {ending.output.strip()[-200:]}" for ending in run.endings]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
