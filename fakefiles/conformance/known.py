"""Failures that are known: a file that names them by client and case, so that only what is new fails a build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakefiles.conformance.catalogue import cases
from fakefiles.conformance.suite import Result
from fakefiles.conformance.tables import TableError, row, rows_of
from fakefiles.conformance.verdicts import Status


@dataclass(frozen=True, slots=True)
class Known:
    """A known failure: of which version of the client it is known, why, and where that is told."""

    version: str = ""
    why: str = ""
    link: str = ""

    def __str__(self) -> str:
        parts = [self.why, f"version {self.version}" if self.version else "", self.link]
        return ", ".join(filter(None, parts)) or "known"


#: Known failures by the name of the client and the slug of the case.
KnownFailures = Mapping[tuple[str, str], Known]


def read_known(path: Path) -> KnownFailures:
    """Return the known failures that a TOML file names. Raises TableError if it is wrong, or no case has the slug.

    The tables are called like [curl.resume-gets-200]; their keys are version, why and link, all optional.
    """
    slugs = {case.slug for case in cases()}
    found: dict[tuple[str, str], Known] = {}
    for client, tables in rows_of(path).items():
        for slug, table in tables.items():
            where = f"{path.name}: {client}.{slug}"
            if slug not in slugs:
                raise TableError(f"{where}: no case is called so; --list lists them")
            if not isinstance(table, dict):
                raise TableError(f"{where} is no table; write [{client}.{slug}], and its keys below")
            found[client, slug] = row(Known, table, where)
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run comes to: failures that nobody knows, known ones, and known ones that pass now; and the status."""

    unknown: tuple[Result, ...]
    known: tuple[Result, ...]
    passing: tuple[Result, ...]

    @property
    def good(self) -> bool:
        """Whether nothing has changed for the worse, or for the better."""
        return not (self.unknown or self.passing)


def outcome(results: Iterable[Result], known: KnownFailures) -> Outcome:
    """Compare results with what is known. A known failure that is void or not applicable is neither."""
    unknown: list[Result] = []
    as_known: list[Result] = []
    passing: list[Result] = []
    for result in results:
        is_known = (result.client.name, result.case.slug) in known
        if result.judgement.status is Status.FAIL:
            (as_known if is_known else unknown).append(result)
        elif is_known and result.judgement.status in {Status.PASS, Status.WARN}:
            passing.append(result)
    return Outcome(tuple(unknown), tuple(as_known), tuple(passing))
