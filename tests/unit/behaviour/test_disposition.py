"""disposition.py: what goes to the wire in each form of Content-Disposition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.behaviour.disposition import FORMS, NO_NAME, Disposition
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

PARAMETERS = {each.name: each for each in parameters_of(Disposition)}

NAME = '\u00e9 "\\\u20ac.b'
QUOTED = rb'"_ \"\\_.b"'
UTF8 = b"%C3%A9%20%22%5C%E2%82%AC.b"
WIRE = {
    "attachment": b"attachment; filename=" + QUOTED,
    "inline": b"inline; filename=" + QUOTED,
    "bare": b"attachment",
    "token": b"attachment; filename=_____.b",
    "escaped": rb'attachment; filename="\_\ \"\\\_\.\b"',
    "upper": b"ATTACHMENT; FILENAME=" + QUOTED,
    "utf8": b"attachment; filename*=UTF-8''" + UTF8,
    "language": b"attachment; filename*=UTF-8'en'" + UTF8,
    "latin1": b"attachment; filename*=ISO-8859-1''%E9%20%22%5C_.b",
    "both": b'attachment; filename="plain-' + QUOTED[1:] + b"; filename*=UTF-8''" + UTF8,
    "swapped": b"attachment; filename*=UTF-8''" + UTF8 + b'; filename="plain-' + QUOTED[1:],
    "raw-utf8": b'attachment; filename="\xc3\xa9 \\"\\\\\xe2\x82\xac.b"',
    "raw-latin1": b'attachment; filename="\xe9 \\"\\\\_.b"',
    "percent": b'attachment; filename="' + UTF8 + b'"',
    "encoded-word": b'attachment; filename="=?UTF-8?B?w6kgIlzigqwuYg==?="',
    "bad-utf8": b"attachment; filename*=UTF-8''%C3%28" + UTF8,
    "path": b'attachment; filename="../../' + QUOTED[1:],
    "path-utf8": b"attachment; filename*=UTF-8''..%2F..%2F" + UTF8,
    "absolute": b'attachment; filename="/tmp/' + QUOTED[1:],
    "backslash": rb'attachment; filename="..\\..\\' + QUOTED[1:],
    "drive": rb'attachment; filename="C:\\' + QUOTED[1:],
    "dots": b'attachment; filename=".."',
    "empty": b'attachment; filename=""',
    "long": b'attachment; filename="' + b"x" * 293 + QUOTED[1:],
    "control": b"attachment; filename*=UTF-8''" + UTF8 + b"%00%0D%0A%1B.txt",
    "unquoted": rb'attachment; filename=_ "\_.b',
    "unterminated": b"attachment; filename=" + QUOTED[:-1],
    "semicolon": b"attachment; filename=" + QUOTED + b";",
    "duplicate": b"attachment; filename=" + QUOTED + b'; filename="second-' + QUOTED[1:],
    "twice": b"attachment; filename=" + QUOTED + b'|attachment; filename="second-' + QUOTED[1:],
    "continued": rb'attachment; filename*0="_ \""; filename*1="\\_.b"',
    "typeless": b"filename=" + QUOTED,
    "garbage": b'=;"; filename=' + QUOTED,
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    """The bytes of each form, for a name with a space, a quote, a backslash, and characters beyond ASCII."""
    fields = Disposition(form, NAME).fields("ignored")
    assert b"|".join(field.value for field in fields) == WIRE[form]
    assert {field.name for field in fields} == {b"Content-Disposition"}


def test_all_forms() -> None:
    """No form is missing above."""
    assert WIRE.keys() == FORMS.keys()


def test_which_name() -> None:
    """It is the one in the URL's query, else that in its path, else one of ours."""
    assert Disposition().fields("a.bin") == []
    cases = [
        ((None, "a.bin"), b"a.bin"),
        ((None, ""), NO_NAME.encode()),
        (("b.bin", "a.bin"), b"b.bin"),
        (("", "a"), b""),
    ]
    for (given_name, path_name), name in cases:
        (field,) = Disposition("token", given_name).fields(path_name)
        assert field.value == b"attachment; filename=" + name


def test_bytes_of_a_path() -> None:
    """A name in a path may have bytes that are no UTF-8, which stay, and control characters, which need an encoding."""
    name = "\udce9\r\n\0\x7f.b"
    values = {form: Disposition(form).fields(name)[0].value for form in FORMS}
    assert values["raw-utf8"] == b'attachment; filename="\xe9____.b"'
    assert values["raw-latin1"] == values["attachment"] == b'attachment; filename="_____.b"'
    assert values["utf8"] == b"attachment; filename*=UTF-8''%E9%0D%0A%00%7F.b"
    assert values["percent"] == b'attachment; filename="%E9%0D%0A%00%7F.b"'


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\r\n\0"\\')))
def test_any_name(name: str) -> None:
    """Whatever the name is, each field is one line; the class of fields raises an error otherwise."""
    for form in FORMS:
        assert all(field.line.count(b"\n") == 1 for field in Disposition(form).fields(name))


def test_a_long_name() -> None:
    """It has 300 characters, or as many as the name itself has."""
    assert len(Disposition("long", "a").fields("")[0].value) == len('attachment; filename=""') + 300
    assert Disposition("long").fields("y" * 301)[0].value == b'attachment; filename="%b"' % (b"y" * 301)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("disposition", "", f"one of {', '.join(FORMS)}"),
        ("disposition", "Inline", f"one of {', '.join(FORMS)}"),
        ("filename", "a\nb", "up to 100 characters, none of them a control character"),
        ("filename", "x" * 101, "up to 100 characters, none of them a control character"),
        ("filename", "a\ufffd", "a name in UTF-8"),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what the parameter would be."""
    with pytest.raises(RequestError) as caught:
        PARAMETERS[name].read(text)
    assert str(caught.value) == f"{name} is {message}"


def test_parsed() -> None:
    """A form is a word, a name any text, which may be empty."""
    assert PARAMETERS["disposition"].read("raw-utf8") == "raw-utf8"
    assert [PARAMETERS["filename"].read(text) for text in ("", NAME)] == ["", NAME]
    assert (PARAMETERS["disposition"].kind.takes, PARAMETERS["filename"].kind.takes) == ("FORM", "TEXT")


def test_a_name_without_a_form() -> None:
    """It would be in no answer."""
    with pytest.raises(RequestError, match=r"^filename= goes with disposition=, like disposition=attachment$"):
        Disposition(filename="")
