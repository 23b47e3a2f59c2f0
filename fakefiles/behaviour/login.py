"""The login that a URL can demand: Basic (RFC 7617), Digest (RFC 7616) or Bearer (RFC 6750).

It protects nothing: the password is in the URL. It is there to test clients.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import TEXT, Kind, one_of, parse_text
from fakefiles.files.errors import RequestError

REALM = "fakefiles"
# Constant, so that it is valid on every replica and after a restart. A real server needs a new one each time, against
# replays (RFC 7616, 5.4); here is nothing to steal.
NONCE = "ab8cd1b5f4c34d7d8b3a8f0d6e9c2f71"
_HASHES = {"digest": ("MD5", hashlib.md5), "digest-sha-256": ("SHA-256", hashlib.sha256)}

# One element of a list (RFC 9110, 5.6.1): up to the next comma outside quoted strings. It matches whatever comes, even
# a string without its end. So nothing is ever read twice.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_TOKEN = re.compile(r'[^\s"]+')
_ESCAPED = re.compile(r"\\(.)")
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,100}={0,2}")  # RFC 6750, 2.1


def _user(value: str) -> str:
    if set(value) & set(':"\\'):
        raise RequestError('a name without : " and \\')
    return parse_text(value)


def _bearer(value: str) -> str:
    if not _BEARER.fullmatch(value):
        raise RequestError("1 to 100 letters, digits and any of -._~+/ (in a URL, + is %2B)")
    return value


@dataclass(frozen=True, slots=True)
class Login:
    """The login that a URL demands. The fields are the parameters of the URL.

    Raises RequestError if a login lacks one of its parameters, or has one of another login.
    """

    auth: str = parameter(one_of("basic", *_HASHES, "bearer"), "Demand a login.", default="")
    user: str | None = parameter(Kind("TEXT", _user), "The user who may log in.")
    password: str | None = parameter(TEXT, "The password of that user.")
    token: str | None = parameter(Kind("TOKEN", _bearer), "The token of auth=bearer.")

    def __post_init__(self) -> None:
        bearer = self.auth == "bearer"
        if bearer != (self.token is not None):
            raise RequestError("auth=bearer and token= go together")
        if len({bool(self.auth) and not bearer, self.user is not None, self.password is not None}) > 1:
            raise RequestError("auth=, user= and password= go together")

    @property
    def needed(self) -> str:
        """The parameters of the URL that a client needs for the login, in words."""
        return "token=" if self.auth == "bearer" else "user= and password="

    @property
    def challenge(self) -> str:
        """The value of WWW-Authenticate (RFC 9110, 11.6.1)."""
        if self.auth == "basic":
            return f'Basic realm="{REALM}", charset="UTF-8"'
        if self.auth == "bearer":
            return f'Bearer realm="{REALM}"'
        algorithm, _ = _HASHES[self.auth]
        return f'Digest realm="{REALM}", nonce="{NONCE}", algorithm={algorithm}, qop="auth"'

    def admits(self, authorization: str | None, method: str, target: str) -> bool:
        """Return whether `authorization` lets the client in; always, if the URL demands no login.

        `authorization` is the Authorization field decoded as latin-1, None without one. `method` and `target` are those
        of the request: a Digest response covers them.
        """
        if not self.auth:
            return True
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != self.auth.partition("-")[0]:
            return False
        if self.auth == "bearer":
            return credentials.strip(" \t") == self.token
        if self.auth == "basic":
            return _decoded(credentials) == f"{self.user}:{self.password}".encode()
        return self._admits_digest(credentials, method, target)

    def _admits_digest(self, credentials: str, method: str, target: str) -> bool:
        """Check a Digest response (RFC 7616, 3.4.1) with qop=auth; the older form without qop is not accepted."""
        algorithm, new = _HASHES[self.auth]

        def digest(*parts: str | None, encoding: str = "latin-1") -> str:
            text = ":".join(part or "" for part in parts)
            return new(text.encode(encoding), usedforsecurity=False).hexdigest()

        said = _auth_params(credentials)
        expected = {"realm": REALM, "nonce": NONCE, "uri": target, "qop": "auth"}
        if any(said.get(name) != value for name, value in expected.items()):
            return False
        if said.get("algorithm", "MD5").upper() != algorithm or _utf_8(said.get("username")) != self.user:
            return False
        secret = digest(self.user, REALM, self.password, encoding="utf-8")
        what = digest(method, target)
        right = digest(secret, NONCE, said.get("nc"), said.get("cnonce"), "auth", what)
        return said.get("response") == right


def _auth_params(credentials: str) -> dict[str, str]:
    """Return the parameters of credentials by their names in lower case (RFC 9110, 11.2); malformed ones are left out.

    Of a repeated one, the last counts.
    """
    said = {}
    for element in _ELEMENT.findall(credentials):
        name, _, value = (part.strip(" \t") for part in element.partition("="))
        if quoted := _QUOTED.fullmatch(value):
            said[name.lower()] = _ESCAPED.sub(r"\1", quoted[1])
        elif _TOKEN.fullmatch(value):
            said[name.lower()] = value
    return said


def _decoded(credentials: str) -> bytes:
    try:
        return b64decode(credentials.strip(), validate=True)
    except ValueError:
        return b""


def _utf_8(text: str | None) -> str | None:
    """Return text that was decoded as latin-1, decoded as UTF-8 instead (RFC 7616, 4)."""
    return None if text is None else text.encode("latin-1").decode("utf-8", "replace")
