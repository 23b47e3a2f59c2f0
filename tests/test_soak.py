"""The soak's own parts: each kind of traffic really does what it says, for a moment only; and the verdicts."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.files import write_files
from benchmarks.peers import Mode
from benchmarks.servers import Server, free_port
from benchmarks.soak import Figures, Findings, Sample, Watcher, parse, passed, report, troubles, verdicts, watched_peer
from benchmarks.traffic import KINDS, PATIENT
from benchmarks.traffic.crowd import Crowd, Governor
from benchmarks.traffic.line import WrongBytesError
from benchmarks.traffic.visit import Kind, Visit, Where
from fakefiles.http.record import Record
from fakefiles.testing.journal_client import JournalClient
from fakefiles.testing.view import requests_in
from processes import PATIENCE

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are metered on Linux only")

Records = Sequence[Record]


def torn_at_half(records: Records) -> bool:
    """Return whether the answer ended in its middle, as a fault."""
    (record,) = records
    return (record.end, record.body_sent) == ("fault", record.length // 2)


def statuses(*expected: int) -> Callable[[Records], bool]:
    """Return what finds whether the records have these statuses."""
    return lambda records: {record.status for record in records} == {*expected}


def left_early(records: Records) -> bool:
    """Return whether there are records, and each client left before the end of what it was promised."""
    return bool(records) and all(record.end == "client left" and record.body_sent < record.length for record in records)


def nothing(records: Records) -> bool:
    """Return whether no request came as far as the journal: the kind itself looks at the answers."""
    return not records


#: What the journal of the server has after one visit of each kind.
LEAVES: dict[str, Callable[[Records], bool]] = {
    "whole": statuses(200),
    "kept": lambda records: [record.method for record in records] == ["HEAD", "GET"] * 3,
    "pipelined": lambda records: len(records) == 30 and len({record.connection for record in records}) == 1,
    "slow": statuses(200),
    "resumed": statuses(200, 206),
    "segmented": lambda records: len({record.connection for record in records}) == 4,
    "ranges": lambda records: statuses(206)(records) and len(records) == 40,
    "multiparts": lambda records: max(len(record.given) for record in records) == 256,
    "bad_ranges": statuses(416, 200),
    "conditions": statuses(200, 304, 412),
    "digests": lambda records: [".sha256" in record.url for record in records] == [True, False, False],
    "pages": nothing,
    "polls": nothing,
    "uploads": statuses(405, 200),
    "torn": torn_at_half,
    "stalls": lambda records: [record.faults for record in records] == [["stall@32768"]] * 2,
    "flipped": lambda records: records[0].faults == ["flip@32768"],
    "substitutes": lambda records: [record.end for record in records] == ["complete"] + ["fault"] * 3,
    "occasions": lambda records: [record.status for record in records][:2] == [500, 200],
    "paced": statuses(200),
    "gzipped": lambda records: [record.faults for record in records] == [["encoding=gzip"], ["encoding=lie"]],
    "lies": lambda records: len(records) == 6,
    "before": statuses(401, 200, 302),
    "held": nothing,
    "leaves_in_body": left_early,
    "leaves_in_head": nothing,
    "never_reads": left_early,
    "never_reads_answers": lambda records: 0 < len(records) < 2000,
    "stalled_upload": nothing,
    "endless_upload": lambda records: [record.status for record in records] == [405],
    "leaves_a_wait": lambda records: [record.end for record in records] == ["client left"] * 3,
    "wave": lambda records: len(records) == 20 and left_early(records),
    "garbage": nothing,
    "wrong_protocol": nothing,
    "leaves_handshake": nothing,
    "stays": lambda records: not records or statuses(200)(records),
    "stays_frozen": statuses(200),
}


def test_each_kind_is_looked_at() -> None:
    """No kind is left out."""
    assert [*LEAVES] == [*KINDS, *PATIENT]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path, Where]]:
    """Run a server, give it with its folder and its ports."""
    folder = tmp_path_factory.mktemp("soak")
    write_files(folder, [])
    tls_port = free_port()
    # Its journal has room for the requests of all kinds at once.
    server = Server(watched_peer(tls_port, "--journal", "5000"), Mode(), folder)
    yield server, folder, Where(server.port, tls_port)
    server.stop()


@on_linux
def test_each_kind(server: tuple[Server, Path, Where]) -> None:
    """Each kind comes once, over HTTP and TLS, and does what it says; afterwards nothing of it is left."""
    running, folder, where = server
    crowd = Crowd(where, seed=1, dawdle=0.4, idle=0.2, waves=20)

    async def come() -> None:
        watcher = await Watcher.of(running, folder)
        before = await watcher.figures(0)
        everybody = [(kind, tls) for kind in (*KINDS.values(), *PATIENT.values()) for tls in (False, True)]
        await asyncio.gather(*(crowd.visit(kind, Random(5), tls=tls, tag=tag_of(kind, tls)) for kind, tls in everybody))
        await watcher.until_quiet(before, PATIENCE, settling=0)
        after = await watcher.figures(0)
        assert (after.connections, after.live, after.descriptors) == (0, 0, before.descriptors), after
        watcher.close()

    asyncio.run(come())
    assert crowd.failures == {}
    assert crowd.visits == dict.fromkeys([*KINDS, *PATIENT], 2)
    assert crowd.checked > 1 << 20
    journal = JournalClient("127.0.0.1", where.plain)
    for name, leaves in LEAVES.items():
        for tls in (False, True):
            records = requests_in(journal.read(tag_of({**KINDS, **PATIENT}[name], tls)).records)
            assert leaves(records), (name, tls, [str(record) for record in records[:5]])


def tag_of(kind: Kind, tls: bool) -> str:  # noqa: FBT001
    """Return the tag of the URLs of a visit."""
    return f"{kind.name}-{'tls' if tls else 'http'}"


def test_a_failure_is_told() -> None:
    """What is wrong with a visit is kept; a visit that ends with an error is counted, too."""

    async def liar(visit: Visit) -> None:
        visit.checked += 5
        raise WrongBytesError("there are some")

    async def stranger(_: Visit) -> None:
        raise ConnectionRefusedError

    crowd = Crowd(Where(1, 1), seed=1)
    asyncio.run(crowd.visit(Kind(liar), Random(1), tls=True))
    asyncio.run(crowd.visit(Kind(stranger), Random(1), tls=False))
    assert [*crowd.failures] == [
        "liar, TLS: WrongBytesError: there are some",
        "stranger, HTTP: ConnectionRefusedError: ",
    ]
    assert crowd.visits == {"liar": 1, "stranger": 1}
    assert crowd.checked == 5


FIGURES = Figures(rss=100, descriptors=10, connections=0, live=0, timers=1, listeners=0, idle=0.001)


def found(after: Figures) -> Findings:
    """Return made-up findings."""
    return Findings(
        2.0, FIGURES, FIGURES, after, Crowd(Where(1, 1), 1), [Sample(1 << 20, 0.5, 0.25)] * 7, [], {"a.B": 5}, 2 << 20
    )


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"rss": 110, "idle": 0.002}, []),
        ({"rss": 50}, []),
        ({"rss": 111}, ["RSS, MiB"]),
        ({"descriptors": 11, "connections": 1}, ["descriptors", "connections"]),
        ({"live": 1, "timers": 2, "listeners": 1}, ["live", "timers", "listeners"]),
        ({"idle": 0.01}, ["idle, of a processor"]),
    ],
)
def test_verdicts(change: dict[str, Any], wrong: list[str]) -> None:
    """Memory may be a tenth more than after the first minute, the idle time a little; all else is as it was."""
    findings = found(replace(FIGURES, **change))
    assert [name for name, _, right in verdicts(findings) if not right] == wrong
    assert passed(findings) == (not wrong)


@on_linux
def test_report() -> None:
    """The report has a row for each figure, and says what is wrong."""
    findings = found(replace(FIGURES, live=1, words={"timers call": {"Tick.end": 3}}))
    findings.crowd.failures.update({"whole, TLS: no end": 2, "kept, TLS: WrongBytesError: there are some": 1})
    findings.trouble.append("Traceback")
    lines = report(findings).splitlines()
    assert lines[5] == "| live | 0 | 0 | 1 | **FAIL** |"
    assert "| visits with wrong bytes |  |  | 1 | **FAIL** |" in lines
    assert "| visits with another wrong answer |  |  | 2 | **FAIL** |" in lines
    assert "In use meanwhile: 50% of a processor by the server, 25% by the clients." in lines
    assert "RSS in each minute of traffic, MiB: 1.00 1.00." in lines
    assert "In garbage then: 5 a.B." in lines
    assert lines[-4:-2] == ["At the end, timers call: 3 Tick.end.", "2 x whole, TLS: no end"]
    assert lines[-1] == "Traceback"


def test_errors_in_a_log() -> None:
    """An event with a traceback is one error; requests are none, whatever is in their URLs."""
    log = (
        '2026 [a#info] "1.1.1.1" - - [25/Nov] "GET /Traceback HTTP/1.1" 400\n'
        "2026 [a#critical] a transfer failed\n\tTraceback (most recent call last):\n\t  File x\n\tValueError: x\n"
        "2026 [a#info] Timing out client\n"
    )
    assert troubles(log) == ["2026 [a#critical] a transfer failed ... ValueError: x"]


@pytest.mark.parametrize("minutes", ["1", "nan", "inf"])
def test_wrong_options(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """There is a least number of minutes."""
    with pytest.raises(SystemExit, match="2"):
        parse(["--minutes", minutes])
    assert "--minutes is at least 1.5" in capsys.readouterr().err


def test_the_traffic_follows_from_the_seed() -> None:
    """The same seed gives each client the same luck."""

    def kinds(seed: int) -> list[str]:
        _, drawn = Crowd(Where(1, 1), seed).lots(KINDS, 1)[0]
        return [kind.name for kind in islice(drawn, 50)]

    assert kinds(1) == kinds(1)
    assert kinds(1) != kinds(2)


def test_the_crowd_leaves_processor_time_to_others() -> None:
    """Who has used more than the share waits until it is made up for."""

    async def busy() -> None:
        governor, used = Governor(share=0.5), time.process_time()
        while time.process_time() - used < 0.1:
            pass
        await governor.turn()

    started = time.monotonic()
    asyncio.run(busy())
    assert time.monotonic() - started > 0.19
