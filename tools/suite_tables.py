"""The tables of docs/conformance.md, by their names: of each its head, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from fakefiles.conformance.capabilities import CAPABILITIES
from fakefiles.conformance.catalogue import GROUPS, cases, link_url, rule_url
from fakefiles.conformance.client import PLACEHOLDERS
from fakefiles.conformance.presets import presets
from fakefiles.conformance.verdicts import Status, Verdict

#: The head of a table with its line below, and its rows.
Table = tuple[str, Iterable[str]]

# So many links of a case are shown; `--explain` has all.
_MOST_LINKS = 3


def _head(*columns: str) -> str:
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _statuses() -> Table:
    return _head("status", "means"), [_row(f"`{each.word}`", each.means) for each in Status]


def _verdicts() -> Table:
    return _head("verdict", "about", "means"), [_row(each.name, each.kind.value, each.means) for each in Verdict]


def _capabilities() -> Table:
    rows = [
        _row(f"`{each.name}`", f"The client {each.does}.", " ".join(f"`{name}`" for name in each.placeholders))
        for each in CAPABILITIES.values()
    ]
    return _head("capability", "means", "its command needs"), rows


def _placeholders() -> Table:
    rows = [_row(f"`{{{name}}}`", f"`${name.upper()}`", what) for name, what in PLACEHOLDERS.items()]
    return _head("placeholder", "variable", "stands for"), rows


def _presets() -> Table:
    rows = [
        _row(f"`{name}`", client.about, ", ".join(sorted(client.capabilities - {"process"})))
        for name, client in presets().items()
    ]
    return _head("client", "is", "can"), rows


def _cases() -> Table:
    return _head("case", "the server", "the mistake", "rules", "seen in"), _case_rows()


def _case_rows() -> Iterator[str]:
    group = None
    for case in cases():
        if case.group != group:
            group = case.group
            yield _row(f"**{group}**", f"**{GROUPS[group]}**", "", "", "")
        needs = f"<br>needs {', '.join(case.needs)}" if case.needs else ""
        rfc = "<br>".join(f"[{section}]({rule_url(section)})" for section in case.rfc)
        links = "<br>".join(f"[{link}]({link_url(link)})" for link in case.links[:_MOST_LINKS])
        yield _row(f"`{case.slug}`{needs}", case.server, case.mistake, rfc, links)


#: All tables, by the name that follows "suite:" in the comment around them.
SUITE_TABLES: dict[str, Callable[[], Table]] = {
    "statuses": _statuses,
    "verdicts": _verdicts,
    "capabilities": _capabilities,
    "placeholders": _placeholders,
    "presets": _presets,
    "cases": _cases,
}
