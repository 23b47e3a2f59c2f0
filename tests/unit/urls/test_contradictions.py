"""contradictions.py: which options make no sense together, and which do."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour.breaks import Breaks, Stall
from fakefiles.behaviour.change import Change
from fakefiles.behaviour.codings import Codings
from fakefiles.behaviour.dates import RETRY_AFTER as RETRY_AFTER_KIND
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
from fakefiles.behaviour.partial import Partial
from fakefiles.behaviour.redirects import LOOP, Redirects
from fakefiles.behaviour.substitute import Refusal, Substitute
from fakefiles.files.digests import ALGORITHMS
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_offset
from fakefiles.transfer.framing import Framing
from fakefiles.urls.contradictions import check
from fakefiles.urls.options import Options

RETRY_AFTER = "retry_after= goes with status= or with limit= and over=503 or 429"
LATER = RETRY_AFTER_KIND.parse("1")
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
    ({"substitute": Substitute(status=503), "false_digests": FalseDigests("all")}, "send no file to lie about"),
    ({"substitute": Substitute(status=503), "codings": Codings("br")}, "send no file to lie about"),
    ({"codings": Codings("br"), "lies": Lies(encoding="lie")}, "of coding= and encoding= only one can be"),
    ({"codings": Codings("br"), "digest": ALGORITHMS[0]}, "digest= is of the file, not of its coding="),
    ({"codings": Codings(negotiate="on")}, "negotiate= needs a coding=, or encoding=gzip"),
    ({"codings": Codings(negotiate="on"), "lies": Lies(encoding="lie")}, "negotiate= needs a coding="),
    ({"when": When(fail=1)}, "fail=, every= and chance= need something that goes wrong, like status=503"),
    (
        {"when": When(every=2), "pace": Pace(rate=1), "login": Login("basic", "u", "p")},
        "need something that goes wrong",
    ),
    ({"lies": Lies(length=Lie("none")), "framing": Framing.CHUNKED}, "length= goes with framing=length"),
    ({"lies": Lies(length=Lie("short", 1)), "framing": Framing.CLOSE}, "length= goes with framing=length"),
    ({"lies": Lies(lastchunk="off")}, "lastchunk= goes with framing=chunked"),
    ({"lies": Lies(lastchunk="off"), "framing": Framing.CLOSE}, "lastchunk= goes with framing=chunked"),
    ({"message": Message(http="1.0"), "framing": Framing.CHUNKED}, "HTTP/1.0 has no chunks: leave out http="),
    ({"message": Message(http="1.0"), "lies": Lies(length=Lie("both"))}, "HTTP/1.0 has no chunks: leave out http="),
    ({"message": Message(http="1.0", early=(103,))}, "HTTP/1.0 has no answers before the answer"),
    ({"message": Message(chunks="zeros")}, "chunks= goes with framing=chunked"),
    (
        {"message": Message(chunks="trailer"), "framing": Framing.CHUNKED, "lies": Lies(lastchunk="off")},
        "chunks=trailer comes behind the last chunk: leave out lastchunk=",
    ),
    ({"lies": Lies(encoding="gzip"), "pace": Pace(duration=1)}, "has no length that a duration= could divide"),
    ({"lies": Lies(encoding="gzip"), "asked": {"framing"}}, "encoding=gzip has no length: leave out framing=length"),
    ({"lies": Lies(encoding="gzip"), "digest": ALGORITHMS[0]}, "digest= is of the file, not of its encoding=gzip"),
    ({"substitute": Substitute(retry_after=LATER)}, RETRY_AFTER),
    (
        {"substitute": Substitute(retry_after=LATER), "limits": Limits(1, over="reset")},
        RETRY_AFTER,
    ),
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
    {"lies": Lies(lastchunk="off"), "framing": Framing.CHUNKED, "message": Message(chunks="huge")},
    {"message": Message(http="1.0"), "lies": Lies(length=Lie("twice", 1)), "framing": Framing.LENGTH},
    {"codings": Codings(negotiate="on"), "lies": Lies(encoding="gzip")},
    {"codings": Codings("br", negotiate="on"), "breaks": Breaks(reset=(parse_offset("1"),))},
    {"lies": Lies(encoding="gzip")},
    {"lies": Lies(encoding="gzip"), "asked": {"encoding"}, "pace": Pace(rate=1)},
    {"lies": Lies(encoding="gzip"), "asked": {"framing"}, "framing": Framing.CHUNKED},
    {"lies": Lies(encoding="lie"), "asked": {"framing"}, "pace": Pace(duration=1), "digest": ALGORITHMS[0]},
    {"substitute": Substitute(status=503), "lies": Lies(type="a/b")},
    {"substitute": Substitute(status=503, retry_after=LATER)},
    {"substitute": Substitute(retry_after=LATER), "limits": Limits(1)},
    {"when": When(fail=1), "limits": Limits(1)},
    {"redirects": Redirects(0, redirect_code=301), "signed": SIGNED},
    {"redirects": Redirects(redirect_host=("a",)), "signed": SIGNED},
    {"redirects": Redirects(redirect_to="/1", location="absolute")},
]


@pytest.mark.parametrize(("parts", "message"), NONSENSE, ids=str)
def test_nonsense(parts: dict[str, Any], message: str) -> None:
    """Contradictions are refused; test_query.py has more of them, as URLs."""
    with pytest.raises(RequestError, match=message):
        check(Options(**parts))
    check(Options(substitute=Substitute(status=503), lies=Lies(type="a/b")))


@pytest.mark.parametrize("parts", SENSE, ids=str)
def test_sense(parts: dict[str, Any]) -> None:
    """What only looks like a contradiction is not refused."""
    check(Options(**parts))
