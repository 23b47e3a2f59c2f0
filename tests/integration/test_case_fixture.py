"""The fixture fakefiles_case: here used as in any project, and in runs of pytest of its own."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from fakefiles import pytest_plugin
from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.client import Client
from fakefiles.conformance.evidence import Ender
from fakefiles.conformance.pytest_cases import FakefilesCase, Wish, parameters, wish_of
from fakefiles.conformance.tables import TableError
from fakefiles.conformance.verdicts import Status
from fakefiles.testing.server import Server
from processes import PATIENCE


def download(url: str, path: str) -> None:
    """Download a file in the lines that everybody writes."""
    with urlopen(url, timeout=5) as response, Path(path).open("wb") as file:
        shutil.copyfileobj(response, file)


def spoil(url: str, path: str) -> None:
    """Download a file, and fail all the same."""
    download(url, path)
    raise ValueError("no such luck")


def resume(url: str, path: str) -> None:
    """Continue a file without a look at what it is, and fail if it is too short."""
    have = Path(path).stat().st_size if Path(path).exists() else 0
    request = Request(url, headers={"Range": f"bytes={have}-"})
    with urlopen(request, timeout=5) as response, Path(path).open("ab") as file:
        while data := response.read1():
            file.write(data)
    if Path(path).stat().st_size != 102400:
        raise ValueError("too short")


def wish(*patterns: str, **fields: Any) -> Wish:
    """Return what a test wants."""
    values = {"client": Client("pytest", call=download), "known": {}, "limit": 5.0, "strict": False, **fields}
    return Wish(patterns, **values)


def trial(slug: str, server: Server, **fields: Any) -> FakefilesCase:
    """Return a case for a test."""
    return FakefilesCase(chosen([slug])[0], wish(slug, **fields), server)


@pytest.mark.fakefiles_cases("plain", known={"chunked": "not in truth, and so it may not fail"})
def test_in_parameters(request: pytest.FixtureRequest) -> None:
    """A test that does not use the fixture is not multiplied, whatever its marker says."""
    assert not hasattr(request.node, "callspec")


@pytest.mark.fakefiles_cases("plain", "redirect-once", "reset-early")
def test_downloads(fakefiles_case: FakefilesCase) -> None:
    """The test runs once for each case."""
    result = fakefiles_case.run(download)
    assert result.judgement.status is Status.PASS


@pytest.mark.fakefiles_cases("plain-download")
def test_async(fakefiles_case: FakefilesCase) -> None:
    """A callable may return a coroutine."""

    async def later(url: str, path: str) -> None:
        await asyncio.to_thread(download, url, path)

    assert fakefiles_case.run(later).judgement.status is Status.PASS


@pytest.mark.fakefiles_cases("plain-download")
@pytest_twisted.ensureDeferred
async def test_in_reactor(fakefiles_case: FakefilesCase) -> None:
    """In the reactor it may return a Deferred, or a coroutine; what it raises is a failure there, too."""

    async def later(url: str, path: str) -> None:
        await deferToThread(download, url, path)

    result = await fakefiles_case.run_in_reactor(lambda url, path: deferToThread(download, url, path))
    assert result.judgement.status is Status.PASS
    assert (await fakefiles_case.run_in_reactor(later)).judgement.status is Status.PASS
    with pytest.raises(pytest.fail.Exception, match="REFUSE: exit 1"):
        await fakefiles_case.run_in_reactor(lambda url, path: deferToThread(spoil, url, path))


def test_failure(fakefiles_server: Server) -> None:
    """A client that is wrong fails the test, with the evidence."""
    with pytest.raises(pytest.fail.Exception) as raised:
        trial("close-early", fakefiles_server).run(download)
    text = str(raised.value)
    assert text.startswith("CORRUPT: run 1: success, but the file is different")
    for part in ("The mistake: ", "GET /100k/a.bin", "sent so often", "fakefiles check --explain close-early"):
        assert part in text


def test_output_of_a_failure(fakefiles_server: Server) -> None:
    """The words of the exception are in the report."""
    with pytest.raises(pytest.fail.Exception, match="ValueError: no such luck"):
        trial("plain-download", fakefiles_server).run(spoil)


def test_void(fakefiles_server: Server) -> None:
    """A case that did not come about is skipped."""
    with pytest.raises(pytest.skip.Exception, match="void: no HEAD request came"):
        trial("head-gets-405", fakefiles_server).run(download)


def test_late(fakefiles_server: Server) -> None:
    """A callable that would wait for ever is freed by the end of its connection; that is HANG."""

    def patient(url: str, path: str) -> None:
        with urlopen(url) as response, Path(path).open("wb") as file:
            shutil.copyfileobj(response, file)

    result = trial("silence-in-the-body", fakefiles_server, limit=0.3)
    with pytest.raises(pytest.fail.Exception, match="HANG: ended after"):
        FakefilesCase(result.case, wish(strict=True, limit=0.3), fakefiles_server).run(patient)
    finished = result.run(patient)
    assert finished.evidence is not None
    assert finished.evidence.runs[0].endings[0].ender is Ender.LIMIT


def test_held(fakefiles_server: Server) -> None:
    """Files change and connections drop under a callable, too."""
    case = trial("file-changes-after-break", fakefiles_server, client=Client("x", call=download, can=("resume",)))
    with pytest.raises(pytest.fail.Exception, match="a splice of two versions"):
        case.run(resume)


def test_known_in_files(tmp_path: Path) -> None:
    """The ini file says what the marker does not: cases, capabilities, and known failures of this client."""
    known = tmp_path / "known.toml"
    known.write_text('[pytest.close-early]\nwhy = "so"\n[other.reset-early]\n')
    ini: dict[str, object] = {
        "fakefiles_cases": ["body"],
        "fakefiles_can": ["retry"],
        "fakefiles_known": str(known),
    }
    config: Any = SimpleNamespace(getini=ini.__getitem__, rootpath=tmp_path)
    found = wish_of(config, None)
    assert (found.patterns, found.client.can, found.known) == (("body",), ("retry",), {"close-early": "so"})
    mark = pytest.mark.fakefiles_cases(
        "plain", can=["resume"], known={"chunked": "why"}, partial="x", client="other"
    ).mark
    found = wish_of(config, mark)
    assert (found.patterns, found.client.can, found.client.partial) == (("plain",), ("resume",), "x")
    assert found.known == {"reset-early": "known", "chunked": "why"}
    with pytest.raises(NotImplementedError):
        found.client.call("u", "p")  # type: ignore[misc]
    marks = {each.id: [mark.name for mark in each.marks] for each in parameters(found)}
    assert marks == {"plain-download": [], "chunked": ["xfail"], "no-length": [], "no-ranges": []}
    with pytest.raises(TableError, match="known: no case is called 'x'"):
        wish_of(config, pytest.mark.fakefiles_cases(known={"x": ""}).mark)


def run_pytest(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run the tests in a folder of its own; without plugins that have nothing to do with it."""
    unneeded = (f"-pno:{plugin}" for plugin in ("hypothesispytest", "pytest_cov", "twisted", "cacheprovider"))
    return pytester.runpytest_subprocess(*unneeded, *options, timeout=2 * PATIENCE)


TESTS = """
import shutil
from urllib.request import urlopen
import pytest

def download(url, path):
    with urlopen(url, timeout=5) as response, open(path, "wb") as file:
        shutil.copyfileobj(response, file)

@pytest.mark.fakefiles_cases("plain", "close-early", "head-gets-405", known={"close-early": "it counts no bytes"})
def test_downloads(fakefiles_case):
    fakefiles_case.run(download)
"""


def test_under_xdist(pytester: pytest.Pytester) -> None:
    """Workers share one server, and each case is one test; what is known fails as expected."""
    pytester.makepyfile(TESTS)
    result = run_pytest(pytester, "-n2", "-rs")
    result.assert_outcomes(passed=4, xfailed=1, skipped=1)
    result.stdout.fnmatch_lines(["*void: no HEAD request came*"])


def test_wrong_marker(pytester: pytest.Pytester) -> None:
    """What is wrong in a marker is told when tests are collected."""
    pytester.makepyfile("""
        import pytest
        @pytest.mark.fakefiles_cases("nope-nope")
        def test_it(fakefiles_case): pass
    """)
    result = run_pytest(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*fakefiles_case: no case is called 'nope-nope'; --list lists them"])


def test_usage_error() -> None:
    """The hook of pytest says so, and leaves alone what does not use the fixture."""
    config: Any = SimpleNamespace(getini=lambda name: "" if name == "fakefiles_known" else [])
    mark = pytest.mark.fakefiles_cases("nope-nope").mark
    metafunc: Any = SimpleNamespace(
        config=config, fixturenames=["fakefiles_case"], definition=SimpleNamespace(get_closest_marker=lambda _: mark)
    )
    with pytest.raises(pytest.UsageError, match="fakefiles_case: no case is called 'nope-nope'"):
        pytest_plugin.pytest_generate_tests(metafunc)
    metafunc.fixturenames = []
    pytest_plugin.pytest_generate_tests(metafunc)


def test_wrong_keywords() -> None:
    """So is what the marker does not take, or what nobody can do."""
    config: Any = SimpleNamespace(getini=lambda name: "" if name == "fakefiles_known" else [])
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        wish_of(config, pytest.mark.fakefiles_cases(colour=1).mark)
    with pytest.raises(ValueError, match="no capability is called 'fly'"):
        wish_of(config, pytest.mark.fakefiles_cases(can=["fly"]).mark)
