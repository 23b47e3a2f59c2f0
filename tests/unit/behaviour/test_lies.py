"""lies.py: lies of an answer about its file."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.behaviour.lies import Displaced, Lie, Lies
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import RULER
from fakefiles.files.virtual_file import LAST_MODIFIED, LAST_MODIFIED_TEXT
from fakefiles.transfer.framing import Framing
from fakefiles.transfer.span import Span

PARAMETERS = {each.name: each for each in parameters_of(Lies)}
PARSED = [
    ("ranges", "off", Lie("off")),
    ("ranges", "lie", Lie("lie")),
    ("ranges", "hidden", Lie("hidden")),
    ("ranges", "shift:1k", Lie("shift", 1024)),
    ("ranges", "shift:-1k", Lie("shift", -1024)),
    ("ranges", "mislabel:5", Lie("mislabel", 5)),
    ("ranges", "mislabel:-5", Lie("mislabel", -5)),
    ("length", "none", Lie("none")),
    ("length", "garbage", Lie("garbage")),
    ("length", "short:10", Lie("short", 10)),
    ("length", "long:1", Lie("long", 1)),
    ("etag", "none", "none"),
    ("etag", "weak", "weak"),
    ("etag", "rotate", "rotate"),
    ("modified", "none", "none"),
    ("modified", "garbage", "garbage"),
    ("modified", "2030-01-31", 1896048000),
    ("modified", "2030-01-31T12:00:01Z", 1896048000 + 12 * 3600 + 1),
    ("modified", "1000-01-01", -30610224000),
    ("modified", "9999-12-31", 253402214400),
    ("type", "text/html", "text/html"),
    ("type", "application/vnd.x+y-1;charset=utf-8", "application/vnd.x+y-1;charset=utf-8"),
    ("type", "text/html; charset=utf-8", "text/html; charset=utf-8"),
    ("encoding", "gzip", "gzip"),
    ("encoding", "lie", "lie"),
    ("lastchunk", "off", "off"),
]
_NO_RANGES = "one of off, lie, hidden, shift:BYTES, mislabel:BYTES"
_NO_LENGTH = "one of none, garbage, short:BYTES, long:BYTES"
_NO_RANGES = "one of off, lie, hidden, shift:BYTES, mislabel:BYTES"
_NO_LENGTH = "one of none, garbage, negative, both, short:BYTES, long:BYTES, spill:BYTES, twice:BYTES"
_NO_DATE = "none, garbage, or a date like 2030-01-31 or 2030-01-31T12:00:00Z"
_NO_TYPE = "a media type, like text/html or text/html;charset=utf-8"
REFUSED = [
    *(("ranges", text, _NO_RANGES) for text in ("", "off:", "off:5", "lie:5", "shift", "mislabel", "none", "short:5")),
    ("ranges", "shift:", "not a size"),
    ("ranges", "shift:--5", "not a size"),
    ("ranges", "shift:0", "at least 1 byte"),
    ("ranges", "shift:-0", "at least 1 byte"),
    *(("length", text, _NO_LENGTH) for text in ("", "none:5", "garbage:", "short", "long", "off", "shift:5")),
    ("length", "short:-5", "not a size"),
    ("length", "long:0", "at least 1 byte"),
    ("etag", "strong", "one of none, weak, rotate"),
    *(
        ("modified", text, _NO_DATE)
        for text in ("", "now", "2030-02-31", "2030-1-31", "0999-01-01", "2030-01-31T12:00Z")
    ),
    *(("modified", text, _NO_DATE) for text in ("2030-01-31T24:00:00Z", "2030-01-31 ", "٢030-01-31")),
    *(
        ("type", text, _NO_TYPE)
        for text in ("", "text", "text/", "/html", "text/html;q=1", "text/html\r\nX: y", "té/x")
    ),
    *(("type", text, _NO_TYPE) for text in ("a" * 101 + "/b", "a/" + "b" * 101, "a/b;charset=" + "c" * 41)),
    ("encoding", "br", "one of gzip, lie"),
    ("lastchunk", "on", "one of off"),
]


@pytest.mark.parametrize(("name", "text", "value"), PARSED)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError, match=f"^{name} is {re.escape(message)}"):
        PARAMETERS[name].read(text)


def test_what_help_says() -> None:
    """Help shows the words, and which of them need an amount."""
    assert PARAMETERS["ranges"].kind.takes == "off|lie|hidden|shift:SIZE|mislabel:SIZE"
    assert PARAMETERS["length"].kind.takes == ("none|garbage|negative|both|short:SIZE|long:SIZE|spill:SIZE|twice:SIZE")
    assert (PARAMETERS["modified"].kind.takes, PARAMETERS["type"].kind.takes) == ("none|garbage|DATE", "MEDIA-TYPE")
    assert PARAMETERS["lastchunk"].kind.keyword == "bool | str"


NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"encoding": "gzip", "ranges": Lie("off")}, "leave out ranges="),
    ({"encoding": "gzip", "length": Lie("none")}, "leave out length="),
    ({"lastchunk": "off", "length": Lie("none")}, "leave out one of them"),
]


@pytest.mark.parametrize(("fields", "message"), NONSENSE, ids=str)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(RequestError, match=re.escape(message)):
        Lies(**fields)


@pytest.mark.parametrize("fields", [{"lastchunk": "off"}, {"length": Lie("none")}, {"encoding": "gzip"}], ids=str)
def test_sense(fields: dict[str, Any]) -> None:
    """Each of them alone is no contradiction."""
    lies = Lies(**fields)
    assert {name: getattr(lies, name) for name in fields} == fields


# The lies, whether ranges are advertised, and whether they are served.
RANGES = [
    (Lies(), True, True),
    (Lies(ranges=Lie("off")), False, False),
    (Lies(ranges=Lie("lie")), True, False),
    (Lies(ranges=Lie("hidden")), False, True),
    (Lies(ranges=Lie("shift", 5)), True, True),
    (Lies(ranges=Lie("mislabel", 5)), True, True),
    (Lies(encoding="lie"), True, True),
    (Lies(encoding="gzip"), False, False),
]


@pytest.mark.parametrize(("lies", "advertised", "served"), RANGES, ids=str)
def test_ranges(lies: Lies, advertised: bool, served: bool) -> None:  # noqa: FBT001
    """A server may advertise ranges and not serve them."""
    assert (lies.advertises_ranges, lies.serves_ranges) == (advertised, served)


SHIFTED = [
    (10, Span(0, 5), Span(10, 15)),
    (-10, Span(50, 55), Span(40, 45)),
    (-10, Span(5, 9), Span(0, 4)),
    (10, Span(93, 98), Span(95, 100)),
    (1000, Span(0, 5), Span(95, 100)),
    (10, Span(0, 100), Span(0, 100)),  # no other range has this length
]


@pytest.mark.parametrize(("amount", "asked", "given_"), SHIFTED)
def test_shifted(amount: int, asked: Span, given_: Span) -> None:
    """Another range of the same length, within the file."""
    assert Lies(ranges=Lie("shift", amount)).displaced([asked], 100) == [given_]
    assert Lies(ranges=Lie("mislabel", amount)).displaced([asked], 100) == [asked]
    assert Lies().displaced([asked], 100) == [asked]


SHIFTED_OPEN = [
    (10, Span(40, 100), Span(50, 100)),
    (-10, Span(40, 100), Span(30, 100)),
    (10, Span(95, 100), Span(99, 100)),
    (-10, Span(5, 100), Span(0, 100)),
    (10, Span(0, 5), Span(10, 15)),  # another range of the same request
]


@pytest.mark.parametrize(("amount", "asked", "given_"), SHIFTED_OPEN)
def test_shifted_open(amount: int, asked: Span, given_: Span) -> None:
    """A range that was to go to the end still does: it is shorter or longer, and never empty."""
    assert Lies(ranges=Lie("shift", amount)).displaced([asked], 100, open_ended=True) == [given_]
    assert Lies().displaced([asked], 100, open_ended=True) == [asked]


@given(st.integers(-300, 300), st.integers(0, 99), st.integers(0, 100))
def test_mislabelled(amount: int, start: int, length: int) -> None:
    """The bytes are read N bytes further on; after the last byte of the file comes the first one."""
    length = min(length, 100 - start)
    content = Lies(ranges=Lie("mislabel", amount)).distort(RULER, 100)
    assert content.identity == "ruler-displaced"
    whole = RULER.read(0, 100)
    assert content.read(start, length) == bytes(whole[(start + i + amount) % 100] for i in range(length))


def test_content_without_a_lie() -> None:
    """With any other lie, the bytes are those of the file."""
    assert Lies(ranges=Lie("shift", 5)).distort(RULER, 100) is RULER
    assert Lies().distort(RULER, 100) is RULER
    assert isinstance(Lies(ranges=Lie("mislabel", 5)).distort(RULER, 100), Displaced)


ETAGS = [
    (Lies(), '"x-1"'),
    (Lies(etag="none"), ""),
    (Lies(etag="weak"), 'W/"x-1"'),
    (Lies(etag="rotate"), '"x-1-get7"'),
    (Lies(encoding="gzip"), 'W/"x-1-gzip"'),
    (Lies(encoding="lie"), '"x-1"'),
    (Lies(encoding="gzip", etag="rotate"), 'W/"x-1-gzip-get7"'),
    (Lies(encoding="gzip", etag="weak"), 'W/"x-1-gzip"'),
]


@pytest.mark.parametrize(("lies", "etag"), ETAGS, ids=str)
def test_etag(lies: Lies, etag: str) -> None:
    """The entity tag is missing, weak, or new each time. With gzip it differs from that of the file."""
    assert lies.etag_of('"x-1"', "get7") == etag


MODIFIED = [
    (Lies(), 1893456000, "Tue, 01 Jan 2030 00:00:00 GMT"),
    (Lies(modified=LAST_MODIFIED), LAST_MODIFIED, LAST_MODIFIED_TEXT),
    (Lies(modified="none"), None, ""),
    (Lies(modified="garbage"), None, "long ago"),
    (Lies(modified=0), 0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (Lies(modified=1893456000), 1893456000, "Tue, 01 Jan 2030 00:00:00 GMT"),
]


@pytest.mark.parametrize(("lies", "when", "text"), MODIFIED, ids=str)
def test_modified(lies: Lies, when: int | None, text: str) -> None:
    """A date, none, or something that is no date."""
    assert lies.last_modified(1893456000) == (when, text)


def test_the_truth_about_modified() -> None:
    """Without a lie, it is when the file was modified."""
    assert Lies().last_modified(LAST_MODIFIED) == (LAST_MODIFIED, LAST_MODIFIED_TEXT)


def test_lasting_etag() -> None:
    """Only a rotating ETag is of one answer alone."""
    lasting = [Lies(etag=etag).has_lasting_etag for etag in ("", "none", "weak", "rotate")]
    assert lasting == [True, True, True, False]


LENGTHS = [
    (Lie("short", 10), "90"),
    (Lie("short", 1000), "0"),
    (Lie("long", 10), "110"),
    (Lie("garbage"), "many"),
    (Lie("negative"), "-1"),
    (Lie("both"), "100"),
    (Lie("spill", 10), "90"),
    (Lie("twice", 1000), "0"),
]


@pytest.mark.parametrize(("lie", "told"), LENGTHS, ids=str)
def test_length(lie: Lie, told: str) -> None:
    """A wrong number, or something that is no number."""
    assert lie.of_length(100) == told


FRAMINGS = [
    (Lies(), Framing.LENGTH, Framing.LENGTH),
    (Lies(), Framing.CHUNKED, Framing.CHUNKED),
    (Lies(length=Lie("none")), Framing.LENGTH, Framing.CLOSE),
    (Lies(length=Lie("both")), Framing.LENGTH, Framing.CHUNKED),
    (Lies(length=Lie("short", 1)), Framing.LENGTH, Framing.LENGTH),
    (Lies(encoding="gzip"), Framing.LENGTH, Framing.CHUNKED),
    (Lies(encoding="gzip"), Framing.CLOSE, Framing.CLOSE),
    (Lies(encoding="lie"), Framing.LENGTH, Framing.LENGTH),
]


@pytest.mark.parametrize(("lies", "asked", "framing"), FRAMINGS, ids=str)
def test_framing(lies: Lies, asked: Framing, framing: Framing) -> None:
    """Where the length is unknown, it cannot frame the body."""
    assert lies.framing(asked) is framing


def test_in_headers() -> None:
    """The journal has the lies as the URL writes them."""
    lies = Lies(ranges=Lie("shift", -5), etag="weak", modified=0, type="a/b", encoding="lie")
    assert lies.in_headers() == ["etag=weak", "modified=0", "type=a/b", "encoding=lie"]
    assert (str(lies.ranges), str(Lie("off"))) == ("shift:-5", "off")
    assert Lies().in_headers() == []
