"""The kinds of values that parameters take: their name in help, their parser, their type in Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_duration, parse_number, parse_offset, parse_size

_PROBABILITY = re.compile(r"0?\.[0-9]{1,9}|[01](?:\.0{1,9})?", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9._~:-]{1,64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,100}")


class Kind(NamedTuple):
    """A kind of values: its name in help, a parser, and the type of the Python keyword, as source text.

    The parser raises RequestError. Its text continues "NAME is ", like "not a size".
    """

    takes: str
    parse: Callable[[str], Any]
    keyword: str = "str"


def one_of(*choices: str, into: Callable[[str], Any] = str, keyword: str = "str") -> Kind:
    """Return the kind that takes one of some words; `into` converts the word to its value."""

    def parse(value: str) -> Any:
        if value not in choices:
            raise RequestError(f"one of {', '.join(choices)}")
        return into(value)

    return Kind("|".join(choices), parse, keyword)


def number(least: int, most: int, takes: str = "NUMBER") -> Kind:
    """Return the kind that takes whole numbers from `least` to `most`, both included."""
    return Kind(takes, lambda value: parse_number(value, least, most), "int")


def parse_bytes(value: str) -> int:
    """Return a size in bytes. Raises RequestError if it is no size, or 0."""
    size = parse_size(value)
    if not size:
        raise RequestError("at least 1 byte")
    return size


def parse_text(value: str) -> str:
    """Return the value itself. Raises RequestError if it has a control character or more than 100 characters."""
    if not _TEXT.fullmatch(value):
        raise RequestError("up to 100 characters, none of them a control character")
    return value


def parse_chance(value: str) -> float:
    """Return the probability in a text. Raises RequestError if it is none."""
    if not _PROBABILITY.fullmatch(value):
        raise RequestError("a number from 0 to 1, like 0.25")
    return float(value)


def _name(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise RequestError("1 to 64 letters, digits and any of ._~:-")
    return value


def _more_than_no_time(value: str) -> float:
    seconds = parse_duration(value)
    if not seconds:
        raise RequestError("more than 0 seconds")
    return seconds


def _whole_seconds(value: str) -> int:
    seconds = parse_duration(value)
    if seconds != int(seconds):
        raise RequestError("a whole number of seconds")
    return int(seconds)


def _on_or_off(value: str) -> bool:
    if value not in {"on", "off"}:
        raise RequestError("on or off")
    return value == "on"


SIZE = Kind("SIZE", parse_bytes, "int | str")
OFFSET = Kind("OFFSET", parse_offset, "int | str")
#: 0 is allowed.
DURATION = Kind("DURATION", parse_duration, "float | str")
SOME_TIME = Kind("DURATION", _more_than_no_time, "float | str")
WHOLE_SECONDS = Kind("DURATION", _whole_seconds, "float | str")
CHANCE = Kind("NUMBER", parse_chance, "float | str")
NAME = Kind("NAME", _name)
TEXT = Kind("TEXT", parse_text)
#: As a Python keyword it also takes True and False.
SWITCH = Kind("on|off", _on_or_off, "bool | str")
OFF = one_of("off", keyword="bool | str")
