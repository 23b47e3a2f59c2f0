"""What users install: the file lists of the wheel and the source archive, and the wheel in its own environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

import fakefiles

ROOT = Path(__file__).parents[2]
# What the conformance suite reads; among it the examples of clients, which are elsewhere in the checkout.
_SUITE = ROOT / "fakefiles" / "conformance"
DATA = {str(path.relative_to(ROOT)) for end in ("toml", "html") for path in _SUITE.rglob(f"*.{end}")}
CLIENTS = {f"fakefiles/conformance/clients/{path.name}" for path in (ROOT / "examples" / "clients").glob("*.*")}
MODULES = {str(path.relative_to(ROOT)) for path in (ROOT / "fakefiles").rglob("*.py")}
PLUGIN = "twisted/plugins/fakefiles_plugin.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built with Twisted's plugin cache lying in the checkout, as it does after any use."""
    cache = ROOT / "twisted" / "plugins" / "dropin.cache"
    existed = cache.exists()
    cache.touch()
    try:
        folder = tmp_path_factory.mktemp("dist")
        (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    finally:
        if not existed:
            cache.unlink()
    return Path(path)


def test_wheel(wheel: Path) -> None:
    """The wheel has every module, what the suite reads, the plugin, the typing marker and licence, and nothing else."""
    info = f"txfakefiles-{fakefiles.__version__}.dist-info"
    metadata = {f"{info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}
    with zipfile.ZipFile(wheel) as archive:
        assert set(archive.namelist()) == MODULES | DATA | CLIENTS | {PLUGIN, "fakefiles/py.typed"} | metadata


TEXTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "deploy").rglob("*.*")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_nobody_installs_what_is_not_ours(path: Path) -> None:
    """On the package index the name fakefiles is somebody else's; and every twistd -n leaves no pidfile behind."""
    text = path.read_text()
    assert not re.search(r"pip install[^`\n&]*(?<![/\w])fakefiles\b", text)
    assert "`fakefiles[" not in text
    assert not re.search(r"twistd (-n|--nodaemon) (?!--pidfile=)", text)


def test_sdist(tmp_path: Path) -> None:
    """The source archive has what the tests need, and no leavings."""
    (path,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert MODULES | {PLUGIN, "tests/conftest.py", "deploy/systemd/fakefiles.service", "LICENSE"} <= names
    assert {"ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "examples/test_resume.py"} <= names
    assert not [name for name in names if name.endswith("dropin.cache") or "__pycache__" in name]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment with the wheel; its dependencies come from this one's site-packages."""
    folder = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)  # noqa: S202  we have just built it
    outside = [path for path in sys.path if "site-packages" in path]
    # After the wheel, and without their own .pth files: an editable fakefiles among them does not count.
    (site_packages / "dependencies.pth").write_text("\n".join(outside))
    return folder


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder; return what it printed. What a shell says of where modules are does not count."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(command, cwd=folder, env=environment, timeout=60, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("runner", ["twistd", "twist"])
def test_installed_wheel(installed: Path, tmp_path: Path, runner: str) -> None:
    """Twistd and twist find the command in an installed wheel."""
    module = {"twistd": "twisted.scripts.twistd", "twist": "twisted.application.twist._twist"}[runner]
    call = "run()" if runner == "twistd" else "Twist.main()"
    code = f"import sys; sys.argv = ['{runner}', 'fakefiles', '--version']; from {module} import *; {call}"
    command = [str(installed / "bin" / "python"), "-c", code]
    result = run(command, tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"fakefiles {fakefiles.__version__}\n", "")


def test_installed_wheel_is_the_one_imported(installed: Path, tmp_path: Path) -> None:
    """The package comes from the wheel, not from this checkout."""
    command = [
        str(installed / "bin" / "python"),
        "-c",
        "import fakefiles.daemon.cli; print(fakefiles.daemon.cli.__file__)",
    ]
    result = run(command, tmp_path)
    assert str(installed.resolve()) in str(Path(result.stdout.strip()).resolve())


def test_installed_wheel_has_the_suite(installed: Path, tmp_path: Path) -> None:
    """`fakefiles check` finds its cases, its clients, and the examples among them."""
    code = "import sys; from fakefiles.daemon.cli import main; main(sys.argv[1:])"
    command = [str(installed / "bin" / "python"), "-c", code, "check", "--client", "urllib"]
    result = run([*command, "--only", "plain-download", "--report", "out"], tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["pass    urllib  plain-download", "urllib: 1 pass"]
    assert "fakefiles check" in (tmp_path / "out" / "index.html").read_text()
