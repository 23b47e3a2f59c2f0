"""ranges.py: Range headers, as tables and as properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.errors import RangeNotSatisfiableError
from fakefiles.files.units import MAX_SIZE
from fakefiles.http.ranges import (
    Multipart,
    begins_at,
    content_range,
    is_open,
    is_suffix,
    range_specs,
    requested_spans,
)
from fakefiles.transfer.span import Span

# Of a file of 100 bytes.
GOOD: dict[str, list[tuple[int, int]] | None] = {
    "bytes=0-0": [(0, 1)],
    "bytes=0-99": [(0, 100)],
    "bytes=0-": [(0, 100)],
    "bytes=99-": [(99, 100)],
    "bytes=50-1000": [(50, 100)],
    "bytes=0-99999999999999999999999999": [(0, 100)],
    "bytes=0-" + "9" * 10_000: [(0, 100)],
    "bytes=-1": [(99, 100)],
    "bytes=-100": [(0, 100)],
    "bytes=-900": [(0, 100)],
    "bytes=-" + "9" * 10_000: [(0, 100)],
    "bytes=00010-00011": [(10, 12)],
    "bytes=" + "0" * 10_000 + "5-9": [(5, 10)],  # of zeros in front, any number
    "BYTES=0-0": [(0, 1)],
    " bytes =0-0": [(0, 1)],
    "bytes=0-0,-1": [(0, 1), (99, 100)],
    "bytes= 0-0 ,\t10-19 ,": [(0, 1), (10, 20)],
    "bytes=,,0-0,,5-5,": [(0, 1), (5, 6)],
    "bytes=10-19,0-9": [(10, 20), (0, 10)],  # unordered, adjacent: as asked
    "bytes=0-9,0-9": [(0, 10)],
    "bytes=0-9,5-14": [(0, 15)],
    "bytes=50-59,0-9,55-70,5-14": [(50, 71), (0, 15)],
    "bytes=0-0,200-300": [(0, 1)],  # the unsatisfiable one is left out
    "bytes=200-,0-0": [(0, 1)],
    "bytes=0-0,-0": [(0, 1)],
    "bytes=" + ",".join(["0-99"] * 1000): [(0, 100)],
    "bytes=" + ",".join(f"{i}-{i + 1}" for i in range(99)): [(0, 100)],
    "items=0-5": None,
    "octets=0-5": None,
    "items=": None,
}
BAD = [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=abc",
    "bytes=5-2",
    "bytes=5-4",
    "bytes=5",
    "bytes=--5",
    "bytes=-5-",
    "bytes=0-1-2",
    "bytes=+1-2",
    "bytes=1 - 2",
    "bytes=0x0-0x5",
    "bytes=1.5-2",
    "bytes=1_0-20",
    "bytes=²-",
    "bytes=٣-",
    "bytes=0-0;5-6",
    "bytes=0-1, bytes=2-3",
    "bytes:0-1",
    "bytes=900-800",
    "bytes=0-0,5-2",
    "0-5",
]
UNSATISFIABLE = ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=100-,200-", "bytes=" + "9" * 10_000 + "-"]


@pytest.mark.parametrize(("header", "spans"), GOOD.items(), ids=lambda value: str(value)[:30])
def test_good(header: str, spans: list[tuple[int, int]] | None) -> None:
    """A header asks for these spans, in this order."""
    assert requested_spans(header, 100) == spans


@pytest.mark.parametrize("header", BAD, ids=ascii)
def test_malformed(header: str) -> None:
    """A malformed header is refused, with what would be right, and the file's size for Content-Range."""
    with pytest.raises(RangeNotSatisfiableError, match="not a Range header; write bytes=0-99") as caught:
        requested_spans(header, 100)
    assert caught.value.headers == {"Content-Range": "bytes */100"}


@pytest.mark.parametrize("header", UNSATISFIABLE, ids=lambda value: value[:20])
def test_unsatisfiable(header: str) -> None:
    """A header that asks for no byte of the file is refused."""
    with pytest.raises(RangeNotSatisfiableError, match="outside the file, which has 100 bytes"):
        requested_spans(header, 100)


@pytest.mark.parametrize(("header", "whole"), {"bytes=-5": True, "bytes=0-": False, "bytes=-0": False}.items())
def test_empty_file(header: str, whole: bool) -> None:  # noqa: FBT001
    """A suffix of an empty file is the whole of it; an offset in it does not exist."""
    if whole:
        assert requested_spans(header, 0) is None
    else:
        with pytest.raises(RangeNotSatisfiableError):
            requested_spans(header, 0)


def test_too_many() -> None:
    """As many as 256 apart are served; one more is refused."""
    apart = [f"{2 * i}-{2 * i}" for i in range(257)]
    assert len(requested_spans("bytes=" + ",".join(apart[:-1]), 10**6) or []) == 256
    with pytest.raises(RangeNotSatisfiableError, match="at most 256"):
        requested_spans("bytes=" + ",".join(apart), 10**6)


def test_largest_file() -> None:
    """Ranges reach to the end of the largest file."""
    assert requested_spans("bytes=-1", MAX_SIZE) == [(MAX_SIZE - 1, MAX_SIZE)]
    assert requested_spans(f"bytes={MAX_SIZE - 1}-", MAX_SIZE) == [(MAX_SIZE - 1, MAX_SIZE)]


@given(st.text(alphabet="bytes=0123456789-, \t;x", max_size=40), st.integers(0, 1000))
def test_any_header(header: str, size: int) -> None:
    """Any header gives spans inside the file, or None, or the one error."""
    try:
        result = requested_spans(header, size)
    except RangeNotSatisfiableError:
        return
    assert result is None or all(0 <= span.start < span.stop <= size for span in result)


def test_content_range() -> None:
    """The last byte of a span is told, not the one after it."""
    assert content_range(Span(5, 10), 100) == "bytes 5-9/100"


def test_multipart() -> None:
    """The framing of a multipart body is this, to the byte, and as long as it says."""
    multipart = Multipart([Span(0, 2), Span(5, 6)], 10, "text/plain")
    body = b"".join(part if isinstance(part, bytes) else b"x" * (part.stop - part.start) for part in multipart.parts())
    assert body == (
        b"--fakefiles-7f4d1c9be05a4e6c8b23\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\nxx"
        b"\r\n--fakefiles-7f4d1c9be05a4e6c8b23\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-5/10\r\n\r\nx"
        b"\r\n--fakefiles-7f4d1c9be05a4e6c8b23--\r\n"
    )
    assert multipart.length == len(body)
    assert multipart.content_type == "multipart/byteranges; boundary=fakefiles-7f4d1c9be05a4e6c8b23"


@pytest.mark.parametrize(
    ("header", "specs"),
    [
        ("bytes=0-9, -5 ,,7-", ["0-9", "-5", "7-"]),
        (" Bytes =x", ["x"]),
        ("bytes=", []),
        ("0-9", []),
        ("pages=1-2", None),
    ],
)
def test_specs(header: str, specs: list[str] | None) -> None:
    """The ranges of a field are told apart, whether they are valid or not; those of another unit are not ours."""
    assert range_specs(header) == specs


# A range, and whether it is a suffix, begins right after the last of 100 bytes, or goes from one of them to the end.
SORTS = [
    ("0-99", (False, False, False)),
    ("0-", (False, False, True)),
    ("99-", (False, False, True)),
    ("100-", (False, True, False)),
    ("0100-", (False, True, False)),
    ("100-100", (False, True, False)),
    ("100-99", (False, False, False)),  # malformed
    ("101-", (False, False, False)),
    ("-100", (True, False, False)),
    ("-0", (True, False, False)),
    ("-", (False, False, False)),
    ("x-", (False, False, False)),
    ("100", (False, False, False)),
]


@pytest.mark.parametrize(("spec", "sorts"), SORTS)
def test_sorts_of_ranges(spec: str, sorts: tuple[bool, bool, bool]) -> None:
    """Some ranges are special: the last bytes, none any more, all from here on."""
    assert (is_suffix(spec), begins_at(spec, 100), is_open(spec, 100)) == sorts


def test_parts_with_other_labels() -> None:
    """A part has the Content-Range that it is given, or none."""
    parts = list(
        Multipart([Span(0, 1), Span(5, 6)], 9, "a/b", lambda span, _: f"at {span.start}" * (span.start > 0)).parts()
    )
    assert (
        b"".join(part for part in parts if isinstance(part, bytes))
        == (
            f"--{Multipart.BOUNDARY}\r\nContent-Type: a/b\r\n\r\n"
            f"\r\n--{Multipart.BOUNDARY}\r\nContent-Type: a/b\r\nContent-Range: at 5\r\n\r\n"
            f"\r\n--{Multipart.BOUNDARY}--\r\n"
        ).encode()
    )
