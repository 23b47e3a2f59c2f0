"""The parameters of a URL, each with what it takes, a line of help, and a parser: the one list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from fakefiles.behaviour.faults import Faults, Refusal, Stall
from fakefiles.behaviour.gate import SCHEMES, Gate
from fakefiles.behaviour.lies import Lie, Lies
from fakefiles.behaviour.occasions import When
from fakefiles.files.digests import BY_FIELD, Algorithm
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import KINDS, Random
from fakefiles.files.units import Offset, parse_duration, parse_number, parse_offset, parse_size
from fakefiles.transfer.body import Framing
from fakefiles.transfer.pacing import Pace

_TAG = re.compile(r"[A-Za-z0-9._~:-]{1,64}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,100}")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}(?:; ?charset=[\w-]{1,40})?", re.ASCII)
_CHANCE = re.compile(r"0?\.[0-9]{1,9}|[01](?:\.0{1,9})?", re.ASCII)
_DATE = re.compile(r"([1-9]\d{3}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)Z)?", re.ASCII)
_STANDING_FOR_OTHERS = ("profile", "defaults")
_OF_ONE_URL = ("content", "seed", "sidecar", "tag", "defaults")
_MOST_FLIPS = 64
_MOST_REQUESTS = 1_000_000
_MOST_REDIRECTS = 100
_REDIRECT_CODES = ("301", "302", "303", "307", "308")


class Parameter(NamedTuple):
    """What a parameter takes, a line of help, the part of Options that it is a field of, and a parser of its values.

    `part` is None for those that are fields of Options itself, or stand for others. What the parser raises is what
    read() says after the name.
    """

    name: str
    takes: str
    help: str
    part: type | None
    parse: Callable[[str], Any]

    @property
    def misbehaves(self) -> bool:
        """Whether it makes a server slow, broken or lying, or not as its operator has it: --no-faults refuses it."""
        return self.part is not None or self.name in _STANDING_FOR_OTHERS

    @property
    def names_file(self) -> bool:
        """Whether it says which file it is, or belongs to one request: no default can."""
        return self.name in _OF_ONE_URL

    def read(self, value: str) -> Any:
        """Return what a value means. Raises RequestError when it means nothing."""
        try:
            return self.parse(value)
        except RequestError as error:
            raise RequestError(f"{self.name} is {error}") from None


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise RequestError(f"one of {', '.join(choices)}")
        return value

    return parse


def _on_or_off(value: str) -> bool:
    if value not in {"on", "off"}:
        raise RequestError("on or off")
    return value == "on"


def _bytes(value: str) -> int:
    size = parse_size(value)
    if not size:
        raise RequestError("at least 1 byte")
    return size


def _count(least: int, most: int) -> Callable[[str], int]:
    return partial(parse_number, least=least, most=most)


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise RequestError("1 to 64 letters, digits and any of ._~:-")
    return value


def _text(value: str) -> str:
    if not _TEXT.fullmatch(value):
        raise RequestError("up to 100 characters, none of them a control character")
    return value


def _user(value: str) -> str:
    if set(value) & set(':"\\'):
        raise RequestError('a name without : " and \\')
    return _text(value)


def _duration(value: str) -> float:
    seconds = parse_duration(value)
    if not seconds:
        raise RequestError("more than 0 seconds")
    return seconds


def _lie(plain: tuple[str, ...], by_bytes: tuple[str, ...], *, backwards: bool = False) -> Callable[[str], Lie]:
    """Return a parser of lies, some of them by so many bytes."""
    shapes = ", ".join([*plain, *(f"{kind}:BYTES" for kind in by_bytes)])

    def parse(value: str) -> Lie:
        kind, colon, amount = value.partition(":")
        if not colon and kind in plain:
            return Lie(kind)
        if not colon or kind not in by_bytes:
            raise RequestError(f"one of {shapes}")
        if backwards and amount.startswith("-"):
            return Lie(kind, -_bytes(amount[1:]))
        return Lie(kind, _bytes(amount))

    return parse


def _stall(value: str) -> Stall:
    offset, colon, duration = value.partition(":")
    return Stall(parse_offset(offset), parse_duration(duration) if colon else None)


def _flip(value: str) -> tuple[Offset, ...]:
    offsets = value.split(",")
    if len(offsets) > _MOST_FLIPS:
        raise RequestError(f"at most {_MOST_FLIPS} offsets")
    return tuple(parse_offset(offset) for offset in offsets)


def _whole_seconds(value: str) -> int:
    seconds = parse_duration(value)
    if seconds != int(seconds):
        raise RequestError("a whole number of seconds")
    return int(seconds)


def _modified(value: str) -> str | int:
    if value in {"none", "garbage"}:
        return value
    match = _DATE.fullmatch(value)
    try:
        # What does not match is no date, either.
        moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}+00:00" if match else "")
    except ValueError:
        raise RequestError("none, garbage, or a date like 2030-01-31 or 2030-01-31T12:00:00Z") from None
    return int(moment.timestamp())


def _media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise RequestError("a media type, like text/html or text/html;charset=utf-8")
    return value


def _chance(value: str) -> float:
    if not _CHANCE.fullmatch(value):
        raise RequestError("a number from 0 to 1, like 0.25")
    return float(value)


def _framing(value: str) -> Framing:
    return Framing(_one_of(*Framing)(value))


def _refusal(value: str) -> Refusal:
    return Refusal(_one_of(*Refusal)(value))


def _redirect_code(value: str) -> int:
    return int(_one_of(*_REDIRECT_CODES)(value))


def _digest(value: str) -> Algorithm:
    return BY_FIELD[_one_of(*BY_FIELD)(value)]


_ranges = _lie(("off", "lie"), ("shift", "mislabel"), backwards=True)
_etag = _one_of("none", "weak", "rotate")
_length = _lie(("none", "garbage"), ("short", "long"))

# Name, what it takes, help, part, parser.
_ROWS: tuple[tuple[str, str, str, type | None, Callable[[str], Any]], ...] = (
    ("content", "|".join(KINDS), "what the bytes are", None, str),
    ("seed", "NUMBER", "another random file, and other lots, for each", None, _count(0, Random.MAX_SEED)),
    ("chunk_size", "SIZE", "bytes in each chunk, and at most in one write", None, _bytes),
    ("framing", "length|chunked|close", "what tells the client where the body ends", None, _framing),
    ("sidecar", "on|off", "whether a name that ends in .sha256 means a checksum file", None, _on_or_off),
    ("digest", "|".join(BY_FIELD), "a digest to send in the headers, though it takes time", None, _digest),
    ("tag", "NAME", "marks the request in the journal, and counts it apart from others", None, _tag),
    ("rate", "SIZE", "so many bytes per second", Pace, _bytes),
    ("duration", "DURATION", "how long the body takes, spread evenly", Pace, _duration),
    ("delay", "DURATION", "a wait before the headers", Pace, parse_duration),
    ("jitter", "DURATION", "a wait of up to that, by lot, before the headers and each piece", Pace, parse_duration),
    ("bucket", "NAME", "share the rate with all who name this bucket, under the same tag", Pace, _tag),
    ("drip", "SIZE", "so many bytes in each piece that is written", Pace, _bytes),
    ("reset", "OFFSET", "reset the connection there (RST)", Faults, parse_offset),
    ("close", "OFFSET", "close the connection there (FIN)", Faults, parse_offset),
    ("stall", "OFFSET[:DURATION]", "send nothing more from there on, so long or for ever", Faults, _stall),
    ("hold", "OFFSET", "send nothing more from there on, until the test releases it", Faults, parse_offset),
    ("flip", "OFFSET[,OFFSET...]", "the lowest bit of these bytes is wrong", Faults, _flip),
    ("refuse", "close|reset|headers", "end the connection without an answer, or inside its headers", Faults, _refusal),
    ("status", "CODE", "answer with this status and a line of text instead of the file", Faults, _count(200, 599)),
    ("retry_after", "DURATION", "the Retry-After of such an answer", Faults, _whole_seconds),
    ("ranges", "off|lie|shift:SIZE|mislabel:SIZE", "no ranges, a promise not kept, or other ranges", Lies, _ranges),
    ("length", "short:SIZE|long:SIZE|none|garbage", "a wrong Content-Length, or none", Lies, _length),
    ("etag", "none|weak|rotate", "no ETag, a weak one, or another at each request", Lies, _etag),
    ("modified", "none|garbage|DATE", "the Last-Modified", Lies, _modified),
    ("type", "MEDIA-TYPE", "the Content-Type", Lies, _media_type),
    ("encoding", "gzip|lie", "compressed, or only said to be", Lies, _one_of("gzip", "lie")),
    ("lastchunk", "off", "a chunked body without its last chunk, which says that it is complete", Lies, _one_of("off")),
    ("auth", "basic|digest|digest-sha-256", "demand a login", Gate, _one_of(*SCHEMES)),
    ("user", "TEXT", "who may log in", Gate, _user),
    ("password", "TEXT", "and with what password", Gate, _text),
    ("redirect", "NUMBER", "so many redirects to the same file first", Gate, _count(0, _MOST_REDIRECTS)),
    ("redirect_code", "301|302|303|307|308", "their status; 302 if it is not said", Gate, _redirect_code),
    ("fail", "NUMBER", "what is wrong is so on the first so many requests only", When, _count(1, _MOST_REQUESTS)),
    ("every", "NUMBER", "... on the last of every so many requests only", When, _count(1, _MOST_REQUESTS)),
    ("chance", "NUMBER", "... by lot, with this probability, like 0.25", When, _chance),
    ("profile", "NAME", "the parameters of a situation, like flaky-mobile, where the URL does not say", None, str),
    ("defaults", "off", "leave out the defaults of the server", None, _one_of("off")),
)

#: All of a file's URL, by name.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType({row[0]: Parameter(*row) for row in _ROWS})
