"""Makes docs/gallery.md: what real download clients do at each fault of docs/gallery.toml. Run it after a change there.

It runs each command, and writes down what it prints, its exit status and what has become of the file. What is another
at each run, like a time, becomes "...".
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fakefiles
from fakefiles.testing.server import Server, running

DOCS = Path(__file__).parents[1] / "docs"
SOURCE, PAGE = DOCS / "gallery.toml", DOCS / "gallery.md"
#: How each is run where an exhibit says nothing else. Without -O, wget would put the query into the name of the file.
CLIENTS = {
    "curl": 'curl -fsS -o a.bin "$URL"',
    "wget": 'wget -nv -t 2 -O a.bin "$URL"',
    "aria2c": 'aria2c -m 2 -o a.bin "$URL"',
}
# Seconds that no client needs; most of what they do is waiting, so many do it at once.
_PATIENCE = 30
_AT_ONCE = 16
# Characters in a line of theirs.
_WIDTH = 120
_ARIA2_CONF = "console-log-level=warn\ndownload-result=hide\nshow-console-readout=false\nenable-color=false\n"

# What is another at each run.
_VARIES = (
    re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\d\d/\d\d \d\d:\d\d:\d\d)(?= )"),
    re.compile(r"(?<=after )\d+(?= (?:milli)?seconds)"),
    re.compile(r"(?<=CUID#)\d+"),
)
# What says nothing: that aria2 gives up, since its exit status says so, where in its source, and good advice.
_IDLE = re.compile(
    r"|\.\.\. \[ERROR\] .*Download aborted\..*|Exception: .* URI=\S*|aria2 will resume .*|If there are .*"
)
_IN_SOURCE = re.compile(r"^(?:Exception:| *->) \[\w+\.cc:\d+\] ")


@dataclass(frozen=True)
class Exhibit:
    """A fault: the path and query of its URL, what is to be said about it, and the commands that are tried on it."""

    name: str
    target: str
    about: str
    commands: Mapping[str, list[str]]


@dataclass(frozen=True)
class Run:
    """A command, what it printed, its exit status, what became of the file, and how many requests it took."""

    command: str
    output: list[str]
    status: int
    outcome: str
    requests: int

    def __str__(self) -> str:
        """Return in short what came of it."""
        often = f" ({self.requests} requests)" if self.requests > 1 else ""
        return f"{self.status}: {self.outcome}{often}"


#: Of each exhibit, what each client did.
Runs = Mapping[str, Mapping[str, list[Run]]]


def exhibits() -> list[Exhibit]:
    """Return the faults, in the order of the page."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    source: dict[str, dict[str, Any]] = toml.loads(SOURCE.read_text())
    return [
        Exhibit(
            name,
            f"/{entry.get('size', '1m')}/{name}?{entry['query']}",
            entry["about"].strip(),
            {client: entry.get(client, [usual]) for client, usual in CLIENTS.items()},
        )
        for name, entry in source.items()
    ]


def named_versions(text: str) -> dict[str, str]:
    """Return the versions of the clients that made a page."""
    found = re.search(r"^The clients are: (.*?)\. ", text, re.MULTILINE)
    assert found
    return dict(zip(CLIENTS, found[1].split(", "), strict=True))


def version(client: str) -> str:
    """Return the name and version of a client, as it says it, like "GNU Wget 1.21.3"."""
    said = subprocess.run([client, "--version"], capture_output=True, text=True, check=True, timeout=_PATIENCE).stdout
    found = re.match(r"(.*?) (?:version )?(\d[\d.]*)", said)
    assert found, said
    return f"{found[1]} {found[2]}"


def observe(all_exhibits: Iterable[Exhibit]) -> Runs:
    """Let each client have each exhibit; each client has a server of its own, as what a URL does next is counted."""
    with ExitStack() as stack:
        servers = {client: stack.enter_context(running("--content", "ruler")) for client in CLIENTS}
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / ".aria2").mkdir()
        (folder / ".aria2" / "aria2.conf").write_text(_ARIA2_CONF)
        pool = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        futures = {
            exhibit.name: {
                client: pool.submit(_visit, exhibit, exhibit.commands[client], server, folder / exhibit.name / client)
                for client, server in servers.items()
            }
            for exhibit in all_exhibits
        }
        return {name: {client: run.result() for client, run in row.items()} for name, row in futures.items()}


def _visit(exhibit: Exhibit, commands: list[str], server: Server, folder: Path) -> list[Run]:
    folder.mkdir(parents=True)
    return [_run(command, exhibit, server, folder) for command in commands]


def _run(command: str, exhibit: Exhibit, server: Server, folder: Path) -> Run:
    def requests() -> int:
        return sum(urlsplit(record.url).path == urlsplit(exhibit.target).path for record in server.requests)

    before = requests()
    # HOME: the settings of whoever runs this are none of ours, but those for aria2 are.
    ours = {"HOME": str(folder.parents[1]), "LC_ALL": "C", "URL": server.url.rstrip("/") + exhibit.target}
    result = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **ours},
        timeout=_PATIENCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    output = result.stdout.replace(f"{server.host}:{server.port}", "localhost:8000").replace(f"{folder}/", "")
    return Run(command, _telling(output), result.returncode, _outcome(folder, exhibit), requests() - before)


def _telling(output: str) -> list[str]:
    """Return the lines that say something, not too much of each, and without what is another at each run."""
    lines = []
    for line in output.splitlines():
        for pattern in _VARIES:
            line = pattern.sub("...", line)  # noqa: PLW2901
        if not _IDLE.fullmatch(line):
            said = _IN_SOURCE.sub("", line).strip()
            lines.append(said if len(said) <= _WIDTH else f"{said[:_WIDTH]}...")
    return lines


def _outcome(folder: Path, exhibit: Exhibit) -> str:
    """Return what has become of a.bin, in a few words."""
    path = folder / "a.bin"
    what = _state(path, exhibit) if path.exists() else "no file"
    return what + ", a.bin.aria2" * (folder / "a.bin.aria2").exists()


def _state(path: Path, exhibit: Exhibit) -> str:
    report = fakefiles.verify(path, exhibit.target, content="ruler")
    if report.identical:
        return "right"
    if not report.actual_size:
        return "empty"
    if not report.region_count:
        return "cut short"
    return f"wrong from byte {report.first_wrong_offset} on"


def page(all_exhibits: Iterable[Exhibit], runs: Runs, versions: Iterable[str]) -> str:
    """Return docs/gallery.md."""
    head, sections = [_HEAD.format(versions=", ".join(versions))], []
    for exhibit in all_exhibits:
        head.append(_row(exhibit, runs[exhibit.name]))
        sections += ["", f"## {exhibit.name}", "", exhibit.about, "", "```text"]
        sections += [*_transcript(exhibit, runs[exhibit.name]), "```"]
    return "\n".join(head + sections) + "\n"


_HEAD = """\
# A gallery of faults

This page shows how curl, wget and aria2 react when a download goes wrong, with their own output, and links to projects
that had the same problem. [faults.md](faults.md) explains the parameters.

<!-- `python tests/gallery.py` makes this file from gallery.toml, and a test compares it. -->

The server is `fakefiles --content ruler`, so every byte in a wrong place is visible. "..." stands for output that
differs from run to run. Progress and advice of aria2 are left out. After `#` come the exit status, the state of the
file, and the number of requests if there was more than one. In the table, **bold** marks a false success: the client
reports success, but the file is wrong, and only a checksum can show it.

- wget tries again silently. With `-O` it empties the file before the request, and leaves it behind if it fails.
- aria2 leaves `a.bin.aria2` beside an incomplete file. Without `a.bin.aria2`, a file looks complete.
- curl tries again only with `--retry`, and from the beginning. With `-C -` it continues where the file ends.
- A fault at an offset does not affect a response that begins there. So a client that resumes there gets the rest.

The clients are: {versions}. curl 8.14.1, GNU Wget 1.25.0 and aria2 1.37.0 do
the same, but curl 8 prints other messages for 18 and 33.

| fault | curl | wget | aria2c |
|---|---|---|---|"""


def _row(exhibit: Exhibit, runs: Mapping[str, list[Run]]) -> str:
    cells = [f"[{exhibit.name}](#{exhibit.name})"]
    for client in CLIENTS:
        said = [f"**{run}**" if run.status == 0 and run.outcome != "right" else str(run) for run in runs[client]]
        cells.append("<br>then ".join(said))
    return f"| {' | '.join(cells)} |"


def _transcript(exhibit: Exhibit, runs: Mapping[str, list[Run]]) -> list[str]:
    lines = [f"$ URL='http://localhost:8000{exhibit.target}'"]
    for client in CLIENTS:
        for run in runs[client]:
            lines += [f"$ {run.command}", *run.output, f"# {run}"]
    return lines


def without_words(text: str, clients: Iterable[str]) -> str:
    """Return a page without what some clients say: other versions of them may use other words."""
    lines, silent = [], False
    for line in text.splitlines():
        if line.startswith(("$ ", "# ", "```")):
            silent = any(f"{client} -" in line for client in clients)
            lines.append(line)
        elif not silent:
            lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    everything = exhibits()
    PAGE.write_text(page(everything, observe(everything), map(version, CLIENTS)))
