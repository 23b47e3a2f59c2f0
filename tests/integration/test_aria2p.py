"""The recipe for aria2p's own tests: its magnets are right, and its example follows one to the last byte."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from documents import run_program
from fakefiles.bittorrent.sidecars import abouts_of, torrent_hashing, torrent_of
from fakefiles.files.digests import result_of
from fakefiles.urls.settings import Settings
from processes import takes_long, tool

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "aria2p"
MAGNETS = re.findall(r"^\+.*(magnet:\?[^\"\n]*)", (EXAMPLE / "aria2p.patch").read_text(), re.MULTILINE)


def test_magnets() -> None:
    """Those in the patch have the info-hashes of their files, which no server can change."""
    assert len(MAGNETS) == 4
    for magnet in MAGNETS:
        values = parse_qs(magnet.removeprefix("magnet:?"))
        (target,) = parse_qs(values["tr"][0].partition("?")[2])["file"]
        (about,) = abouts_of(target, Settings())
        torrent = torrent_of(about, result_of(torrent_hashing(about).steps(about.file)))
        assert values["xt"] == [f"urn:btih:{torrent.v1.hex()}" if torrent.v1 else ""]


def test_the_text_has_the_example() -> None:
    """What docs/testing-aria2p.md shows of the example is there, but for the docstring."""
    text = (ROOT / "docs/testing-aria2p.md").read_text()
    (shown,) = re.findall(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    example = re.sub(r'^    """.*"""\n', "", (EXAMPLE / "test_magnet.py").read_text(), flags=re.MULTILINE)
    assert shown in example


@takes_long
def test_example(tmp_path: Path) -> None:
    """The example runs, as it would without aria2p's own tests."""
    pytest.importorskip("aria2p", reason="aria2p is not installed")
    tool("aria2c")
    shutil.copy(EXAMPLE / "test_magnet.py", tmp_path)
    run_program("test_magnet.py", tmp_path)
