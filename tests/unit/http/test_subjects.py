"""subjects.py: the file with the fields of its digests, or its sidecar; both may have a wrong digest."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from typing import Any

import pytest

from doubles import Connection, ask, decide
from fakefiles.behaviour.occasions import Occasions
from fakefiles.files.digests import hashed_at_once
from fakefiles.http.answers import Answer
from fakefiles.urls.settings import Settings

RIGHT = hashlib.sha256(b"1" * 10).digest()
WRONG = RIGHT[:-1] + bytes([RIGHT[-1] ^ 1])


def answer(target: str, method: str = "GET", occasions: Any = None, **headers: Any) -> Answer:
    """Return the answer to a request."""
    reply = decide(ask(target, method, **headers), Settings(), hashed_at_once, occasions)
    assert isinstance(reply, Answer)
    return reply


def told(reply: Answer) -> list[bytes]:
    """Return the digests in the fields of an answer."""
    values = [reply.headers[name] for name in ("Repr-Digest", "Digest") if name in reply.headers]
    return [b64decode(value.partition("=")[2].strip(":")) for value in values]


@pytest.mark.parametrize(
    ("query", "digest", "faults"),
    [
        ("", RIGHT, []),
        ("&digest_lie=fields", WRONG, ["digest_lie=fields"]),
        ("&digest_lie=all", WRONG, ["digest_lie=all"]),
        ("&digest_lie=sidecar", RIGHT, []),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_fields(query: str, digest: bytes, faults: list[str], method: str) -> None:
    """Both fields have the digest, right or wrong; the body is right in any case."""
    reply = answer(f"/10?digest=sha-256{query}", method)
    assert (told(reply), list(reply.faults)) == ([digest, digest], faults)
    if method == "GET":
        assert reply.small_body == b"1" * 10


def test_what_the_client_wants() -> None:
    """The fields that it asks for are wrong, too; without any, nothing is."""
    wanted = {"Want_Repr_Digest": "sha-256=1"}
    reply = answer("/10?digest_lie=fields", **wanted)
    assert (told(reply), reply.faults) == ([WRONG], ["digest_lie=fields"])
    assert told(answer("/10?digest_lie=fields", Want_Digest="SHA-256")) == [WRONG]
    assert (told(answer("/10?digest_lie=fields")), answer("/10?digest_lie=fields").faults) == ([], ())
    assert answer("/10?digest_lie=fields", Range="bytes=20-", **wanted).faults == ()
    assert not reply.lasting


@pytest.mark.parametrize(
    ("query", "digest", "faults"),
    [
        ("", RIGHT, []),
        ("?digest_lie=fields", RIGHT, []),
        ("?digest_lie=sidecar", WRONG, ["digest_lie=sidecar"]),
        ("?digest_lie=all&flip=0", WRONG, ["digest_lie=all"]),
    ],
)
def test_sidecar(query: str, digest: bytes, faults: list[str]) -> None:
    """A checksum file has it, right or wrong, and has none of the other faults of its file."""
    reply = answer(f"/10/a.sha256{query}")
    assert (reply.small_body, list(reply.faults)) == (f"{digest.hex()}  a\n".encode(), faults)
    assert reply.lasting == (not faults)


@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {}), ("GET", {"If_None_Match": "*"}), ("GET", {"If_Match": '"x"'}), ("GET", {"Range": "bytes=99-"})],
)
def test_sidecar_without_body(method: str, headers: dict[str, str]) -> None:
    """Where no bytes of it are sent, it does not lie."""
    assert answer("/10/a.sha256?digest_lie=all", method, **headers).faults in ([], ())


def test_other_sidecars_and_no_digest() -> None:
    """A digest that is not known yet cannot be wrong: HEAD needs none."""
    reply = decide(ask("/10/a.sha256?digest_lie=all", "HEAD"), Settings(), lambda _, __: None)
    assert isinstance(reply, Answer)
    assert reply.faults == ()


@pytest.mark.parametrize("target", ["/10/a.sha256?digest_lie=all&fail=1", "/10?digest=sha-256&digest_lie=all&fail=1"])
def test_on_some_occasions(target: str) -> None:
    """After fail=1 the digest is right."""
    occasions = Occasions()
    assert [answer(target, occasions=occasions).faults for _ in range(2)] == [["digest_lie=all"], ()]


def test_on_the_wire() -> None:
    """A client gets the wrong line of text."""
    assert Connection().get("/10/a.sha256?digest_lie=sidecar").body == f"{WRONG.hex()}  a\n".encode()
