"""Where wrong clients register: WRONG is all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from perfect_client import Perfect


@dataclass(frozen=True)
class Wrong:
    """A wrong client, the verdict on it, and what it fails besides: the controls that its mistake spoils, too."""

    kind: type[Perfect]
    verdict: str
    spoils: tuple[str, ...] = ()


#: The wrong client for each case, by its slug.
WRONG: dict[str, Wrong] = {}


def fails(verdict: str, *slugs: str, spoils: tuple[str, ...] = ()) -> Callable[[type[Perfect]], type[Perfect]]:
    """Register a client as the wrong one for some cases, with the verdict that it has to get."""

    def register(kind: type[Perfect]) -> type[Perfect]:
        for slug in slugs:
            assert slug not in WRONG, slug
            WRONG[slug] = Wrong(kind, verdict, spoils)
        return kind

    return register
