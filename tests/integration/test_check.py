"""`fakefiles check`, from the command line to the reports, with clients that behave well and badly."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fakefiles.conformance import command
from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.client import client_of
from fakefiles.conformance.command import check_command
from fakefiles.conformance.process import StartError
from fakefiles.conformance.suite import check, place
from fakefiles.conformance.verdicts import Status
from processes import PATIENCE, eventually, program, takes_long
from proving_clients import perfect, wrong
from self_proof import of_one_wrong, passes

#: Cases that are quick, one of each kind of set-up.
QUICK = (
    *("partial-too-long", "file-changes-after-break", "all-connections-reset", "killed", "two-at-once"),
    *("old-file-and-503", "name-is-absolute", "http-1-0-then-next", "wrong-byte-once", "disk-full"),
    *("web-seed-is-gone", "magnet-download", "metalink-mirror-is-gone"),
)
HERE = Path(__file__).parents[1]
PYTHON = shlex.quote(sys.executable)
PERFECT = f"{PYTHON} {shlex.quote(str(HERE / 'perfect_client.py'))}"
URLLIB = f"{PYTHON} -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' {{url}} {{file}}"


@takes_long
def test_perfect_client() -> None:
    """It passes a case of each kind of set-up."""
    results = check([perfect()], chosen(QUICK), jobs=4)
    assert [f"{result.case.slug}: {result.judgement.says}" for result in results if not passes(result)] == []
    assert len(results) == len(QUICK)


@takes_long
def test_wrong_clients() -> None:
    """Each gets its verdict, and passes the controls; the rest of them have their turn in tests/self_proof.py."""
    slugs = ("resume-gets-200", "name-climbs", "redirect-loop", "tracker-warns")
    with place(threading.Event()) as where:
        assert [problem for slug in slugs for problem in of_one_wrong(where, slug)] == []


def test_slow_companion(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two clients waits until the first one is held, however long it looks for that."""
    monkeypatch.setattr("fakefiles.conformance.trial._LOOK", 0.001)
    result = check([perfect()], chosen(["two-at-once"]))[0]
    assert passes(result), result.judgement.says


def test_hang() -> None:
    """A client that does not end is ended at the limit, and that is HANG."""
    result = check([wrong("silence-in-the-body")], chosen(["silence-in-the-body"]), limit=0.7)[0]
    assert result.judgement.status is Status.WARN
    assert "HANG: ended after" in result.judgement.says


def test_companion_of_a_client_that_ends() -> None:
    """Where two clients run at once, the second one does not wait for a transfer that never begins."""
    result = check([client_of(sys.executable, "-c", "", "{url}")], chosen(["two-at-once"]))[0]
    assert result.judgement.status is Status.VOID
    assert result.evidence is not None
    assert len(result.evidence.runs[0].endings) == 2


def test_cannot_be_started() -> None:
    """A command that turns out not to be there ends the run."""
    with pytest.raises(StartError, match="/no/such cannot be started"):
        check([client_of("/no/such {url}")], chosen(["plain-download"]))


def test_stopped() -> None:
    """A run that is stopped before it begins has no result."""
    stopped = threading.Event()
    stopped.set()
    result = check([perfect()], chosen(["plain-download"]), stopped=stopped)[0]
    assert result.judgement.status is Status.NOT_RUN


def test_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """A client has its own home, with its settings, and variables."""
    code = (
        "import os, pathlib, sys, urllib.request; home = pathlib.Path.home();"
        " urllib.request.urlopen(os.environ['URL']); settings = (home / '.config' / 'x').read_text();"
        " print(os.environ['SITE'], settings, 'http_proxy' in os.environ); sys.exit(5)"
    )
    client = client_of(
        *(sys.executable, "-c", code, "{url}"),
        settings={".config/x": "for {name}"},
        environment={"SITE": "at {origin}"},
    )
    result = check([client], chosen(["plain-download"]))[0]
    assert result.evidence is not None
    ending = result.evidence.runs[0].endings[0]
    assert ending.status == 5
    assert re.fullmatch(r"at http://127\.0\.0\.1:\d+ for a\.bin False\n", ending.output)
    assert capsys.readouterr().out == ""


def test_stopped_within_a_case() -> None:
    """A client that runs when all has to stop is ended, and its case was not run."""
    stopped = threading.Event()
    hanging = client_of(sys.executable, "-c", "import time; time.sleep(60)", "{url}")
    with place(stopped) as where:
        assert where.try_out(hanging, chosen(["resume-gets-200"])[0]).judgement.status is Status.NOT_APPLICABLE
        threading.Timer(0.3, stopped.set).start()
        result = where.try_out(hanging, chosen(["plain-download"])[0])
    assert result.judgement.status is Status.NOT_RUN
    assert result.evidence is not None


def test_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A good run: lines, the two files of the report, JUnit, and 0."""
    report, junit = tmp_path / "new" / "report", tmp_path / "j" / "results.xml"
    options = [
        "--only",
        "plain-download",
        "--only",
        "resume-gets-rest",
        "--jobs",
        "2",
        "--limit",
        "25",
        "--can",
        "resume",
    ]
    options += ["--partial", "{file}.part", "--report", str(report), "--junit", str(junit)]
    assert check_command([*options, "--", *shlex.split(PERFECT), "{url}", "{file}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    name = Path(sys.executable).name
    assert sorted(lines) == [f"pass    {name}  plain-download", f"pass    {name}  resume-gets-rest", f"{name}: 2 pass"]
    assert sorted(path.name for path in report.iterdir()) == ["index.html", "results.json"]
    data = json.loads((report / "results.json").read_text())
    assert [each["status"] for each in data["results"]] == ["pass", "pass"]
    assert data["results"][1]["evidence"]["commands"][0].endswith("/a.bin")
    assert ET.parse(junit).getroot().find("testsuite").get("tests") == "2"  # type: ignore[union-attr]  # noqa: S314


@takes_long
def test_known_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is 1; if it is known, 0; and a known one that passes is 1 again."""
    known = tmp_path / "known.toml"
    known.write_text("[python.gzip-unasked]\n[python.plain-download]\n")
    presets = tmp_path / "presets.toml"
    presets.write_text(
        f"[python]\ncommand = {json.dumps(URLLIB)}\nversion = '{PYTHON} --version'\n"
        '[python.settings]\n".config/x" = "for {name}"\n[python.environment]\nSITE = "{url}"\n'
    )
    arguments = ["--presets", str(presets), "--client", "python", "--client", "python", "--only", "gzip-unasked"]
    assert check_command(arguments) == 1
    assert check_command([*arguments, "--known", str(known)]) == 0
    assert check_command([*arguments, "--known", str(known), "--only", "plain-download"]) == 1
    assert "known to fail, but passes: python plain-download" in capsys.readouterr().out


def test_strict(capsys: pytest.CaptureFixture[str]) -> None:
    """A warning is no failure, but with --strict it is one."""
    code = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read(); sys.exit(1)"
    arguments = ["--only", "redirect-chain", "--", sys.executable, "-c", code, "{url}"]
    assert check_command(arguments) == 0
    assert capsys.readouterr().out.startswith("warn ")
    assert check_command(["--strict", *arguments]) == 1
    assert capsys.readouterr().out.startswith("fail ")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--only", "nope", "--client", "curl"], "no case is called 'nope'; --list lists them"),
        (["--client", "crul"], "no client is called 'crul'; did you mean curl?"),
        ([], "no client; name one with --client NAME, or write its command after --"),
        (["--"], "no client; name one with --client NAME, or write its command after --"),
        (["--", "/no/such", "{url}"], "the client such cannot be started: /no/such cannot be found, or not be run"),
        (["--", "curl", "{file}"], "the command has no {url}; "),
        (["--can", "fly", "--", PYTHON, "{url}"], "no capability is called 'fly'"),
        (["--can", "pair=x {url}", "--", PYTHON, "{url}"], "the command for this has no {url2}"),
        (["--known", "/no/such", "--", PYTHON, "{url}"], "/no/such: No such file or directory"),
        (["--presets", "/no/such", "--client", "x"], "/no/such: No such file or directory"),
        (["--report", "/dev/null/x", "--", PYTHON, "{url}"], "/dev/null/x: Not a directory"),
        (["--junit", "/dev/null/x/y", "--", PYTHON, "{url}"], "/dev/null/x: Not a directory"),
        (["--explain", "nope"], "no case is called 'nope'"),
        (["--explain", "resume-*"], "--explain takes one case, and 'resume-*' is a pattern or a group"),
    ],
)
def test_bad_input(arguments: list[str], error: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, 2, and nothing is begun."""
    assert check_command(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"fakefiles check: {error}")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize(
    "arguments", [["--jobs", "0"], ["--jobs", "x"], ["--limit", "x"], ["--limit", "0"], ["--limit", "nan"], ["--nope"]]
)
def test_bad_options(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Options that are wrong are an error of the parser, with 2."""
    with pytest.raises(SystemExit) as raised:
        check_command(arguments)
    assert raised.value.code == 2
    assert "fakefiles check: error: " in capsys.readouterr().err


def test_list_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    """The cases by their groups, the clients; and one case in full."""
    assert check_command(["--list", "--only", "silence", "--only", "login"]) == 0
    out = capsys.readouterr().out
    assert "silence: Silence and speed\n  silence-in-the-body: Stops sending" in out
    assert "  login (needs login): Demands a login" in out
    assert "\n  curl: curl, which resumes" in out
    assert "6 of " in out
    assert check_command(["--explain", "trickle"]) == 0
    assert "The server: Sends 10 bytes a second." in capsys.readouterr().out


def test_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that cannot be written leaves nothing behind."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    arguments = ["--only", "plain-download", "--junit", str(tmp_path / "x.xml"), "--", *shlex.split(URLLIB)]
    assert check_command(arguments) == 2
    assert list(tmp_path.iterdir()) == []


def test_stopped_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that was interrupted says so, and its status is 2."""
    stopped = threading.Event()
    stopped.set()
    monkeypatch.setattr(command, "_stopped_by_signals", lambda: stopped)
    assert check_command(["--only", "plain-download", "--", *shlex.split(URLLIB)]) == 2
    assert capsys.readouterr().err == "fakefiles check: interrupted; the reports have what was done before\n"


def test_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGINT and SIGTERM stop a run; nothing else is done with them."""
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    stopped = command._stopped_by_signals()  # its own name, for the test above, too
    assert handlers.keys() == {signal.SIGINT, signal.SIGTERM}
    assert not stopped.is_set()
    handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert stopped.is_set()


def test_interrupted(tmp_path: Path) -> None:
    """SIGINT ends all clients, and what was done before is in the report."""
    code = "import os, time; print(os.getpid(), file=open(os.environ['HOME'] + '/../pid', 'w')); time.sleep(60)"
    script = tmp_path / "hang.py"
    script.write_text(f"{code.replace(chr(39) + '/../pid' + chr(39), repr('/pid'))}\n")
    start = [program("fakefiles"), "check", "--only", "plain-download", "--report", str(tmp_path / "report")]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    running = subprocess.Popen(
        [*start, "--", sys.executable, str(script), "{url}"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    eventually(lambda: any(path.read_text().strip() for path in tmp_path.rglob("pid")), "the client runs")
    pid = int(next(tmp_path.rglob("pid")).read_text())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert running.returncode == 2
    assert err == "fakefiles check: interrupted; the reports have what was done before\n"
    assert "1 not run" in out
    assert json.loads((tmp_path / "report" / "results.json").read_text())["results"][0]["status"] == "not run"
    assert not Path(f"/proc/{pid}").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hang.py", "report"]


def test_command() -> None:
    """It is a command of `fakefiles`."""
    done = subprocess.run(
        [program("fakefiles"), "check", "--help"], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert done.stdout.startswith("usage: fakefiles check [options] (--client NAME)... | -- COMMAND")
    assert "{sha256}" in done.stdout
