"""The arrows of the design: which module may import which, and where Twisted may be seen."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fakefiles

PACKAGE = Path(fakefiles.__file__).parent

# Each module, and what of fakefiles it may import. "twisted" allows Twisted and zope: the rest is pure.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": {"_version", "resource", "server", "verifier"},  # but for the first, only when a name is used
    "_version": set(),
    "errors": set(),
    "sizes": {"errors"},
    "content": {"errors"},
    "files": {"content"},
    "ranges": {"errors"},
    "conditions": {"errors"},
    "pacing": {"errors"},
    "journal": {"ranges"},
    "delivery": {"content", "pacing", "ranges"},
    "shaping": {"content", "delivery", "pacing", "ranges"},
    "faults": {"content", "delivery", "errors", "shaping", "sizes"},
    "lies": {"content", "delivery", "errors", "files", "ranges"},
    "gate": {"errors"},
    "occasions": {"errors", "pacing"},
    "profiles": set(),
    "digest": {"content", "delivery", "files"},
    "parameters": {
        *{"content", "delivery", "digest", "errors", "faults", "gate", "lies", "occasions", "pacing", "sizes"},
    },
    "target": {
        *{"content", "delivery", "digest", "errors", "files", "parameters", "profiles", "sizes"},
        *{"faults", "gate", "lies", "occasions", "pacing"},  # the parts of the options
    },
    "answers": {"conditions", "delivery", "digest", "errors", "faults", "files", "ranges"},
    "serving": {
        *{"answers", "conditions", "content", "delivery", "files", "occasions", "pacing", "ranges"},
        *{"shaping", "target"},
    },
    "damage": {"content"},
    "verifier": {"content", "damage", "errors", "files", "target"},
    "pages": {"_version", "parameters"},
    "plan": {
        *{"answers", "conditions", "delivery", "digest", "errors", "files", "gate", "occasions", "pages", "serving"},
        "target",
    },
    "ticks": {"twisted"},
    "ending": {"ticks", "twisted"},
    "producer": {"ticks", "delivery", "ending", "journal", "ranges", "twisted"},
    "direct": {"ticks", "content", "delivery", "producer", "ranges", "twisted"},
    "exchange": {
        *{"answers", "delivery", "direct", "ending", "faults", "journal", "producer", "ranges", "ticks", "twisted"},
    },
    "doors": {"twisted"},
    "control": {"doors", "answers", "delivery", "errors", "exchange", "journal", "occasions", "sizes", "twisted"},
    "hasher": {"digest", "files", "twisted"},
    "memory": {"answers", "twisted"},
    "resource": {
        *{"channel", "content", "control", "exchange", "hasher", "journal", "memory", "occasions", "plan", "profiles"},
        *{"sizes", "target", "ticks", "twisted"},
    },
    "descriptors": set(),
    "channel": {"twisted"},
    "server": {"channel", "doors", "content", "ending", "journal", "resource", "sizes", "twisted"},
    "service": {"_version", "server", "twisted"},
    "tap": {
        *{"_version", "descriptors", "parameters", "profiles", "resource", "server", "service", "sizes", "target"},
        "twisted",
    },
    "cli": {"parameters", "tap", "twisted", "verifier"},
    "urls": {"target"},
    "evidence": {"journal", "ranges"},
    "view": {"evidence", "journal", "process", "target", "urls"},
    "process": set(),
    "activation": {"process"},
    "child": {"service", "tap", "twisted"},
    "journal_client": {"journal", "process", "view"},
    "in_reactor": {"doors", "evidence", "journal", "process", "server", "view", "twisted"},
    # Twisted only in the functions that need it: see test_what_an_import_costs.
    "testing": {"evidence", "in_reactor", "journal", "journal_client", "process", "tap", "target", "view", "twisted"},
    "pytest_plugin": {"activation", "in_reactor", "testing", "twisted"},
}


def imports_of(path: Path) -> set[str]:
    """Return the modules of fakefiles that a file imports anywhere, and "twisted" if it imports that."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [
                f"{node.module}.{alias.name}" if node.module == "fakefiles" else node.module for alias in node.names
            ]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = (name or "").partition(".")
            if top == "fakefiles":
                found.add(rest.split(".")[0])
            elif top in {"twisted", "zope"}:
                found.add("twisted")
    return found


def test_every_module_is_listed() -> None:
    """A new module has to say what it may import."""
    assert {path.stem for path in PACKAGE.rglob("*.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_imports(module: str) -> None:
    """A module imports no more than it may, and may no more than it does."""
    assert imports_of(PACKAGE / f"{module}.py") == MAY_IMPORT[module]


def test_no_cycles() -> None:
    """The arrows have one direction."""
    order: list[str] = []
    left = {name: allowed - {"twisted"} for name, allowed in MAY_IMPORT.items() if name != "__init__"}
    while left:
        free = [name for name, allowed in left.items() if allowed <= set(order)]
        assert free, f"a cycle among {sorted(left)}"
        order += free
        for name in free:
            del left[name]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import fakefiles", "twisted"),
        ("import fakefiles.plan", "twisted"),
        ("import fakefiles; fakefiles.site, fakefiles.FakeFiles", "twisted.internet.reactor"),
        ("import fakefiles.tap", "twisted.internet.reactor"),
        ("import fakefiles; fakefiles.verify", "twisted"),
        ("import fakefiles.testing, fakefiles.activation", "twisted"),
        ("import fakefiles.pytest_plugin", "twisted"),
        ("import fakefiles.pytest_plugin", "fakefiles.testing"),
        ("import twisted.plugins.fakefiles_plugin", "fakefiles"),
    ],
)
def test_what_an_import_costs(statement: str, absent: str) -> None:
    """Importing neither loads what is not used, nor installs a reactor."""
    code = f"import sys; {statement}; assert {absent!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_public_names() -> None:
    """All public names are there, and no others."""
    assert all(getattr(fakefiles, name) for name in fakefiles.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fakefiles.nothing  # noqa: B018  the access is the test
