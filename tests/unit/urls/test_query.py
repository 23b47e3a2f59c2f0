"""query.py: queries, as tables; profiles and defaults beneath them; settings that could not be served."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from fractions import Fraction

import pytest

from fakefiles.behaviour.breaks import Breaks
from fakefiles.behaviour.dates import RetryAfter
from fakefiles.behaviour.disposition import Disposition
from fakefiles.behaviour.fields import Field, Fields
from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.substitute import Substitute
from fakefiles.files.content import Content, Tile
from fakefiles.files.digests import BY_FIELD
from fakefiles.files.errors import NotAllowedError, RequestError
from fakefiles.files.kinds import ONES, RULER, ZEROS, Random
from fakefiles.files.units import Offset, parse_offset
from fakefiles.transfer.framing import Framing
from fakefiles.urls import query as query_module
from fakefiles.urls.options import Options
from fakefiles.urls.query import check_settings, checked_settings, parse_query, tag_of
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

SHA256 = BY_FIELD["sha-256"]

# Queries, and what they mean.
QUERIES = {
    "": Options(),
    "content=ones": Options(),
    "content=zeros": Options(content=ZEROS),
    "framing=length": Options(),
    "framing=chunked": Options(framing=Framing.CHUNKED),
    "framing=close": Options(framing=Framing.CLOSE),
    "chunk_size=1": Options(chunk_size=1),
    "chunk_size=10240": Options(chunk_size=10240),
    "chunk_size=64k": Options(chunk_size=65536),
    "chunk_size=1t": Options(chunk_size=2**40),
    "framing=chunked&chunk_size=7&content=zeros": Options(content=ZEROS, chunk_size=7, framing=Framing.CHUNKED),
    "%63ontent=%7Aeros": Options(content=ZEROS),
    "content=ruler": Options(content=RULER),
    "content=random": Options(content=Random(0)),
    "content=random&seed=7": Options(content=Random(7), seed=7),
    f"seed={2**64 - 1}&content=random": Options(content=Random(2**64 - 1), seed=2**64 - 1),
    "sidecar=on": Options(),
    "digest=sha-256": Options(digest=SHA256),
    "tag=a": Options(tag="a"),
    "rate=1k&delay=2": Options(pace=Pace(rate=1024, delay=2)),
    "reset=1": Options(breaks=Breaks(reset=(Offset(Fraction(1)),))),
    "etag=weak&user=u&password=p&auth=basic": Options(lies=Lies(etag="weak"), login=Login("basic", "u", "p")),
    "status=503&fail=2": Options(substitute=Substitute(status=503), when=When(fail=2)),
    "status=503&type=text/html": Options(substitute=Substitute(status=503), lies=Lies(type="text/html")),
    "status=503&chance=.5&seed=7": Options(seed=7, substitute=Substitute(status=503), when=When(chance=0.5)),
    "chance=0&status=503&seed=7": Options(seed=7, substitute=Substitute(status=503), when=When(chance=0)),
    "jitter=1&seed=7&content=random": Options(Random(7), seed=7, pace=Pace(jitter=1)),
    "header=A:b": Options(fields=Fields((Field(b"A", b"b"),))),
    "header=A:b&status=503&header=A:c": Options(
        substitute=Substitute(status=503), fields=Fields((Field(b"A", b"b"), Field(b"A", b"c")))
    ),
    "disposition=utf8&filename=%C3%A9": Options(disposition=Disposition("utf8", "\u00e9")),
    "defaults=off": Options(),
    "profile=bad-mirror": Options(breaks=Breaks(flip=(parse_offset("20%"), parse_offset("80%")))),
    "profile=slow-dsl&rate=1": Options(pace=Pace(rate=1, delay=0.06, jitter=0.02)),
    "profile=slow-dsl&duration=1": Options(pace=Pace(duration=1, delay=0.06, jitter=0.02)),
    "profile=overloaded&every=3": Options(
        pace=Pace(delay=1), substitute=Substitute(status=503, retry_after=RetryAfter("1")), when=When(every=3)
    ),
    "encoding=gzip&framing=close": Options(framing=Framing.CLOSE, lies=Lies(encoding="gzip")),
    "lastchunk=off&framing=chunked": Options(framing=Framing.CHUNKED, lies=Lies(lastchunk="off")),
}
BAD_QUERIES = {
    "contents=ones": "unknown query parameter",
    "sead=1&rates=2": "2 unknown query parameter",
    "seed=1": "a seed goes with content=random, chance= or jitter= only",
    "content=ruler&seed=1": "a seed goes with content=random, chance= or jitter= only",
    "content=random&seed=-1": "seed is a whole number from 0 to 18446744073709551615",
    "content=random&seed=x": "seed is a whole number",
    "content=random&seed=": "seed is a whole number",
    "content=random&seed=1.5": "seed is a whole number",
    "content=random&seed=\u0663": "seed is a whole number",
    f"content=random&seed={2**64}": "seed is a whole number",
    "content=random&seed=" + "9" * 10_000: "seed is a whole number",
    "sidecar=no": "sidecar is on or off",
    "digest=sha256": "digest is one of sha-256, sha-512, sha, md5",
    "Content=ones": "unknown query parameter",
    "=": "unknown query parameter",
    "content=ones&content=ones": "repeated",
    "header=A:b&header=A:b&rate=1&rate=1": "repeated",
    "a=1&a=1": "1 unknown query parameter",
    "&".join(["header=A:b"] * 21): "header= can be there 20 times",
    "&".join(["header=A:b"] * 200): "too many query parameters",
    "filename=a": "filename= goes with disposition=",
    "&".join(f"a{number}=" for number in range(4000)): "^too many query parameters; there are content, [a-z, _]*$",
    "content=twos": "content is one of ones, zeros, ruler, random",
    "content=": "content is one of ones, zeros, ruler, random",
    "content=ONES": "content is one of ones, zeros, ruler, random",
    "content=%FF": "content is one of ones, zeros, ruler, random",
    "framing=none": "framing is one of length, chunked, close",
    "chunk_size=": "chunk_size is not a size",
    "chunk_size=0": "chunk_size is at least 1 byte",
    "chunk_size=-1": "chunk_size is not a size",
    "chunk_size=1.5": "chunk_size is not a whole number",
    "chunk_size=" + "9" * 10_000: "chunk_size is too large",
    "content": "malformed query",
    "&": "malformed query",
    "content=ones&": "malformed query",
    "content=ones;framing=close": "content is one of",
    "tag=": "tag is 1 to 64 letters",
    "rate=x": "rate is not a size",
    "rate=1&duration=1": "of duration, rate only one can be; leave out the others",
    "fail=1&every=1&status=503": "of chance, every, fail only one can be",
    "fail=1": "fail=, every= and chance= need something that goes wrong, like status=503",
    "chance=.5&rate=1": "need something that goes wrong",
    "status=503&etag=weak": "status= and refuse= send no file to lie about",
    "refuse=reset&type=a/b": "status= and refuse= send no file to lie about",
    "status=503&reset=1": "send no file in which something could happen at an offset",
    "bucket=x": "bucket= shares a rate: say rate= too",
    "length=none&framing=chunked": "length= goes with framing=length",
    "lastchunk=off": "lastchunk= goes with framing=chunked",
    "lastchunk=off&framing=close": "lastchunk= goes with framing=chunked",
    "encoding=gzip&framing=length": "encoding=gzip has no length: leave out framing=length",
    "encoding=gzip&duration=1": "has no length that a duration= could divide",
    "encoding=gzip&digest=md5": "digest= is of the file, not of its encoding=gzip",
    "auth=basic": "auth=, user= and password= go together",
    "auth=bearer": "auth=bearer and token= go together",
    "redirect_code=301": "redirect_code=, redirect_host= and location= go with redirect=",
    "signature=x": "expired=, leak= and signature= go with signed=",
    "profile=none": "profile is one of slow-dsl, flaky-mobile",
    "jitter=0&seed=1": "a seed goes with content=random, chance= or jitter= only",
}


@pytest.mark.parametrize(("query", "options"), QUERIES.items(), ids=str)
def test_query(query: str, options: Options) -> None:
    """A query means these options."""
    assert parse_query(query, Settings()) == options


DEFAULTS: list[tuple[Settings, str, Content]] = [
    (Settings(content="ruler"), "", RULER),
    (Settings(content="ruler"), "content=ones", ONES),
    (Settings(content="ruler"), "content=random", Random(0)),
    (Settings(content="random", seed=5), "", Random(5)),
    (Settings(content="random", seed=5), "chunk_size=1", Random(5)),
    (Settings(content="random", seed=5), "content=random", Random(5)),
    (Settings(content="random", seed=5), "seed=6", Random(6)),
    (Settings(content="random", seed=5), "content=zeros", ZEROS),
    (Settings(contents={"mine": Tile("mine", b"x")}), "content=mine", Tile("mine", b"x")),
    (Settings(content="mine", contents={"mine": Tile("mine", b"x")}), "", Tile("mine", b"x")),
]


@pytest.mark.parametrize(("settings", "query", "content"), DEFAULTS, ids=str)
def test_default_content(settings: Settings, query: str, content: Content) -> None:
    """The server's default holds until the URL says otherwise."""
    assert parse_target(["10"], query, settings).file.content == content


@pytest.mark.parametrize(("query", "message"), BAD_QUERIES.items(), ids=lambda value: ascii(value)[:30])
def test_bad_query(query: str, message: str) -> None:
    """A query that is unknown, repeated or malformed is refused with what would be right."""
    with pytest.raises(RequestError, match=message) as caught:
        parse_query(query, Settings())
    assert caught.value.status == 400


MINE = {"mine": "rate=1&reset=50%"}
# Defaults, a query, and the resulting options.
LAYERS = {
    ("header=A:1&header=B:2&rate=1", "header=C:3"): Options(pace=Pace(rate=1), fields=Fields((Field(b"C", b"3"),))),
    ("header=A:1&header=B:2", ""): Options(fields=Fields((Field(b"A", b"1"), Field(b"B", b"2")))),
    ("rate=1k", ""): Options(pace=Pace(rate=1024)),
    ("rate=1k", "rate=2k"): Options(pace=Pace(rate=2048)),
    ("rate=1k", "delay=1"): Options(pace=Pace(rate=1024, delay=1)),
    ("rate=1k", "duration=1"): Options(pace=Pace(duration=1)),
    ("rate=1k&reset=1", "fail=2"): Options(
        pace=Pace(rate=1024), breaks=Breaks(reset=(Offset(Fraction(1)),)), when=When(fail=2)
    ),
    ("rate=1k", "defaults=off"): Options(),
    ("rate=1k", "defaults=off&delay=1"): Options(pace=Pace(delay=1)),
    ("profile=mine", ""): Options(pace=Pace(rate=1), breaks=Breaks(reset=(parse_offset("50%"),))),
    ("profile=mine&rate=2", "profile=short-mirror"): Options(
        pace=Pace(rate=2), breaks=Breaks(reset=(parse_offset("50%"),), close=(parse_offset("50%"),))
    ),
    ("rate=2", "profile=mine"): Options(pace=Pace(rate=1), breaks=Breaks(reset=(parse_offset("50%"),))),
    ("framing=chunked&chunk_size=1", ""): Options(framing=Framing.CHUNKED, chunk_size=1),
}


@pytest.mark.parametrize(("queries", "options"), LAYERS.items(), ids=str)
def test_defaults_and_profiles(queries: tuple[str, str], options: Options) -> None:
    """The URL wins over its profile, and that over the defaults; rivals replace each other."""
    defaults, query = queries
    assert parse_query(query, Settings(defaults=defaults, profiles=MINE)) == options


def test_asked() -> None:
    """Options know which parameters are in the URL itself."""
    options = parse_query("delay=1&profile=bad-mirror", Settings(defaults="rate=1"))
    assert set(options.asked) == {"delay", "profile"}


def test_no_faults() -> None:
    """With --no-faults, misbehaviour in the URL is refused; in the defaults, it is allowed."""
    settings = Settings(faults=False, defaults="rate=1")
    for query in ("rate=2", "status=503", "etag=none", "auth=basic", "fail=1", "profile=slow-dsl", "defaults=off"):
        with pytest.raises(NotAllowedError, match="--no-faults") as caught:
            parse_query(query, settings)
        assert caught.value.status == 403
    assert parse_query("framing=chunked&tag=x", settings).pace == Pace(rate=1)


BAD_SETTINGS = [
    (Settings(content="nothing"), "content is one of"),
    (Settings(defaults="rate=x"), "the defaults: rate is not a size"),
    (Settings(defaults="content=ones"), "the defaults: content= is for a URL only"),
    (Settings(defaults="defaults=off"), "the defaults: defaults= is for a URL only"),
    (Settings(defaults="tag=a"), "the defaults: tag= is for a URL only"),
    (Settings(defaults="fail=1"), "the defaults: fail=, every="),
    (Settings(defaults="profile=nothing"), "the defaults: profile is one of"),
    (Settings(profiles={"a": "rate=1&rate=1"}), "the profile a: a query parameter is repeated"),
    (Settings(profiles={"a": "rate=0"}), "the profile a: rate is at least 1 byte"),
    (Settings(profiles={"a": "seed=1&jitter=1"}), "the profile a: seed= is for a URL only"),
    (Settings(profiles={"a": "profile=b", "b": "rate=1"}), "the profile a: it names another profile"),
]


@pytest.mark.parametrize(("settings", "message"), BAD_SETTINGS, ids=str)
def test_bad_settings(settings: Settings, message: str) -> None:
    """Settings that fit no URL are refused at the start."""
    with pytest.raises(RequestError, match=message):
        check_settings(settings)


def test_good_settings() -> None:
    """Valid settings raise nothing."""
    settings = Settings(defaults="profile=mine&delay=1", profiles=MINE, faults=False)
    check_settings(settings)
    assert parse_query("", settings).pace == Pace(rate=1, delay=1)


def test_tag_of_a_bad_query() -> None:
    """The tag is found in any query."""
    assert tag_of("rate=x&tag=a") == "a"
    assert tag_of("rate=1") == ""


def test_a_redirect_that_would_lead_to_a_refusal() -> None:
    """A server whose own redirects it would refuse does not start."""
    with pytest.raises(RequestError, match="redirect= leads to URLs with redirect=, which --no-faults refuses"):
        check_settings(Settings(faults=False, defaults="redirect=1"))
    with pytest.raises(RequestError, match="signed= leads to URLs with signature=, which --no-faults refuses"):
        check_settings(Settings(faults=False, defaults="signed=1"))
    check_settings(Settings(defaults="redirect=1&signed=1"))


@pytest.mark.parametrize(("query", "question"), [("contents=zeros", " (did you mean content?)"), ("xyzzy=1", "")])
def test_what_was_meant(query: str, question: str) -> None:
    """For an unknown parameter, the error suggests a similar one."""
    with pytest.raises(RequestError) as caught:
        parse_query(query, Settings())
    assert str(caught.value).startswith(f"1 unknown query parameter(s){question}; there are content,")


def test_few_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many unknown parameters, only three with short names are compared with ours. The answer stays short."""
    compared: list[str] = []

    def matches(word: str, possibilities: Iterable[str], n: int) -> list[str]:
        compared.append(word)
        return get_close_matches(word, possibilities, n)

    monkeypatch.setattr(query_module, "get_close_matches", matches)
    names = [f"rate{number:02}" for number in range(20)]
    with pytest.raises(RequestError) as caught:
        parse_query("&".join(f"{name}=" for name in ["a" * 10_000, *names]), Settings())
    assert compared == names[:3]
    assert str(caught.value).startswith("21 unknown query parameter(s) (did you mean rate?); there are")
    assert len(str(caught.value)) < 1000


def test_keywords() -> None:
    """Settings are made from keywords; None means the default; an unknown keyword raises TypeError."""
    settings = checked_settings(content="ruler", seed=None, contents=None, profiles={"mine": "rate=1"})
    assert settings == Settings(content="ruler", profiles={"mine": "rate=1"})
    with pytest.raises(TypeError, match="kontent"):
        checked_settings(kontent="ruler")
    with pytest.raises(RequestError, match="content is one of"):
        checked_settings(content="nothing")
