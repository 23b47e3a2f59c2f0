"""options.py: the properties of options, and which of them contradict each other."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from fakefiles.behaviour.breaks import Breaks, Stall
from fakefiles.behaviour.change import Change
from fakefiles.behaviour.disposition import Disposition
from fakefiles.behaviour.fields import Field, Fields
from fakefiles.behaviour.head import Head
from fakefiles.behaviour.if_range import IfRange
from fakefiles.behaviour.lies import Lie, Lies
from fakefiles.behaviour.limits import Limits
from fakefiles.behaviour.links import Signed, Validity
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.partial import Partial
from fakefiles.behaviour.redirects import LOOP, Redirects
from fakefiles.behaviour.substitute import Refusal, Substitute
from fakefiles.files.digests import ALGORITHMS
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import KINDS, ONES
from fakefiles.files.units import parse_offset
from fakefiles.transfer.framing import Framing
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
    assert set(PARTS) == {each.name for each in fields(Options) if not each.metadata} - {"asked", "scheduled"}
    assert next(iter(PARTS)) == "pace"


RETRY_AFTER = "retry_after= goes with status= or with limit= and over=503 or 429"
SIGNED = Signed(Validity(1))
AT_OFFSETS = "send no file in which something could happen"
NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"substitute": Substitute(Refusal.CLOSE), "breaks": Breaks(reset=(parse_offset("1"),))}, AT_OFFSETS),
    ({"substitute": Substitute(status=503), "breaks": Breaks(flip=(parse_offset("1"),))}, AT_OFFSETS),
    ({"substitute": Substitute(status=503), "breaks": Breaks(stall=(Stall(parse_offset("0")),))}, AT_OFFSETS),
    ({"substitute": Substitute(Refusal.CLOSE), "lies": Lies(type="a/b")}, "send no file to lie about"),
    ({"substitute": Substitute(status=503), "lies": Lies(etag="weak")}, "send no file to lie about"),
    ({"substitute": Substitute(status=503), "lies": Lies(type="a/b", etag="weak")}, "send no file to lie about"),
    ({"substitute": Substitute(status=503), "partial": Partial(suffix="501")}, "send no file to lie about"),
    ({"substitute": Substitute(Refusal.CLOSE), "head": Head(Lie("405"))}, "send no file to lie about"),
    ({"lies": Lies(ranges=Lie("off")), "partial": Partial(at_end="206")}, "leave out ranges=off, ranges=lie or"),
    ({"lies": Lies(ranges=Lie("lie")), "partial": Partial(Lie("cap", 1))}, "need ranges"),
    ({"lies": Lies(encoding="gzip"), "partial": Partial(several="200")}, "need ranges"),
    ({"lies": Lies(ranges=Lie("shift", 5)), "partial": Partial(Lie("whole"))}, "leave out ranges=shift"),
    ({"substitute": Substitute(status=503), "if_range": IfRange("never")}, "send no file to lie about"),
    ({"when": When(fail=1), "change": Change(2)}, "need something that goes wrong"),
    ({"substitute": Substitute(Refusal.HEADERS), "disposition": Disposition("bare")}, "refuse= sends no answer that"),
    ({"substitute": Substitute(Refusal.RESET), "fields": Fields((Field(b"A", b"b"),))}, "refuse= sends no answer that"),
    ({"when": When(fail=1)}, "fail=, every= and chance= need something that goes wrong, like status=503"),
    (
        {"when": When(every=2), "pace": Pace(rate=1), "login": Login("basic", "u", "p")},
        "need something that goes wrong",
    ),
    ({"lies": Lies(length=Lie("none")), "framing": Framing.CHUNKED}, "length= goes with framing=length"),
    ({"lies": Lies(length=Lie("short", 1)), "framing": Framing.CLOSE}, "length= goes with framing=length"),
    ({"lies": Lies(lastchunk="off")}, "lastchunk= goes with framing=chunked"),
    ({"lies": Lies(lastchunk="off"), "framing": Framing.CLOSE}, "lastchunk= goes with framing=chunked"),
    ({"lies": Lies(encoding="gzip"), "pace": Pace(duration=1)}, "has no length that a duration= could divide"),
    ({"lies": Lies(encoding="gzip"), "asked": {"framing"}}, "encoding=gzip has no length: leave out framing=length"),
    ({"lies": Lies(encoding="gzip"), "digest": ALGORITHMS[0]}, "digest= is of the file, not of its encoding=gzip"),
    ({"substitute": Substitute(retry_after=1)}, RETRY_AFTER),
    ({"substitute": Substitute(retry_after=1), "limits": Limits(1, over="reset")}, RETRY_AFTER),
    ({"redirects": Redirects(redirect_code=301)}, "redirect_code=, redirect_host= and location= go with redirect="),
    ({"redirects": Redirects(LOOP), "signed": SIGNED}, "redirect=loop never comes to the link of signed="),
    ({"redirects": Redirects(redirect_to="/1"), "signed": SIGNED}, "redirect_to= leads elsewhere than signed="),
]
SENSE: list[dict[str, Any]] = [
    {},
    {"when": When(fail=1), "lies": Lies(etag="weak")},
    {"when": When(fail=1), "breaks": Breaks(reset=(parse_offset("1"),))},
    {"when": When(fail=1), "substitute": Substitute(status=503)},
    {"lies": Lies(length=Lie("none"))},
    {"lies": Lies(ranges=Lie("off")), "partial": Partial(content_range=Lie("in-200"))},
    {"lies": Lies(ranges=Lie("hidden")), "partial": Partial(Lie("whole"))},
    {"lies": Lies(ranges=Lie("mislabel", 5)), "partial": Partial(Lie("whole"))},
    {"lies": Lies(ranges=Lie("shift", 5)), "partial": Partial(Lie("cap", 5))},
    {"when": When(fail=1), "head": Head(Lie("hang"))},
    {"substitute": Substitute(status=503), "disposition": Disposition("bare"), "fields": Fields((Field(b"A", b""),))},
    {"lies": Lies(lastchunk="off"), "framing": Framing.CHUNKED},
    {"lies": Lies(encoding="gzip")},
    {"lies": Lies(encoding="gzip"), "asked": {"encoding"}, "pace": Pace(rate=1)},
    {"lies": Lies(encoding="gzip"), "asked": {"framing"}, "framing": Framing.CHUNKED},
    {"lies": Lies(encoding="lie"), "asked": {"framing"}, "pace": Pace(duration=1), "digest": ALGORITHMS[0]},
    {"substitute": Substitute(status=503), "lies": Lies(type="a/b")},
    {"substitute": Substitute(status=503, retry_after=1)},
    {"substitute": Substitute(retry_after=1), "limits": Limits(1)},
    {"when": When(fail=1), "limits": Limits(1)},
    {"redirects": Redirects(0, redirect_code=301), "signed": SIGNED},
    {"redirects": Redirects(redirect_host=("a",)), "signed": SIGNED},
    {"redirects": Redirects(redirect_to="/1", location="absolute")},
]


@pytest.mark.parametrize(("parts", "message"), NONSENSE, ids=str)
def test_nonsense(parts: dict[str, Any], message: str) -> None:
    """Contradictions are refused; test_query.py has more of them, as URLs."""
    with pytest.raises(RequestError, match=message):
        Options(**parts).check()
    Options(substitute=Substitute(status=503), lies=Lies(type="a/b")).check()


@pytest.mark.parametrize("parts", SENSE, ids=str)
def test_sense(parts: dict[str, Any]) -> None:
    """What only looks like a contradiction is not refused."""
    Options(**parts).check()


# Options, and whether they are misbehaving, changing, plain, and counted.
PROPERTIES: list[tuple[dict[str, Any], tuple[bool, bool, bool, bool]]] = [
    ({}, (False, False, True, False)),
    ({"chunk_size": 1, "framing": Framing.CLOSE, "tag": "x"}, (False, False, True, False)),
    ({"breaks": Breaks(reset=(parse_offset("1"),))}, (True, True, False, False)),
    ({"substitute": Substitute(status=503)}, (True, True, False, False)),
    ({"lies": Lies(etag="weak")}, (True, True, False, False)),
    ({"disposition": Disposition("inline")}, (True, True, False, False)),
    ({"fields": Fields((Field(b"A", b"b"),))}, (True, True, False, False)),
    ({"lies": Lies(etag="rotate")}, (True, True, False, True)),
    ({"partial": Partial(suffix="501")}, (True, True, False, False)),
    ({"head": Head(Lie("405"))}, (True, True, False, False)),
    ({"login": Login("basic", "u", "p")}, (False, True, False, False)),
    ({"redirects": Redirects(1)}, (False, True, False, False)),
    ({"change": Change(2)}, (False, True, False, False)),
    ({"change": Change("call")}, (False, True, False, False)),
    ({"if_range": IfRange("ignore")}, (True, True, False, False)),
    ({"if_range": IfRange("honour")}, (False, False, True, False)),
    ({"signed": SIGNED}, (False, True, False, False)),
    ({"limits": Limits(1)}, (True, True, False, False)),
    ({"pace": Pace(rate=1)}, (False, False, False, False)),
    ({"pace": Pace(jitter=1)}, (False, False, False, True)),
    ({"when": When(fail=1)}, (False, False, False, True)),
]


@pytest.mark.parametrize(("parts", "properties"), PROPERTIES, ids=str)
def test_properties(parts: dict[str, Any], properties: tuple[bool, bool, bool, bool]) -> None:
    """From the parts follows whether something goes wrong, may be kept, goes at full speed, and needs counting."""
    options = Options(**parts)
    assert (options.misbehaving, options.changing, options.plain, options.counted) == properties
    assert options.guarded is bool({"login", "redirects", "signed"} & parts.keys())


PARAMETERS = {each.name: each for each in parameters_of(Options)}


def test_without_a_query() -> None:
    """An ordinary file: ones, with a length, in chunks of 128 KiB if at all; and a checksum file beside it."""
    options = Options()
    assert (options.content, options.seed, options.chunk_size, options.framing) == (ONES, 0, 131_072, Framing.LENGTH)
    assert (options.sidecar, options.digest, options.tag, options.asked) == (True, None, "", ())
    assert Options(asked={"tag"}) == options  # it matters what is asked for, not where


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("content", "whatever", "whatever"),
        ("seed", "0", 0),
        ("seed", "18446744073709551615", 2**64 - 1),
        ("chunk_size", "1k", 1024),
        ("framing", "length", Framing.LENGTH),
        ("framing", "chunked", Framing.CHUNKED),
        ("framing", "close", Framing.CLOSE),
        ("sidecar", "off", False),
        ("digest", "sha-256", ALGORITHMS[0]),
        ("digest", "md5", ALGORITHMS[3]),
        ("tag", "a:b", "a:b"),
    ],
)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter that belongs to no part means this."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("seed", "18446744073709551616", "seed is a whole number from 0 to 18446744073709551615"),
        ("chunk_size", "0", "chunk_size is at least 1 byte"),
        ("framing", "none", "framing is one of length, chunked, close"),
        ("sidecar", "no", "sidecar is on or off"),
        ("digest", "crc32", "digest is one of sha-256, sha-512, sha, md5"),
        ("tag", "", "tag is 1 to 64 letters, digits and any of ._~:-"),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError) as caught:
        PARAMETERS[name].read(text)
    assert str(caught.value) == message


def test_what_only_a_url_has() -> None:
    """What names the file or the request is for a URL only; help has the kinds of content."""
    assert {name for name, each in PARAMETERS.items() if each.url_only} == {"content", "seed", "sidecar", "tag"}
    assert PARAMETERS["content"].kind.takes == "|".join(KINDS)


def test_behaving() -> None:
    """Options that are no misbehaviour stay."""
    options = Options(pace=Pace(delay=1), login=Login("basic", "u", "p"), redirects=Redirects(1))
    assert replace(options, lies=Lies(etag="none"), substitute=Substitute(Refusal.RESET)).behaving() == options
    assert replace(options, partial=Partial(suffix="501"), head=Head(Lie("405"))).behaving() == options
    options = Options(pace=Pace(delay=1), login=Login("basic", "u", "p"), redirects=Redirects(1), change=Change(2))
    wrong = replace(options, lies=Lies(etag="none"), substitute=Substitute(Refusal.RESET), if_range=IfRange("never"))
    assert wrong.behaving() == options
    options = Options(pace=Pace(delay=1), login=Login("basic", "u", "p"), redirects=Redirects(1), signed=SIGNED)
    faults: dict[str, Any] = {"lies": Lies(etag="none"), "substitute": Substitute(Refusal.RESET), "limits": Limits(1)}
    assert replace(options, **faults).behaving() == options
    spelled = replace(options, disposition=Disposition("bare"), fields=Fields((Field(b"A", b"b"),)))
    assert spelled.behaving() == options
    assert (spelled.has_fields, options.has_fields) == (True, False)
