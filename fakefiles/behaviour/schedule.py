"""On which requests a parameter applies: what comes after the @ in close=50%@1, ranges=off@2- or status=403@later."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from fakefiles.behaviour.values import parse_chance
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_number, parse_offset
from fakefiles.transfer.span import Span

_MOST_REQUESTS = 1_000_000
_NUMBERS = re.compile(r"([0-9]+)(-?)([0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Moment:
    """One request, as schedules see it.

    `number`: that of the request among those of its URL, from 1. `spans`: those that its Range asks for, of the file
    with `size` bytes; none if they cannot be satisfied; None without a Range. `seed`: of random choices.
    """

    number: int
    method: str
    spans: Sequence[Span] | None
    size: int
    seed: int

    @property
    def wanted(self) -> Sequence[Span]:
        """The spans that the request asks for; without a Range, the whole file."""
        return [Span(0, self.size)] if self.spans is None else self.spans

    @property
    def at_start(self) -> bool:
        """Whether the request asks for the beginning of the file, perhaps with more."""
        return self.spans is None or any(span.start == 0 for span in self.spans)


#: Whether a condition holds at a moment. The text is the name of the parameter, for random choices of its own.
_Test = Callable[[Moment, str], bool]


class _Condition(NamedTuple):
    """A condition of one name: a line of help, and what makes a test of the text after its colon, if it has one."""

    help: str
    test: Callable[[str], _Test]
    takes: str = ""
    counts: bool = False


def _word(help_line: str, holds: Callable[[Moment], bool]) -> _Condition:
    return _Condition(help_line, lambda _: lambda moment, _name: holds(moment))


def _every(text: str) -> _Test:
    number = parse_number(text, 1, _MOST_REQUESTS)
    return lambda moment, _: moment.number % number == 0


def _chance(text: str) -> _Test:
    chance = parse_chance(text)
    # A generator for each parameter: the choices for one do not depend on which others the URL has.
    return lambda moment, name: Random(f"{moment.seed} {moment.number} {name}").random() < chance  # noqa: S311


def _holds(text: str) -> _Test:
    offset = parse_offset(text)
    return lambda moment, _: any(span.start <= offset.at(moment.size) < span.stop for span in moment.wanted)


#: The conditions by name, besides numbers of requests.
CONDITIONS: Mapping[str, _Condition] = {
    "every": _Condition("every N-th request", _every, "N", counts=True),
    "chance": _Condition("at random, with this probability", _chance, "P", counts=True),
    "get": _word("a GET", lambda moment: moment.method == "GET"),
    "head": _word("a HEAD", lambda moment: moment.method == "HEAD"),
    "range": _word("a request with a Range", lambda moment: moment.spans is not None),
    "whole": _word("a request without a Range", lambda moment: moment.spans is None),
    "start": _word("a request for the first byte", lambda moment: moment.at_start),
    "later": _word("a Range that begins behind the first byte", lambda moment: not moment.at_start),
    "holds": _Condition("a request for the byte at this offset", _holds, "OFFSET"),
}

#: How conditions are written.
FORMS = ("2", "2-", "2-4", *(f"{name}:{each.takes}" if each.takes else name for name, each in CONDITIONS.items()))


@dataclass(frozen=True, slots=True)
class Schedule:
    """The conditions on which a parameter applies: all of them must hold.

    `counts`: whether one of them depends on the number of the request.
    """

    text: str
    tests: Sequence[_Test] = field(compare=False)
    counts: bool = False

    @property
    def draws(self) -> bool:
        """Whether it makes random choices."""
        return "chance:" in self.text

    def holds(self, moment: Moment, name: str) -> bool:
        """Return whether the parameter of this name applies at a moment: the same answer for the same moment."""
        return all(test(moment, name) for test in self.tests)


class Scheduled(NamedTuple):
    """A parsed value of a parameter, and when it applies; whether it is one of several that apply together (`adds`)."""

    name: str
    value: Any
    when: Schedule
    adds: bool = False


def parse_schedule(text: str) -> Schedule:
    """Return the schedule in a text like "2-,range". Raises RequestError if it is none."""
    parsed = [_parsed(each) for each in text.split(",")]
    return Schedule(text, tuple(test for test, _ in parsed), any(counts for _, counts in parsed))


def _parsed(text: str) -> tuple[_Test, bool]:
    """Return the test in the text of one condition, and whether it counts requests."""
    if numbers := _NUMBERS.fullmatch(text):
        return _in_order(*numbers.groups()), True
    name, colon, value = text.partition(":")
    condition = CONDITIONS.get(name)
    if condition is None or bool(colon) is not bool(condition.takes):
        raise RequestError(f"wrong after the @: there come {', '.join(FORMS)}; with commas between them, all must hold")
    try:
        return condition.test(value), condition.counts
    except RequestError as error:
        raise RequestError(f"wrong after the @: {name} is {error}") from None


def _in_order(first: str, dash: str, last: str) -> _Test:
    """Return the test for the requests from the first number to the last one; without that, and a dash, to the end."""
    try:
        least = parse_number(first, 1, _MOST_REQUESTS)
        most = parse_number(last, least, _MOST_REQUESTS) if last else None if dash else least
    except RequestError as error:
        raise RequestError(f"wrong after the @: the number of a request is {error}") from None
    return lambda moment, _: least <= moment.number and (most is None or moment.number <= most)
