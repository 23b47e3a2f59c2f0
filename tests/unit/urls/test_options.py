"""options.py: the properties of options, and which of them contradict each other."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from fakefiles.behaviour.breaks import Breaks
from fakefiles.behaviour.change import Change
from fakefiles.behaviour.codings import Codings
from fakefiles.behaviour.disposition import Disposition
from fakefiles.behaviour.false_digests import FalseDigests
from fakefiles.behaviour.fields import Field, Fields
from fakefiles.behaviour.head import Head
from fakefiles.behaviour.if_range import IfRange
from fakefiles.behaviour.lies import Lie, Lies
from fakefiles.behaviour.limits import Limits
from fakefiles.behaviour.links import Signed, Validity
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.message import Message
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.partial import Partial
from fakefiles.behaviour.redirects import Redirects
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


SIGNED = Signed(Validity(1))
# Options, and whether they are misbehaving, changing, plain, and counted.
PROPERTIES: list[tuple[dict[str, Any], tuple[bool, bool, bool, bool]]] = [
    ({}, (False, False, True, False)),
    ({"chunk_size": 1, "framing": Framing.CLOSE, "tag": "x"}, (False, False, True, False)),
    ({"breaks": Breaks(reset=(parse_offset("1"),))}, (True, True, False, False)),
    ({"substitute": Substitute(status=503)}, (True, True, False, False)),
    ({"lies": Lies(etag="weak")}, (True, True, False, False)),
    ({"disposition": Disposition("inline")}, (True, True, False, False)),
    ({"fields": Fields((Field(b"A", b"b"),))}, (True, True, False, False)),
    ({"codings": Codings("br")}, (True, True, False, False)),
    ({"false_digests": FalseDigests("all")}, (True, True, False, False)),
    ({"message": Message(skew=1)}, (True, True, False, False)),
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
    faulty = replace(options, lies=Lies(etag="none"), substitute=Substitute(Refusal.RESET), message=Message(skew=1))
    assert replace(faulty, false_digests=FalseDigests("all"), codings=Codings("br")).behaving() == options


@pytest.mark.parametrize(("lie", "stays"), [("fields", []), ("sidecar", ["sidecar"]), ("all", ["all"])])
def test_for_sidecar(lie: str, stays: list[str]) -> None:
    """A sidecar has none of the faults and lies of its file, but for a wrong digest in it."""
    plain = Options(pace=Pace(delay=1), when=When(fail=1))
    options = replace(plain, lies=Lies(etag="none"), message=Message(skew=1), false_digests=FalseDigests(lie))
    assert options.for_sidecar() == replace(plain, false_digests=FalseDigests(*stays))
