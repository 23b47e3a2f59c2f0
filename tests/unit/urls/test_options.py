"""options.py: the properties of options, and which of them contradict each other."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from fakefiles.behaviour.breaks import Breaks, Stall
from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.redirects import Redirects
from fakefiles.behaviour.substitute import Refusal, Substitute
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_offset
from fakefiles.urls.options import PARTS, Options
from fakefiles.urls.query import parse_query
from fakefiles.urls.settings import Settings


def test_options_that_change() -> None:
    """Options know whether answers are always the same."""
    assert Options().plain
    assert parse_query("tag=x&chunk_size=1", Settings()).plain
    assert not parse_query("rate=1", Settings()).plain
    assert not parse_query("rate=1", Settings()).changing
    assert parse_query("status=503", Settings()).changing
    assert [parse_query(query, Settings()).counted for query in ("status=503", "etag=rotate", "jitter=1")] == [0, 1, 1]


def test_defaults_are_equal() -> None:
    """A new part with default values equals the default part, which is also cheap to compare."""
    anew: dict[str, Any] = {name: replace(part) for name, part in PARTS.items()}
    assert Options(**anew) == Options()
    assert Options(**anew).plain
    assert not Options(**anew).counted


def test_parts() -> None:
    """The parts are the fields of Options that are no parameters."""
    assert set(PARTS) == {each.name for each in fields(Options) if not each.metadata} - {"asked"}
    assert next(iter(PARTS)) == "pace"


AT_OFFSETS = "send no file in which something could happen"
NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"substitute": Substitute(Refusal.CLOSE), "breaks": Breaks(reset=parse_offset("1"))}, AT_OFFSETS),
    ({"substitute": Substitute(status=503), "breaks": Breaks(flip=(parse_offset("1"),))}, AT_OFFSETS),
    ({"substitute": Substitute(status=503), "breaks": Breaks(stall=Stall(parse_offset("0")))}, AT_OFFSETS),
    ({"substitute": Substitute(Refusal.CLOSE), "lies": Lies(type="a/b")}, "send no file to lie about"),
    ({"lies": Lies(encoding="gzip"), "pace": Pace(duration=1)}, "has no length that a duration= could divide"),
]


@pytest.mark.parametrize(("parts", "message"), NONSENSE, ids=str)
def test_nonsense(parts: dict[str, Any], message: str) -> None:
    """Contradictions are refused; test_query.py has more of them, as URLs."""
    with pytest.raises(RequestError, match=message):
        Options(**parts).check()
    Options(substitute=Substitute(status=503), lies=Lies(type="a/b")).check()


def test_behaving() -> None:
    """Options that are no misbehaviour stay."""
    options = Options(pace=Pace(delay=1), login=Login("basic", "u", "p"), redirects=Redirects(1))
    assert replace(options, lies=Lies(etag="none"), substitute=Substitute(Refusal.RESET)).behaving() == options
