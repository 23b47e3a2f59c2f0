"""schedule.py: on which requests a parameter applies."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from fakefiles.behaviour.schedule import CONDITIONS, Moment, parse_schedule
from fakefiles.files.errors import RequestError
from fakefiles.transfer.span import Span

SIZE = 1000


def moment(number: int = 1, method: str = "GET", spans: Sequence[Span] | None = None, seed: int = 0) -> Moment:
    """Return a request for a file of 1000 bytes."""
    return Moment(number, method, spans, SIZE, seed)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1", [1]),
        ("3", [3]),
        ("2-", [2, 3, 4, 5, 6]),
        ("2-4", [2, 3, 4]),
        ("3-3", [3]),
        ("every:2", [2, 4, 6]),
        ("every:1", [1, 2, 3, 4, 5, 6]),
        ("2-,every:3", [3, 6]),
        ("2-4,4-", [4]),
        ("chance:0", []),
        ("chance:1", [1, 2, 3, 4, 5, 6]),
        ("2-,chance:1", [2, 3, 4, 5, 6]),
    ],
)
def test_numbers(text: str, numbers: list[int]) -> None:
    """The n-th request, from one on, from one to another, every n-th, by lot; with commas, all must hold."""
    schedule = parse_schedule(text)
    assert [number for number in range(1, 7) if schedule.holds(moment(number), "close")] == numbers
    assert schedule.counts
    assert schedule.draws is ("chance" in text)


WHOLE, HEAD, LATER, BOTH, NONE = "whole", "head", "later", "both", "none"
REQUESTS = {
    WHOLE: moment(),
    HEAD: moment(method="HEAD"),
    "first": moment(spans=[Span(0, 10)]),
    LATER: moment(spans=[Span(500, 510)]),
    BOTH: moment(spans=[Span(500, 510), Span(0, 1)]),
    NONE: moment(spans=[]),
}


@pytest.mark.parametrize(
    ("text", "requests"),
    [
        ("get", {WHOLE, "first", LATER, BOTH, NONE}),
        ("head", {HEAD}),
        ("range", {"first", LATER, BOTH, NONE}),
        ("whole", {WHOLE, HEAD}),
        ("start", {WHOLE, HEAD, "first", BOTH}),
        ("later", {LATER, NONE}),
        ("holds:0", {WHOLE, HEAD, "first", BOTH}),
        ("holds:50%", {WHOLE, HEAD, LATER, BOTH}),
        ("holds:509", {WHOLE, HEAD, LATER, BOTH}),
        ("holds:510", {WHOLE, HEAD}),
        ("holds:499", {WHOLE, HEAD}),
        ("holds:1000", set()),
        ("get,whole", {WHOLE}),
        ("range,start", {"first", BOTH}),
    ],
)
def test_requests(text: str, requests: set[str]) -> None:
    """By method, and by what is asked for of the file."""
    schedule = parse_schedule(text)
    assert {name for name, each in REQUESTS.items() if schedule.holds(each, "close")} == requests
    assert not schedule.counts


def test_chance() -> None:
    """The choices are the same in every run; each parameter, and each seed, has its own."""
    schedule = parse_schedule("chance:0.5")

    def choices(name: str = "close", seed: int = 0) -> list[bool]:
        return [schedule.holds(moment(number, seed=seed), name) for number in range(100)]

    assert choices() == choices()
    assert len({tuple(choices()), tuple(choices("reset")), tuple(choices(seed=1))}) == 3
    assert 30 < sum(choices()) < 70
    assert [schedule.holds(moment(number), "close") for number in range(1, 6)] == PROMISED


#: Promised, for every Python.
PROMISED = [False, False, True, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "wrong after the @: there come 2, 2-, 2-4, every:N"),
        ("sometimes", "wrong after the @: there come 2, 2-"),
        ("get:1", "wrong after the @: there come 2, 2-"),
        ("every", "wrong after the @: there come 2, 2-"),
        ("1,", "wrong after the @: there come 2, 2-"),
        ("-3", "wrong after the @: there come 2, 2-"),
        ("every:0", "wrong after the @: every is "),
        ("every:x", "wrong after the @: every is "),
        ("chance:2", "wrong after the @: chance is a number from 0 to 1"),
        ("holds:x", "wrong after the @: holds is not an offset"),
        ("0", "wrong after the @: the number of a request is "),
        ("4-2", "wrong after the @: the number of a request is "),
        ("9999999", "wrong after the @: the number of a request is "),
    ],
)
def test_wrong(text: str, message: str) -> None:
    """An error says what there could be."""
    with pytest.raises(RequestError, match=f"^{re.escape(message)}"):
        parse_schedule(text)


def test_every_condition_is_named() -> None:
    """The error has all conditions; each has a line of help."""
    with pytest.raises(RequestError) as caught:
        parse_schedule("?")
    for name, each in CONDITIONS.items():
        assert f"{name}:{each.takes}".rstrip(":") in str(caught.value)
        assert each.help
