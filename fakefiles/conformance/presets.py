"""The clients that are known by name: presets.toml, and files of the same form that a user brings."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from fakefiles.conformance.client import Client
from fakefiles.conformance.tables import TableError, row, rows_of

PRESETS = Path(__file__).parent / "presets.toml"


def presets(files: Iterable[Path] = ()) -> Mapping[str, Client]:
    """Return the presets by name, with those of more files, which win. Raises TableError if one is wrong."""
    found: dict[str, Client] = {}
    for path in (PRESETS, *files):
        for name, table in rows_of(path).items():
            if "command" not in table:
                raise TableError(f"{path.name}: {name}: command is missing")
            found[name] = row(Client, table, f"{path.name}: {name}", name=name, call=None)
    return found


def preset(name: str, known: Mapping[str, Client]) -> Client:
    """Return the preset of a name. Raises TableError, with the one that may be meant, if there is none."""
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise TableError(f"no client is called {name!r}; {hint}")
    return known[name]
