"""`python -m tools.matrix [RESULTS...]`: write docs/conformance-results.md, what clients do in the conformance suite.

Without RESULTS, files results.json of `fakefiles check --report`, it runs all cases with all clients that are
installed. That takes about twenty minutes on two processors. Of several files, later ones replace the results of their
clients and cases.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fakefiles.conformance.client import Client, ClientError
from fakefiles.conformance.command import check_command
from fakefiles.conformance.presets import presets
from fakefiles.conformance.versions import check_installed

TOP = Path(__file__).parents[1]
PAGE = TOP / "docs" / "conformance-results.md"
#: The part of the page that people write: what stands out in the results.
FINDINGS = TOP / "docs" / "conformance-findings.md"

# In the tables, what is not a verdict is short.
_SHORT = {"pass": "✓", "void": "○", "n/a": "", "not run": "?"}

_HEAD = """\
# What download clients do

<!-- `python -m tools.matrix` makes this page. -->

These are the results of {clients} clients in the {cases} cases of `fakefiles check`
(set {case_set}, fakefiles {fakefiles}, {date}). [conformance.md](conformance.md) explains the cases and the words, and
how to run them. [What stands out](conformance-findings.md) has a command for each finding.

Read them with care:

- They are of these versions, with these commands, on one machine. Some versions are those of a distribution, and
  years old.
- A client is judged by its command here. With other options it may do better. Some of these are a few lines in
  [examples/clients](../examples/clients), whose mistakes are theirs and not those of the library.
- **Bold** is a failure, *italic* a warning. ✓ is a pass; after it is what was only noted. ○ is void: what the case is
  about did not come about. An empty cell does not apply.
"""


def main(arguments: Sequence[str]) -> int:
    """Write the page; return the exit status."""
    if arguments:
        data, *others = (json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments)
        for other in others:
            data["results"] = _replaced(data["results"], other["results"])
    else:
        with tempfile.TemporaryDirectory() as folder:
            options = [word for name in _installed() for word in ("--client", name)]
            check_command([*options, "--jobs", "8", "--report", folder])
            data = json.loads(Path(folder, "results.json").read_text(encoding="utf-8"))
    PAGE.write_text(page(data), encoding="utf-8")
    return 0


def _replaced(results: Sequence[Any], newer: Sequence[Any]) -> list[Any]:
    """Return results, with newer ones of the same clients and cases in their place."""
    by_name = {(each["client"], each["case"]): each for each in newer}
    return [by_name.get((each["client"], each["case"]), each) for each in results]


def _installed() -> Iterator[str]:
    """Yield the names of the clients that are installed; tell of the others."""
    for name, client in presets().items():
        if _is_installed(client):
            yield name


def _is_installed(client: Client) -> bool:
    try:
        check_installed(client)
    except ClientError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return False
    return True


def page(data: Mapping[str, Any]) -> str:
    """Return the page for results in the form of results.json."""
    numbers = {"clients": len(data["clients"]), "cases": len(data["cases"]), "date": data["started"][:10]}
    lines = [_HEAD.format(**{**data, **numbers}), "## Clients", "", *_clients(data)]
    for group, title in data["groups"].items():
        lines += ["", f"## {title}", "", *_table(data, group)]
    return "\n".join(lines) + "\n"


def _clients(data: Mapping[str, Any]) -> Iterator[str]:
    statuses = list(data["statuses"])
    yield f"| client | version | {' | '.join(statuses)} | command |"
    yield f"|---|---|{'---|' * len(statuses)}---|"
    for client in data["clients"]:
        counts = Counter(each["status"] for each in data["results"] if each["client"] == client["name"])
        cells = [str(counts[status] or "") for status in statuses]
        command = " ".join(client["command"].split()).replace("|", r"\|")
        yield f"| {client['name']} | {client['version']} | {' | '.join(cells)} | `{command}` |"


def _table(data: Mapping[str, Any], group: str) -> Iterator[str]:
    names = [client["name"] for client in data["clients"]]
    results = {(each["client"], each["case"]): each for each in data["results"]}
    yield f"| case | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(names)}"
    for case in data["cases"]:
        if case["group"] == group:
            cells = [_cell(results[name, case["slug"]]) for name in names]
            yield f"| `{case['slug']}` | {' | '.join(cells)} |"


def _cell(result: Mapping[str, Any]) -> str:
    status, verdicts = result["status"], " ".join(result["verdicts"])
    if status == "fail":
        return f"**{verdicts}**"
    if status == "warn":
        return f"*{verdicts}*"
    return f"{_SHORT[status]} {verdicts.lower()}".strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
