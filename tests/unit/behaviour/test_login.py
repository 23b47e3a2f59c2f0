"""login.py: which credentials let a client in."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import md5, sha256
from typing import Any

import pytest

from fakefiles.behaviour.login import NONCE, REALM, Login
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.errors import RequestError

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"auth": "basic"}, "auth=, user= and password= go together"),
    ({"auth": "basic", "user": "u"}, "auth=, user= and password= go together"),
    ({"user": "u"}, "auth=, user= and password= go together"),
    ({"user": "u", "password": "p"}, "auth=, user= and password= go together"),
    ({"auth": "bearer"}, "auth=bearer and token= go together"),
    ({"token": "t"}, "auth=bearer and token= go together"),
    ({"auth": "basic", "user": "u", "password": "p", "token": "t"}, "auth=bearer and token= go together"),
    ({"auth": "bearer", "token": "t", "user": "u"}, "auth=, user= and password= go together"),
]


@pytest.mark.parametrize(("fields", "message"), NONSENSE, ids=str)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(RequestError, match=re.escape(message)):
        Login(**fields)


def basic(credentials: str) -> str:
    """Return an Authorization field."""
    return f"Basic {b64encode(credentials.encode()).decode()}"


# Authorization fields, and whether they are right for u and p:é.
BASIC = [
    (None, False),
    ("", False),
    ("Basic", False),
    (basic("u:p:é"), True),
    (basic("u:p:é").replace("Basic", "bAsIc"), True),
    (basic("u:p:e"), False),
    (basic("u"), False),
    (basic("U:p:é"), False),
    ("Basic !", False),
    ("Basic \xe9", False),
    (basic("u:p:é").replace("Basic", "Bearer"), False),
    (basic("u:p:é").replace("Basic", "Digest"), False),
]


@pytest.mark.parametrize(("authorization", "admitted"), BASIC)
def test_basic(authorization: str | None, admitted: bool) -> None:  # noqa: FBT001
    """One name and one password are right (RFC 7617)."""
    login = Login("basic", "u", "p:é")
    assert login.admits(authorization, "GET", "/1") is admitted
    assert login.challenge == 'Basic realm="fakefiles", charset="UTF-8"'


@pytest.mark.parametrize(
    ("authorization", "admitted"),
    [
        (None, False),
        ("Bearer", False),
        ("Bearer aB.-_~+/1=", True),
        ("bEARER  aB.-_~+/1= ", True),
        ("Bearer ab.-_~+/1=", False),
        ("Bearer aB.-_~+/1", False),
        ("Bearer aB.-_~+/1= x", False),
        ("Bearer \xe9", False),
        ("Basic aB.-_~+/1=", False),
    ],
)
def test_bearer(authorization: str | None, admitted: bool) -> None:  # noqa: FBT001
    """One token is right (RFC 6750, 2.1)."""
    login = Login("bearer", token="aB.-_~+/1=")
    assert login.admits(authorization, "GET", "/1") is admitted
    assert login.challenge == 'Bearer realm="fakefiles"'
    assert (login.needed, Login("basic", "u", "p").needed) == ("token=", "user= and password=")


def test_tokens() -> None:
    """A token is as RFC 6750 has it, and not too long."""
    token = {each.name: each for each in parameters_of(Login)}["token"]
    for right in ("a", "aB.-_~+/1==", "a" * 100):
        assert token.read(right) == right
    for wrong in ("", "=", "a=b", "a===", "a b", "é", "a\r\n", "a" * 101):
        with pytest.raises(RequestError, match=r"^token is 1 to 100 letters, digits and any of"):
            token.read(wrong)


def test_no_login() -> None:
    """Where no login is demanded, every client gets in."""
    assert Login().admits(None, "GET", "/1")


FIELDS = {
    "realm": REALM,
    "nonce": NONCE,
    "uri": "/1?x",
    "qop": "auth",
    "nc": "00000001",
    "cnonce": "c",
    "username": "ü",
}


def digest(auth: str = "digest", word: str = "p", method: str = "GET", **changes: str | None) -> str:
    """Return an Authorization field, computed as RFC 7616, 3.4 describes."""
    said = {**FIELDS, **changes}
    new = sha256 if auth == "digest-sha-256" else md5
    first = new(f"{said['username']}:{REALM}:{word}".encode()).hexdigest()
    second = new(f"{method}:{said['uri']}".encode()).hexdigest()
    middle = ":".join(str(said[name]) for name in ("nonce", "nc", "cnonce", "qop"))
    said.setdefault("response", new(f"{first}:{middle}:{second}".encode()).hexdigest())
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in said.items() if value is not None)


# Authorization fields for ü and p, and whether they are right.
DIGEST = [
    (None, False),
    (basic("ü:p"), False),
    ("Digest", False),
    ("Digest nonsense", False),
    (digest(), True),
    (digest(algorithm="MD5"), True),
    (digest(algorithm="md5"), True),
    (digest(algorithm="SHA-256"), False),
    (digest().replace('qop="auth"', "qop=auth").replace('nc="00000001"', "nc=00000001"), True),
    (digest(cnonce='a"b').replace('a"b', 'a\\"b'), True),
    (digest(cnonce="a, qop=b"), True),
    (digest().replace(", ", " ,\t, ").replace('="', ' =\t"'), True),
    # Malformed parameters are left out, and so is a string without an end.
    (digest() + ", qop, =auth-int, qop=a b, qop=", True),
    (digest() + ', qop="auth"-int', True),
    (digest() + ', qop="auth-int\\', True),
    # Of a repeated one, the last counts.
    (digest() + ", qop=auth-int", False),
    ("Digest qop=auth-int, " + digest().removeprefix("Digest "), True),
    (digest(word="q"), False),
    (digest(method="HEAD"), False),
    (digest(username="u"), False),
    (digest(username=None), False),
    (digest(uri="/2"), False),
    (digest(realm="other"), False),
    (digest(nonce="other"), False),
    (digest(qop="auth-int"), False),
    (digest(qop=None), False),
    (digest(response="0"), False),
    (digest(response=None), False),
]


@pytest.mark.parametrize(("authorization", "admitted"), DIGEST)
def test_digest(authorization: str | None, admitted: bool) -> None:  # noqa: FBT001
    """The response proves knowledge of the password, for this request only (RFC 7616, 3.4.1)."""
    on_the_wire = authorization and authorization.encode().decode("latin-1")
    login = Login("digest", "ü", "p")
    assert login.admits(on_the_wire, "GET", "/1?x") is admitted
    assert login.challenge == f'Digest realm="fakefiles", nonce="{NONCE}", algorithm=MD5, qop="auth"'


def test_sha_256() -> None:
    """The algorithm must be that of the challenge. A client that names none means MD5 (RFC 7616, 3.4)."""
    login = Login("digest-sha-256", "ü", "p")
    assert "algorithm=SHA-256" in login.challenge
    right = digest("digest-sha-256", algorithm="SHA-256").encode().decode("latin-1")
    assert login.admits(right, "GET", "/1?x")
    assert not login.admits(digest(algorithm="SHA-256").encode().decode("latin-1"), "GET", "/1?x")
    assert not login.admits(digest("digest-sha-256").encode().decode("latin-1"), "GET", "/1?x")
