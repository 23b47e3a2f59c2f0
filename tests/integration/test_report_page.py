"""The page of `--report`, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Page, browser
from fakefiles.conformance.reports.as_json import as_json
from fakefiles.conformance.reports.page import page
from samples import SESSION


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Path]]:
    """Return a page of a browser, and the report of two clients and three cases."""
    folder = tmp_path_factory.mktemp("page")
    path = folder / "index.html"
    path.write_text(page(as_json(SESSION)))
    with browser(folder / "profile") as tab:
        yield tab, path


CELLS = "[...document.querySelectorAll('#body td button')].map(each => each.textContent)"
ROWS = "[...document.querySelectorAll('#body tr:not(.group) th')].map(each => each.textContent)"
COLUMNS = "[...document.querySelectorAll('#head th')].map(each => each.firstChild.textContent)"


def test_matrix(shown: tuple[Page, Path]) -> None:
    """Cases by clients; in each cell the verdict, or the status."""
    tab, path = shown
    tab.open(path)
    assert tab.run(COLUMNS) == ["case", "curl", "mine"]
    assert tab.run(ROWS) == ["close-early", "resume-gets-200", "not-found"]
    assert tab.run(CELLS) == ["CORRUPT (known)", "CORRUPT", "n/a", "REFUSE (known)", "void", "void"]
    assert tab.run("document.getElementById('count').textContent") == "3 of 3 cases"


def test_filters(shown: tuple[Page, Path]) -> None:
    """Text, group, statuses and clients choose what is shown."""
    tab, path = shown
    tab.open(path)
    tab.run("document.getElementById('text').value = 'ignores range'")
    tab.run("document.getElementById('text').dispatchEvent(new Event('input'))")
    assert tab.run(ROWS) == ["resume-gets-200"]
    tab.open(path)
    tab.run("group.value = 'status'; document.getElementById('group').dispatchEvent(new Event('change'))")
    assert tab.run(ROWS) == ["not-found"]
    tab.open(path)
    tab.run("document.querySelector('input[name=status][value=fail]').click()")
    assert tab.run(ROWS) == ["resume-gets-200", "not-found"]
    tab.run("document.querySelector('input[name=client][value=mine]').click()")
    assert tab.run(COLUMNS) == ["case", "curl"]
    assert tab.run(ROWS) == ["resume-gets-200", "not-found"]


def test_evidence(shown: tuple[Page, Path]) -> None:
    """Behind a cell is the evidence; text of clients is text, whatever is in it; Escape and the button close it."""
    tab, path = shown
    tab.open(path)
    tab.run("document.querySelector('#body td button').click()")
    text = tab.run("document.getElementById('details').innerText")
    for part in (
        "curl 8.0: close-early",
        "CORRUPT: run 1: success, but",
        "Known: so, 8.0",
        "curl -o a.bin http://127.0.0.1:1/100k/a.bin",
        "exit 0, ended by itself, 0.5 s, 1 MiB",
        "zzz",
        "</script><b>51200 are missing",
        "GET /100k/a.bin",
        "sent so often",
        "Outside of the folder: /elsewhere",
        "RFC 9112 8",
        "psf/requests/issues/4956",
    ):
        assert part in text
    assert tab.run("document.getElementById('details').open") is True
    tab.run("document.querySelector('#details .close').click()")
    assert tab.run("document.getElementById('details').open") is False
    tab.run("document.querySelector('#body th button').click()")
    assert "close-early" in tab.run("document.getElementById('title').textContent")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1280])
def test_layout(shown: tuple[Page, Path], width: int, *, dark: bool) -> None:
    """Nothing but the matrix itself is wider than the window, and text can be read against its ground."""
    tab, path = shown
    tab.open(path, width, dark=dark)
    assert tab.run("document.documentElement.scrollWidth") <= width
    assert tab.run("document.querySelector('#body tr:not(.group) th').getBoundingClientRect().width") >= 150
    tab.run("document.querySelector('#body td button').click()")
    assert tab.run("document.getElementById('details').getBoundingClientRect().right") <= width
    for name in ("body", "dialog", ".fail", ".void"):
        assert tab.run(CONTRAST.replace("NAME", name)) >= 4.5


CONTRAST = """(() => {
  const style = getComputedStyle(document.querySelector("NAME"));
  const light = text => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255);
    const linear = parts.map(each => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
  };
  const pair = [light(style.color), light(style.backgroundColor)];
  return Math.max(...pair) / Math.min(...pair);
})()"""
