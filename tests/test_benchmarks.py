"""The benchmark's own parts: what it plans, its arithmetic, its tables and its picture. No speed is asserted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import paying
from benchmarks.__main__ import parse, scale_of, write
from benchmarks.clients import MeasureError, Task, ask, client, requests
from benchmarks.files import write_files
from benchmarks.measures import FULL, MEASURES, QUICK, Figures, Measure, Scale
from benchmarks.peers import PEERS, Mode, Peer, Place
from benchmarks.picture import PANELS, picture
from benchmarks.report import BY_HAND, number, report, section, table, targets
from benchmarks.rounds import OURS, Result, Spread, run
from benchmarks.servers import Fleet, ServerError
from benchmarks.targets import TARGETS
from processes import takes_long

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are metered on Linux only")


def result_of(name: str, **peers: list[Figures]) -> Result:
    """Return made-up figures; `twistd_web` stands for "twistd web"."""
    return Result(MEASURES[name], {peer.replace("_", " "): rounds for peer, rounds in peers.items()})


def streams(*figures: tuple[float, float]) -> list[Figures]:
    """Return the rounds of a download."""
    return [{"GiB/s": speed, "CPU-s/GiB": cpu, "client's CPU-s/GiB": 0.05} for speed, cpu in figures]


MADE_UP = {
    "ones-1": result_of(
        "ones-1",
        fakefiles=streams((4, 0.1), (2, 0.3), (6, 0.2)),
        nginx=streams((8, 0.1), (2, 0.1), (6, 0.1)),
        FastAPI=streams((0.5, 2), (0.5, 3), (0.5, 4)),
    ),
    "start": result_of("start", fakefiles=[{"ms": 300.0}], twistd_web=[{"ms": 200.0}]),
}


@pytest.mark.parametrize("arguments", [[], ["--quick"]])
def test_the_plan_is_everything(arguments: list[str]) -> None:
    """Without --only every measure is taken, and none is without us."""
    options = parse(arguments)
    assert options.only == list(MEASURES)
    assert scale_of(options) == (QUICK if arguments else FULL)
    assert all(measure.peers[0] == OURS and set(measure.peers) <= set(PEERS) for measure in MEASURES.values())


def test_options() -> None:
    """What is to be done can be narrowed."""
    options = parse(["--only", "fair", "start", "--rounds", "2", "--quick"])
    assert options.only == ["fair", "start"]
    assert scale_of(options) == QUICK._replace(rounds=2)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--only", "speed"], "invalid choice: 'speed'"),
        (["--rounds", "0"], "--rounds is at least 1"),
        (["--rounds", "many"], "invalid int value: 'many'"),
        (["--output", "no/such/folder"], "--output is an existing folder"),
    ],
)
def test_wrong_options(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong with the command line is said."""
    with pytest.raises(SystemExit, match="2"):
        parse(arguments)
    assert complaint in capsys.readouterr().err


def test_targets_are_measured() -> None:
    """Each goal is about something that is measured, with the peer that it names."""
    for target in TARGETS:
        for goal in target.goals:
            assert goal.peer is None or goal.peer in MEASURES[goal.measure].peers


def test_ratios_are_of_rounds() -> None:
    """The ratio is the median of the rounds' ratios, not the ratio of medians."""
    ones = MADE_UP["ones-1"]
    assert ones.ratio("nginx", "GiB/s") == Spread(1, 0.5, 1)
    assert ones.ratio("http.server", "GiB/s") is None
    assert ones.spread("nginx", "GiB/s") == Spread(6, 2, 8)
    assert result_of("fair", fakefiles=[{"x": 1}], FastAPI=[{"x": 0}]).ratio("FastAPI", "x") is None


def test_table() -> None:
    """A row for each server, with medians, extremes and ratios; how busy the client was is compared with nothing."""
    assert table(MADE_UP["ones-1"]).splitlines() == [
        "| server | GiB/s | ratio | CPU-s/GiB | ratio | client's CPU-s/GiB |",
        "|---|---|---|---|---|---|",
        "| fakefiles | 4.00 (2.00 - 6.00) |  | 0.200 (0.100 - 0.300) |  | 0.050 |",
        "| nginx | 6.00 (2.00 - 8.00) | **1.00** | 0.100 | **2.00** | 0.050 |",
        "| FastAPI | 0.500 | **8.00** | 3.00 (2.00 - 4.00) | **0.050** | 0.050 |",
    ]


def test_targets_table() -> None:
    """Each target has its verdict."""
    rows = targets(MADE_UP).splitlines()[2:]
    assert len(rows) == len(TARGETS)
    assert rows[0] == "| ones: CPU per GiB at most 1.2 x nginx | 2.00 (1.00 - 3.00) | **no** |"
    assert rows[2] == "| ones: throughput at least 0.8 x nginx | 1.00 (0.500 - 1.00) | yes |"
    assert rows[3] == "| random: at least 1 GiB/s, or 3 x FastAPI | -; - | not measured |"
    assert rows[-1] == "| start-up at most 1.3 x twistd web | 1.50 | **no** |"


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12,346"), (99.94, "99.9"), (9.876, "9.88"), (0.12345, "0.123"), (0, "0.000")]
)
def test_number(value: float, text: str) -> None:
    """Figures have as many decimals as they deserve."""
    assert number(value) == text


@on_linux
def test_report() -> None:
    """The report has the machine, the method, every section and the targets."""
    text = report(MADE_UP, FULL, 600.4)
    assert "Taken in 600 s." in text
    assert re.search(r"\d+ cores, .*Python 3\.\d+", text)
    assert re.findall("^### .*", text, re.MULTILINE) == [
        "### Ones, one connection",
        "### From exec to listening",
        "### Targets",
    ]


def test_what_is_written_by_hand_stays(tmp_path: Path) -> None:
    """The command replaces its own part of the results."""
    path = tmp_path / "RESULTS.md"
    path.write_text("why\n")
    write(tmp_path, "first\n", MADE_UP)
    write(tmp_path, "second\n", MADE_UP)
    assert path.read_text() == f"second\n\n{BY_HAND}why\n"
    assert (tmp_path / "results.svg").read_text() == picture(MADE_UP)


def test_picture() -> None:
    """The picture is XML, with a bar for each server whose length is its figure, and ours stands out."""
    image = ET.fromstring(picture(MADE_UP))  # noqa: S314  it is our own
    namespace = {"": "http://www.w3.org/2000/svg"}
    texts = [text.text for text in image.findall("text", namespace)]
    assert texts[:3] == [PANELS[0].title, "fakefiles", "0.200"]
    assert PANELS[1].title in texts
    assert PANELS[2].title not in texts, "not measured"
    bars = [(bar.get("class"), int(bar.get("width", ""))) for bar in image.findall("rect", namespace)][1:4]
    assert [kind for kind, _ in bars] == ["bar ours", "bar", "bar"]
    ours, nginx, fastapi = (width for _, width in bars)
    assert ours == pytest.approx(2 * nginx, abs=1)
    assert fastapi == pytest.approx(15 * ours, rel=0.1)


def test_rounds_are_interleaved() -> None:
    """A B A B; who fails is left out with the reason, and who is not installed is not asked."""
    taken = []

    def take(_fleet: Fleet, peer: Peer, _mode: Mode, _scale: Scale) -> Figures:
        taken.append(peer.name)
        if peer.name == "bare Resource" and len(taken) > 3:
            raise MeasureError("no more")
        return {"x": len(taken)}

    absent = next(peer for peer in PEERS.values() if peer.program == "go-httpbin")
    measure = Measure("x", "X", (OURS, "bare Resource", absent.name), take)
    with Fleet(Path()) as fleet, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        result = run(measure, fleet, FULL._replace(rounds=3), lambda _: None)
    assert taken == [OURS, "bare Resource", OURS, "bare Resource", OURS]
    assert [figures["x"] for figures in result.rounds[OURS]] == [1, 3, 5]
    assert result.left_out == {absent.name: "not installed: go-httpbin", "bare Resource": "failed: no more"}
    assert "bare Resource: failed: no more." in section(result)


def test_a_module_is_missing() -> None:
    """A peer whose package is not installed says so."""
    assert Peer("x", PEERS[OURS].command, ("json", "no_such_module")).missing() == "no_such_module"


@pytest.mark.parametrize("name", PEERS)
def test_commands(name: str, tmp_path: Path) -> None:
    """Each command has the port in it, or in a file that it names; TLS and a log change it where the peer has them."""
    plain, other = (PEERS[name].command(Place(12345, tmp_path), mode) for mode in (Mode(), Mode(tls=True, log=True)))
    assert "12345" in " ".join(plain)
    assert len(plain) <= len(other) + 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small file and a certificate."""
    path = tmp_path_factory.mktemp("served")
    write_files(path, [5])
    return path


@on_linux
def test_tls(folder: Path) -> None:
    """A download over TLS counts; that of a file which fits into a record is refused."""
    with Fleet(folder) as fleet:
        server = fleet.server(PEERS[OURS], Mode(tls=True))
        assert ask(Task("fetch", 500_000, 2), server)["seconds"] > 0
        with pytest.raises(MeasureError, match="--tls is for fetch, and files of more than 16384 bytes"):
            ask(Task("fetch", 5, 1), server)


@on_linux
def test_a_server_and_its_clients(folder: Path) -> None:
    """A server is started, metered, asked in all ways, and gone afterwards."""
    assert (folder / "files" / "5").read_bytes() == b"11111"
    with Fleet(folder) as fleet:
        server = fleet.server(PEERS[OURS], Mode())
        assert server is fleet.server(PEERS[OURS], Mode())
        cpu = server.cpu()
        assert ask(Task("fetch", 500_000, 2), server)["seconds"] > 0
        assert server.cpu() > cpu > 0
        assert server.memory() > 1 << 20
        assert len(ask(Task("probe", 5, 3), server)["seconds"]) == 3
        with client(Task("hold", 1 << 30, 3), server):
            pass
        with pytest.raises(MeasureError, match=r"fetch: the server answered http/1\.1 400"):
            ask(Task("fetch", 5, 1, content="nothing"), server)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


@on_linux
def test_requests(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without wrk our own client counts requests; each connection gets its share."""
    monkeypatch.setattr("benchmarks.clients.WRK", None)
    with Fleet(folder) as fleet:
        server = fleet.server(PEERS[OURS], Mode())
        count, seconds = requests(server, 5, 2, 0.05)
        assert count > 0
        assert seconds > 0
        with client(Task("load", 1 << 30, 4), server) as running:
            pass
        assert len(running.report["received"]) == 4


@takes_long
@on_linux
def test_what_pays(capsys: pytest.CaptureFixture[str]) -> None:
    """Each saving has its rows, and nothing fails without it."""
    paying.main(["--quick", "--downloads", "20"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[4:]]
    paced, answers = "20 downloads at 64 KiB/s", "1 B, 32 connections"
    downloads = [
        (of, figure)
        for of in ("ones, one connection", "ones, 64 connections", "random, one connection")
        for figure in ("CPU-s/GiB", "both, CPU-s/GiB")
    ]
    assert [(what.strip("| "), of, figure) for what, of, figure, *_ in rows] == [
        ("nothing", paced, "cores"),
        ("nothing", answers, "requests/s"),
        ("nothing", answers, "CPU-µs/request"),
        *(("nothing", *each) for each in downloads),
        ("ticks", paced, "cores"),
        ("garbage", paced, "cores"),
        ("garbage", answers, "requests/s"),
        ("garbage", answers, "CPU-µs/request"),
        ("sockets", paced, "cores"),
        *(("sockets", *each) for each in downloads),
    ]
    assert all(len(row) == 6 and "-" not in row for row in rows)


def test_what_is_measured_can_be_narrowed() -> None:
    """Only what concerns the things that are named is measured."""
    assert [measure.peers for measure in paying.measures([20], ["ticks"])] == [(OURS, "ticks")]


@on_linux
def test_a_server_that_does_not_start(folder: Path) -> None:
    """The last line that it printed says why."""
    peer = Peer("broken", lambda _place, _mode: [sys.executable, "-c", "raise SystemExit('no way')"])
    with Fleet(folder) as fleet, pytest.raises(ServerError, match="broken does not start: no way"):
        fleet.server(peer, Mode())


def test_packages_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the dependency group one line says how to install it."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(SystemExit, match="pip install --group benchmarks"):
        write_files(tmp_path, [1])


def test_help() -> None:
    """`python -m benchmarks --help` names every measure."""
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], check=True, capture_output=True, timeout=30)
    assert all(name in done.stdout.decode() for name in MEASURES)
