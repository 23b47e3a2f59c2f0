"""partial.py: which bytes a 206 has, how they are labelled, and which ranges are refused."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.lies import Lie
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.partial import NO_PARTIAL, Partial
from fakefiles.files.errors import RequestError
from fakefiles.transfer.body import Note, Step
from fakefiles.transfer.span import Span

PARAMETERS = {each.name: each for each in parameters_of(Partial)}

PARSED = [
    ("partial", "whole", Lie("whole")),
    ("partial", "multipart", Lie("multipart")),
    ("partial", "cap:1k", Lie("cap", 1024)),
    ("partial", "overrun:5", Lie("overrun", 5)),
    *(
        ("content_range", text, Lie(text))
        for text in ("none", "star", "open", "inverted", "equals", "nounit", "capital", "garbage", "in-200")
    ),
    ("content_range", "short:5", Lie("short", 5)),
    ("content_range", "long:5", Lie("long", 5)),
    *(("several", text, text) for text in ("501", "200", "first", "merged")),
    *(("suffix", text, text) for text in ("501", "500", "404", "400", "200")),
    *(("at_end", text, text) for text in ("206", "206-open", "206-inverted", "206-star", "200")),
]
_NO_PARTIAL = "one of whole, multipart, cap:BYTES, overrun:BYTES"
_NO_LABEL = "one of none, star, open, inverted, equals, nounit, capital, garbage, in-200, short:BYTES, long:BYTES"
REFUSED = [
    *(("partial", text, _NO_PARTIAL) for text in ("", "cap", "whole:5", "all", "cap:5\r\n"[:3])),
    ("partial", "cap:0", "at least 1 byte"),
    ("partial", "cap:-1", "not a size"),
    ("partial", "overrun:5\r\n", "not a size"),
    *(("content_range", text, _NO_LABEL) for text in ("", "star:1", "long", "bytes 0-1/2", "none\r\nX: y")),
    ("content_range", "long:0", "at least 1 byte"),
    ("several", "206", "one of 501, 200, first, merged"),
    ("suffix", "206", "one of 501, 500, 404, 400, 200"),
    ("at_end", "416", "one of 206, 206-open, 206-inverted, 206-star, 200"),
]


@pytest.mark.parametrize(("name", "text", "value"), PARSED)
def test_parsed(name: str, text: str, value: object) -> None:
    """A parameter of a URL means this."""
    assert PARAMETERS[name].read(text) == value
    assert str(value) in {text, "cap:1024"}


@pytest.mark.parametrize(("name", "text", "message"), REFUSED, ids=ascii)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError) as caught:
        PARAMETERS[name].read(text)
    assert str(caught.value).startswith(f"{name} is {message}")


# Of a file of 100 bytes: the parameter, the ranges asked for, and what the 206 has.
PICKED = [
    (None, [(0, 10)], [(0, 10)]),
    (Lie("multipart"), [(0, 10)], [(0, 10)]),
    (Lie("overrun", 5), [(0, 10)], [(0, 10)]),
    (Lie("whole"), [(50, 60)], [(0, 100)]),
    (Lie("whole"), [(50, 60), (0, 1)], [(0, 100)]),
    (Lie("cap", 10), [(50, 60)], [(50, 60)]),
    (Lie("cap", 10), [(50, 61)], [(50, 60)]),
    (Lie("cap", 10), [(50, 100)], [(50, 60)]),
    (Lie("cap", 10), [(50, 54), (0, 50), (60, 99)], [(50, 54), (0, 6)]),
    (Lie("cap", 10), [(50, 60), (0, 1)], [(50, 60)]),
]


@pytest.mark.parametrize(("partial", "asked", "given"), PICKED, ids=str)
def test_picked(partial: Lie | None, asked: list[tuple[int, int]], given: list[tuple[int, int]]) -> None:
    """A 206 may have all of the file, or so many bytes at most."""
    assert Partial(partial).picked([Span(*each) for each in asked], 100) == given


def test_in_parts() -> None:
    """Only one parameter wraps a single range into parts."""
    assert Partial(Lie("multipart")).in_parts
    assert not Partial(Lie("whole")).in_parts
    assert not NO_PARTIAL.in_parts


def test_overrunning() -> None:
    """After each range come so many bytes that are no part of the file, and nothing after other steps."""
    steps: list[Step] = [b"head", Span(0, 9), Note("x"), Span(9, 10)]
    assert list(Partial(Lie("overrun", 3)).overrunning(steps)) == [
        b"head",
        Span(0, 9),
        b"!!!",
        Note("x"),
        Span(9, 10),
        b"!!!",
    ]
    assert (Partial(Lie("overrun", 3)).overrun, Partial(Lie("cap", 3)).overrun, NO_PARTIAL.overrun) == (3, 0, 0)


def test_a_long_overrun() -> None:
    """However many bytes they are, they are made piece by piece."""
    partial = Partial(Lie("overrun", (1 << 16) + 1))
    _, *filler = partial.overrunning([Span(0, 1)])
    assert [len(step) for step in filler] == [1 << 14] * 4 + [1]
    endless = Partial(Lie("overrun", 1 << 60)).overrunning([Span(0, 1)])
    assert (next(endless), len(next(endless))) == (Span(0, 1), 1 << 14)


# The label of bytes 10 to 19 of 100.
LABELS = [
    (None, "bytes 10-19/100"),
    (Lie("in-200"), "bytes 10-19/100"),
    (Lie("none"), ""),
    (Lie("star"), "bytes 10-19/*"),
    (Lie("open"), "bytes 10-/100"),
    (Lie("inverted"), "bytes 10-9/100"),
    (Lie("equals"), "bytes=10-19/100"),
    (Lie("nounit"), "10-19/100"),
    (Lie("capital"), "Bytes 10-19/100"),
    (Lie("garbage"), "bytes some/many"),
    (Lie("long", 5), "bytes 10-19/105"),
    (Lie("short", 5), "bytes 10-19/95"),
    (Lie("short", 500), "bytes 10-19/0"),
]


@pytest.mark.parametrize(("lie", "label"), LABELS, ids=str)
def test_label(lie: Lie | None, label: str) -> None:
    """Content-Range is missing, unusual, or wrong."""
    partial = Partial(content_range=lie)
    assert partial.label(Span(10, 20), 100) == label
    assert partial.labels is (label != "bytes 10-19/100")


def test_label_of_all() -> None:
    """A 200 has a Content-Range with one value only."""
    assert Partial(content_range=Lie("in-200")).label_of_all(100) == "bytes 0-99/100"
    assert Partial(content_range=Lie("in-200")).label_of_all(0) == "bytes */0"
    assert Partial(content_range=Lie("star")).label_of_all(100) == NO_PARTIAL.label_of_all(100) == ""


@pytest.mark.parametrize(
    ("at_end", "label"),
    [
        ("206", ""),
        ("206-open", "bytes 100-/100"),
        ("206-inverted", "bytes 100-99/100"),
        ("206-star", "bytes */100"),
        ("200", ""),
    ],
)
def test_label_at_end(at_end: str, label: str) -> None:
    """An empty 206 has a label that cannot be right."""
    assert Partial(at_end=at_end).label_at_end(100) == label


NEEDS = [
    (NO_PARTIAL, False),
    (Partial(content_range=Lie("in-200")), False),
    (Partial(content_range=Lie("none")), True),
    (Partial(Lie("whole")), True),
    (Partial(several="200"), True),
    (Partial(suffix="200"), True),
    (Partial(at_end="200"), True),
]


@pytest.mark.parametrize(("partial", "needs"), NEEDS, ids=str)
def test_needs_ranges(partial: Partial, needs: bool) -> None:  # noqa: FBT001
    """All but a Content-Range in a 200 happens only where ranges are served."""
    assert partial.needs_ranges is needs
