"""The layers: imports go downwards only, Twisted is imported only where allowed, each module has its test."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fakefiles
import fakefiles.conformance
import fakefiles.testing

PACKAGE = Path(fakefiles.__file__).parent
UNIT_TESTS = Path(__file__).parent / "unit"

#: The layers, lowest first: a module may import modules of its own layer, and of those before it.
LAYERS = (
    *("files", "transfer", "behaviour", "urls", "http", "verification"),
    *("serving", "bittorrent", "daemon", "testing", "conformance"),
)
#: Modules beside the layers, because their names are public: they only import from the layers.
BESIDE = {"__init__", "_lazy", "_version", "pytest_plugin"}
#: Where Twisted and zope may be imported; the rest is pure. The last three import it only in functions that need it.
ON_TWISTED = {
    *{f"bittorrent.{name}" for name in ("outlet", "room", "seed", "tracker", "udp_tracker")},
    *{"serving", "daemon", "testing.in_reactor", "testing.server", "conformance.pytest_cases", "pytest_plugin"},
}
PURE_ALL_THE_SAME = {"daemon.fd_limits", "serving.live", "serving.pages.gate", "serving.pages.tracker"}
#: Modules of layers that have no test of their own name: those of others, or under tests/integration, are theirs.
TESTED_ELSEWHERE = {
    *{"daemon.child", "serving.aborting", "verification.one_file"},
    *{f"serving.{name}" for name in ("ending", "live", "outlet", "request_outlet", "sending")},
    *{f"serving.pages.{name}" for name in ("drop", "health", "page")},
    *{f"conformance.{name}" for name in ("command", "pytest_cases", "suite", "trial")},
    *{f"testing.{name}" for name in ("activation", "in_reactor", "journal_client", "process", "server", "view")},
}


def name_of(path: Path) -> str:
    """Return the name of a module below fakefiles, like "http.plan"."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


#: The packages below fakefiles, by the names of their folders: the layers, and rooms within them.
PACKAGES = {name_of(path) for path in PACKAGE.rglob("__init__.py")} - {"__init__"}
MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports_of(path: Path) -> set[str]:
    """Return the modules of fakefiles that a file imports anywhere, and "twisted" if it imports that."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            whole = f"{node.module}".partition(".")[2] in {"", *PACKAGES}
            names = [f"{node.module}.{alias.name}" if whole else f"{node.module}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "fakefiles":
                found.add(rest)
            elif top in {"twisted", "zope"}:
                found.add("twisted")
    return found


def layer_of(module: str) -> str:
    """Return the layer that a module is in, or its own name if it stands beside them."""
    return module.partition(".")[0]


def test_nothing_stands_beside_the_layers() -> None:
    """Each module is in a layer, except for the public ones at the top."""
    assert {layer_of(module) for module in MODULES} == {*LAYERS, *BESIDE}
    assert MODULES.keys() >= BESIDE


@pytest.mark.parametrize("module", [module for module in MODULES if layer_of(module) in LAYERS])
def test_imports_go_downwards(module: str) -> None:
    """A module imports nothing of a higher layer."""
    reach = {*LAYERS[: LAYERS.index(layer_of(module)) + 1], "_lazy", "_version"}
    assert {name for name in imports_of(MODULES[module]) - {"twisted"} if layer_of(name) not in reach} == set()


def test_no_cycles() -> None:
    """Within a layer, too, there are no import cycles."""
    order: list[str] = []
    left = {module: imports_of(path) & MODULES.keys() for module, path in MODULES.items() if module not in PACKAGES}
    del left["__init__"], left["pytest_plugin"]
    while left:
        free = [module for module, imported in left.items() if imported <= {*order, *PACKAGES}]
        assert free, f"a cycle among {sorted(left)}"
        order += free
        for module in free:
            del left[module]


@pytest.mark.parametrize("module", MODULES)
def test_where_twisted_is(module: str) -> None:
    """Pure modules import no Twisted, and the modules listed as not pure do."""
    allowed = (module in ON_TWISTED or layer_of(module) in ON_TWISTED) and module not in PURE_ALL_THE_SAME
    assert allowed or "twisted" not in imports_of(MODULES[module])
    if module in ON_TWISTED - {*LAYERS}:
        assert "twisted" in imports_of(MODULES[module])


def test_each_module_has_its_test() -> None:
    """The unit tests of a module are found by its name, and there are none of modules that have gone."""
    tests = [path.relative_to(UNIT_TESTS).with_suffix("") for path in UNIT_TESTS.rglob("test_*.py")]
    tested = {".".join([*path.parts[:-1], path.name.removeprefix("test_")]) for path in tests}
    in_layers = {module for module in MODULES if layer_of(module) in LAYERS and module not in PACKAGES}
    assert in_layers - tested == TESTED_ELSEWHERE
    assert tested <= in_layers


def test_map() -> None:
    """ARCHITECTURE.md has a heading for each layer and a line for each module, and none for what is not there."""
    text = (PACKAGE.parent / "ARCHITECTURE.md").read_text()
    headings = re.findall(r"^### (\w+)$", text, re.MULTILINE)
    assert headings == [*LAYERS]
    rows = re.findall(r"^\| `([\w/]+)\.py` \| [^|]*\w[^|]* \|$", text, re.MULTILINE)
    mapped = {row.replace("/", ".") for row in rows}
    assert MODULES.keys() - PACKAGES - {"__init__"} - mapped == set()
    assert mapped - MODULES.keys() == set()
    assert len(mapped) == len(rows)
    picture = re.findall(r"│ (\w+)  ", text.partition("### ")[0])
    assert picture == [*LAYERS][::-1]
    # Wherever else a module is named, as in `http/plan.py`.
    named = {name.replace("/", ".") for name in re.findall(r"(?<![\w/])((?:[a-z_]+/)+\w+)\.py\b", text)}
    assert {name for name in named if layer_of(name) != "tests"} <= MODULES.keys()


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import fakefiles", "twisted"),
        ("import fakefiles.http.plan", "twisted"),
        ("import fakefiles; fakefiles.site, fakefiles.FakeFiles", "twisted.internet.reactor"),
        ("import fakefiles.daemon.tap", "twisted.internet.reactor"),
        ("import fakefiles; fakefiles.site", "fakefiles.bittorrent"),
        ("import fakefiles.testing.server", "fakefiles.bittorrent"),
        ("import fakefiles; fakefiles.verify", "twisted"),
        ("import fakefiles.testing.server, fakefiles.testing.activation", "twisted"),
        ("from fakefiles.testing import *", "twisted"),
        ("import fakefiles.testing.activation", "fakefiles.testing.server"),
        ("import fakefiles.pytest_plugin", "twisted"),
        ("import fakefiles.pytest_plugin", "fakefiles.testing"),
        ("import fakefiles.pytest_plugin", "fakefiles.conformance"),
        ("import fakefiles.daemon.cli", "fakefiles.conformance"),
        ("from fakefiles.conformance import *", "twisted"),
        ("import twisted.plugins.fakefiles_plugin", "fakefiles"),
    ],
)
def test_what_an_import_costs(statement: str, absent: str) -> None:
    """Importing loads nothing unneeded, and installs no reactor."""
    code = f"import sys; {statement}; assert {absent!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("package", [fakefiles, fakefiles.conformance, fakefiles.testing])
def test_public_names(package: object) -> None:
    """All public names exist, and no others."""
    assert all(getattr(package, name) for name in package.__all__)  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        package.nothing  # type: ignore[attr-defined]  # noqa: B018  the access is the test
