"""All cases: data in the TOML files of this package, one entry for each case, checked when they are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from fakefiles.conformance.case import Case
from fakefiles.conformance.tables import TableError, row, rows_of

#: The version of the set of cases. It changes whenever a case comes, goes, or is judged differently.
CASE_SET = "2026.11.2"

FOLDER = Path(__file__).parent / "cases"
#: The groups, in the order of lists and reports: a name, and what its cases are about.
GROUPS = {
    "plain": "Nothing is wrong, or only unusual",
    "resume": "A resume gets something else than the rest",
    "complete": "416, complete and oversized partial files, empty files",
    "change": "Validators, and files that change",
    "body": "Bodies that end early, lengths that lie, framing",
    "head": "HEAD, probes, Accept-Ranges",
    "connections": "Several connections",
    "status": "Status codes, retries, waiting",
    "redirect": "Redirects, links that expire, logins",
    "coding": "Content codings",
    "silence": "Silence and speed",
    "large": "Sizes and memory",
    "names": "Names, dates, what is already there",
    "swarm": "Torrents, magnets, metalinks",
    "protocol": "Connections, and the version of the protocol",
    "client": "What happens to the client itself",
}

_RFC_URL = "https://www.rfc-editor.org/rfc/rfc{}#section-{}"
_BEP_URL = "https://www.bittorrent.org/beps/bep_{:0>4}.html"
_BEP = "BEP "


@cache
def cases() -> tuple[Case, ...]:
    """Return all cases, in the order of their groups. Raises TableError if the data is wrong."""
    found = [case for group in GROUPS for case in read_cases(FOLDER / f"{group}.toml", group)]
    slugs = [case.slug for case in found]
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        raise TableError(f"slugs are given twice: {', '.join(twice)}")
    return tuple(found)


def read_cases(path: Path, group: str) -> list[Case]:
    """Return the cases in a file. Raises TableError if one of them is wrong."""
    found = [row(Case, table, f"{path.name}: {slug}", slug=slug, group=group) for slug, table in rows_of(path).items()]
    for case in found:
        for name in ("came", "rfc", "links"):
            if not getattr(case, name):
                raise TableError(f"{path.name}: {case.slug}: {name} is missing")
        for section in case.rfc:
            if section not in rules():
                raise TableError(f"{path.name}: {case.slug}: rules.toml has no words for the section {section}")
    return found


@cache
def rules() -> Mapping[str, str]:
    """Return what sections of RFCs and BEPs say, in our words, by their names like "9110 14.4" or "BEP 3 trackers"."""
    return {name: str(table["says"]) for name, table in rows_of(FOLDER / "rules.toml").items()}


def rule_url(section: str) -> str:
    """Return the URL of a section of an RFC, like "9110 14.4", or of a BEP, like "BEP 3 trackers"."""
    if not section.startswith(_BEP):
        return _RFC_URL.format(*section.split())
    number, _, place = section.removeprefix(_BEP).partition(" ")
    return "#".join(filter(None, [_BEP_URL.format(number), place]))


def rule_name(section: str) -> str:
    """Return the name of a section as people write it, like "RFC 9110 14.4"."""
    return section if section.startswith(_BEP) else f"RFC {section}"


def link_url(link: str) -> str:
    """Return the URL of an issue, like "curl/curl#1163"."""
    repository, _, number = link.partition("#")
    return f"https://github.com/{repository}/issues/{number}"


def chosen(patterns: Iterable[str]) -> list[Case]:
    """Return the cases whose slug or group matches one of some patterns, like "resume-*"; without any, all.

    Raises TableError if a pattern matches none.
    """
    wanted = list(patterns)
    for pattern in wanted:
        if not any(_matches(case, pattern) for case in cases()):
            close = difflib.get_close_matches(pattern, [case.slug for case in cases()], 1)
            hint = f"did you mean {close[0]}?" if close else "--list lists them"
            raise TableError(f"no case is called {pattern!r}; {hint}")
    return [case for case in cases() if not wanted or any(_matches(case, pattern) for pattern in wanted)]


def _matches(case: Case, pattern: str) -> bool:
    return fnmatchcase(case.slug, pattern) or case.group == pattern
