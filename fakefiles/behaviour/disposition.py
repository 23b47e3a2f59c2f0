"""Content-Disposition in the forms that servers send and clients misread: which name a URL says its file has.

The field is of RFC 6266. Its filename* is encoded as in RFC 8187, its quoted strings as in RFC 9110, 5.6.4.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from fakefiles.behaviour.fields import Field, is_lost
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind, one_of, parse_text
from fakefiles.files.errors import RequestError

#: The name of a file that has none.
NO_NAME = "file.bin"
#: A long name has this many characters: 255 bytes are the most in the usual file systems.
LONG = 300

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_NO_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_NO_ASCII = re.compile(r"[^\x20-\x7e]")
# What filename* has as it is (attr-char, RFC 8187, 3.2.1); quote() leaves letters, digits and _.-~ alone anyway.
_PLAIN = "!#$&+^`|"


def _printable(raw: bytes) -> bytes:
    return _CONTROL.sub(b"_", raw)


def _ascii(name: str) -> str:
    return _NO_ASCII.sub("_", name)


def _quoted(raw: str | bytes) -> bytes:
    """Return a quoted string. What is not ASCII in text, and every control character, becomes an underscore."""
    data = _ascii(raw).encode("ascii") if isinstance(raw, str) else _printable(raw)
    return b'"%b"' % data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _utf8(name: str) -> bytes:
    # A name in a path may have bytes that are no UTF-8: they stay as they are.
    return name.encode("utf-8", "surrogateescape")


def _latin1(name: str) -> bytes:
    return re.sub(r"[^\x00-\xff]", "_", name).encode("latin-1")


def _extended(raw: bytes, charset: str = "UTF-8", language: str = "") -> bytes:
    return f"{charset}'{language}'{quote(raw, safe=_PLAIN)}".encode("ascii")


def _long(name: str) -> bytes:
    return _quoted("x" * (LONG - len(name)) + name)


def _token(name: str) -> bytes:
    return _NO_TOKEN.sub("_", name).encode("ascii")


def _escaped(name: str) -> bytes:
    return b'"%b"' % re.sub("(.)", r"\\\1", _ascii(name)).encode("ascii")


def _encoded_word(name: str) -> bytes:
    return b'"=?UTF-8?B?%b?="' % b64encode(_utf8(name))


def _in_halves(name: str) -> bytes:
    """Return a name in two pieces, which MIME has (RFC 2231, 3), and HTTP does not."""
    middle = len(name) // 2
    return b"filename*0=%b; filename*1=%b" % (_quoted(name[:middle]), _quoted(name[middle:]))


def _twice(name: str) -> list[bytes]:
    return [_NAME + _quoted(name), _NAME + _quoted(f"second-{name}")]


_Form = Callable[[str], list[bytes]]
_NAME, _STAR = b"attachment; filename=", b"attachment; filename*="


def _form(write: Callable[[str], bytes], before: bytes = _NAME, after: bytes = b"") -> _Form:
    """Return the form that has what `write` makes of a name between two texts."""
    return lambda name: [before + write(name) + after]


def _of(pattern: str, write: Callable[[str], bytes] = _quoted, before: bytes = _NAME) -> _Form:
    """Return the form that has what `write` makes of a pattern, with the name in place of its {}."""
    return lambda name: [before + write(pattern.replace("{}", name))]


#: The values of the field in each form, for a name. If there are several, the field is sent as often.
FORMS: Mapping[str, _Form] = MappingProxyType(
    {
        # What RFC 6266 allows.
        "attachment": _form(_quoted),
        "inline": _form(_quoted, b"inline; filename="),
        "bare": lambda _: [b"attachment"],
        "token": _form(_token),
        "escaped": _form(_escaped),
        "upper": _form(_quoted, b"ATTACHMENT; FILENAME="),
        "utf8": _form(lambda name: _extended(_utf8(name)), _STAR),
        "language": _form(lambda name: _extended(_utf8(name), language="en"), _STAR),
        "latin1": _form(lambda name: _extended(_latin1(name), "ISO-8859-1"), _STAR),
        "both": lambda name: [b"%b%b; filename*=%b" % (_NAME, _quoted(f"plain-{name}"), _extended(_utf8(name)))],
        "swapped": lambda name: [b"%b%b; filename=%b" % (_STAR, _extended(_utf8(name)), _quoted(f"plain-{name}"))],
        # Names in encodings that it does not allow there.
        "raw-utf8": _form(lambda name: _quoted(_utf8(name))),
        "raw-latin1": _form(lambda name: _quoted(_latin1(name))),
        "percent": _form(lambda name: b'"%b"' % quote(_utf8(name), safe="").encode("ascii")),
        "encoded-word": _form(_encoded_word),
        "bad-utf8": _form(lambda name: _extended(b"\xc3(" + _utf8(name)), _STAR),
        # Names that no client may take as they are (RFC 6266, 4.3).
        "path": _of("../../{}"),
        "path-utf8": _of("../../{}", lambda path: _extended(_utf8(path)), _STAR),
        "absolute": _of("/tmp/{}"),  # noqa: S108  a path for the client
        "backslash": _of("..\\..\\{}"),
        "drive": _of("C:\\{}"),
        "dots": _of(".."),
        "empty": _of(""),
        "long": _form(_long),
        "control": _form(lambda name: _extended(_utf8(name)), _STAR, b"%00%0D%0A%1B.txt"),
        # What is malformed.
        "unquoted": _form(lambda name: _ascii(name).encode("ascii")),
        "unterminated": _form(lambda name: _quoted(name)[:-1]),
        "semicolon": _form(_quoted, after=b";"),
        "duplicate": lambda name: [b"%b%b; filename=%b" % (_NAME, _quoted(name), _quoted(f"second-{name}"))],
        "twice": _twice,
        "continued": _form(_in_halves, b"attachment; "),
        "typeless": _form(_quoted, b"filename="),
        "garbage": _form(_quoted, b'=;"; filename='),
    }
)


def _filename(value: str) -> str:
    if is_lost(value):
        raise RequestError("a name in UTF-8")
    return parse_text(value)


@dataclass(frozen=True, slots=True)
class Disposition:
    """The Content-Disposition that a URL asks for. The fields are the parameters of the URL.

    Raises RequestError for a name without a form.
    """

    disposition: str = parameter(
        Kind("FORM", one_of(*FORMS).parse), "Send a Content-Disposition of this form, with a name.", default=""
    )
    filename: str | None = parameter(
        Kind("TEXT", _filename), "That name; the default is the name in the path.", needs="disposition"
    )

    def __post_init__(self) -> None:
        if self.filename is not None and not self.disposition:
            raise RequestError("filename= goes with disposition=, like disposition=attachment")

    def fields(self, name: str) -> list[Field]:
        """Return the fields for a file of this name: none without disposition=, two for its form "twice"."""
        if not self.disposition:
            return []
        name = (name or NO_NAME) if self.filename is None else self.filename
        return [Field(b"Content-Disposition", value) for value in FORMS[self.disposition](name)]
