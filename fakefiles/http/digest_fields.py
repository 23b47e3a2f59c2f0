"""The HTTP fields of digests: what a client wants, and what it gets (RFC 9530; before it, RFC 3230)."""

from __future__ import annotations

import re
from base64 import b64encode

from fakefiles.files.digests import ALGORITHMS, BY_FIELD, Algorithm

_BY_LEGACY = {algorithm.legacy.lower(): algorithm for algorithm in ALGORITHMS}

_WANT_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=(\d|10)(?:;[^,]*)?[ \t]*", re.ASCII)
_LEGACY_MEMBER = re.compile(
    r"[ \t]*([A-Za-z0-9-]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*", re.ASCII
)


def wanted(want_repr_digest: str | None) -> list[Algorithm]:
    """Return what Want-Repr-Digest asks for, the most wanted first; nothing if it is malformed (RFC 9530, 4)."""
    members = [_WANT_MEMBER.fullmatch(member) for member in want_repr_digest.split(",")] if want_repr_digest else []
    if not all(members):
        return []
    weights = {match[1]: int(match[2]) for match in members if match}
    return _preferred([(BY_FIELD.get(name), weight) for name, weight in weights.items()])


def wanted_legacy(want_digest: str | None) -> list[Algorithm]:
    """Return what a Want-Digest field asks for, the most wanted first; nothing if it is malformed (RFC 3230, 4.3.1)."""
    # Empty members of a list are to be ignored (RFC 9110, 5.6.1.2).
    members = [_LEGACY_MEMBER.fullmatch(member) for member in (want_digest or "").split(",") if member.strip(" \t")]
    if not all(members):
        return []
    return _preferred([(_BY_LEGACY.get(match[1].lower()), float(match[2] or 1)) for match in members if match])


def _preferred(choices: list[tuple[Algorithm | None, float]]) -> list[Algorithm]:
    ranked = sorted(choices, key=lambda choice: -choice[1])
    return [algorithm for algorithm, weight in ranked if algorithm and weight > 0]


def digest_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Repr-Digest field (RFC 9530, 3)."""
    return f"{algorithm.field}=:{b64encode(digest).decode('ascii')}:"


def legacy_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Digest field (RFC 3230, 4.3.2)."""
    return f"{algorithm.legacy}={b64encode(digest).decode('ascii')}"
