"""limits.py: who is served at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour.limits import Limits, Seats
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Limits)}


def test_parsed() -> None:
    """There is a number of requests, and a word for the rest."""
    assert [PARAMETERS["limit"].read(text) for text in ("1", "10000")] == [1, 10_000]
    assert [PARAMETERS["limit_by"].read(text) for text in ("url", "tag")] == ["url", "tag"]
    assert PARAMETERS["over"].kind.takes == "503|429|reset|hang|html"
    for name, text in (("limit", "0"), ("limit", "10001"), ("limit_by", "client"), ("over", "404")):
        with pytest.raises(RequestError, match=f"^{name} is "):
            PARAMETERS[name].read(text)


@pytest.mark.parametrize("fields", [{"over": "503"}, {"limit_by": "tag"}], ids=str)
def test_nonsense(fields: dict[str, Any]) -> None:
    """Without a limit, nothing is beyond it."""
    with pytest.raises(RequestError, match=r"^limit_by= and over= go with limit=, like limit=2$"):
        Limits(**fields)
    assert Limits(1, **fields).limit == 1


@pytest.mark.parametrize(
    ("limits", "may"),
    [
        (Limits(), False),
        (Limits(1), True),
        (Limits(1, over="503"), True),
        (Limits(1, over="429"), True),
        (Limits(1, over="reset"), False),
        (Limits(1, over="hang"), False),
        (Limits(1, over="html"), False),
    ],
    ids=str,
)
def test_retry_after(limits: Limits, may: bool) -> None:  # noqa: FBT001
    """Only answers that are errors say when to come again."""
    assert limits.may_say_when is may


def test_seats() -> None:
    """Seats are counted for each key. One is left once, and then nothing of it is kept."""
    seats = Seats()
    first, second, other = seats.take("a"), seats.take("a"), seats.take("b")
    assert [seats.taken(key) for key in "abc"] == [2, 1, 0]
    first.leave()
    first.leave()
    assert [seats.taken(key) for key in "abc"] == [1, 1, 0]
    assert len(seats) == 2
    second.leave()
    other.leave()
    assert (seats.taken("a"), len(seats)) == (0, 0)
