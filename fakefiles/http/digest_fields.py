"""The HTTP fields of digests: what a client wants, and what it gets (RFC 9530; before it, RFC 3230)."""

from __future__ import annotations

import re
from base64 import b64encode

from fakefiles.files.digests import ALGORITHMS, BY_FIELD, Algorithm

_BY_LEGACY = {algorithm.legacy.lower(): algorithm for algorithm in ALGORITHMS}

# A member has no spaces around it here. Two places that could take the same spaces would cost quadratic time.
_WANT_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=(\d|10)(?:;[^,]*)?", re.ASCII)
_LEGACY_MEMBER = re.compile(r"([A-Za-z0-9-]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?", re.ASCII)


def wanted(want_repr_digest: str | None) -> list[Algorithm]:
    """Return what Want-Repr-Digest asks for, the most wanted first; nothing if it is malformed (RFC 9530, 4)."""
    members = [_WANT_MEMBER.fullmatch(member) for member in _members(want_repr_digest)]
    if not all(members):
        return []
    weights = {match[1]: int(match[2]) for match in members if match}
    return _preferred([(BY_FIELD.get(name), weight) for name, weight in weights.items()])


def wanted_legacy(want_digest: str | None) -> list[Algorithm]:
    """Return what a Want-Digest field asks for, the most wanted first; nothing if it is malformed (RFC 3230, 4.3.1)."""
    # Empty members of a list are to be ignored (RFC 9110, 5.6.1.2).
    members = [_LEGACY_MEMBER.fullmatch(member) for member in _members(want_digest) if member]
    if not all(members):
        return []
    return _preferred([(_BY_LEGACY.get(match[1].lower()), float(match[2] or 1)) for match in members if match])


def _members(field: str | None) -> list[str]:
    return [member.strip(" \t") for member in field.split(",")] if field else []


def _preferred(choices: list[tuple[Algorithm | None, float]]) -> list[Algorithm]:
    ranked = sorted(choices, key=lambda choice: -choice[1])
    return [algorithm for algorithm, weight in ranked if algorithm and weight > 0]


def digest_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Repr-Digest field (RFC 9530, 3)."""
    return f"{algorithm.field}=:{b64encode(digest).decode('ascii')}:"


def legacy_field(algorithm: Algorithm, digest: bytes) -> str:
    """Return the value of a Digest field (RFC 3230, 4.3.2)."""
    return f"{algorithm.legacy}={b64encode(digest).decode('ascii')}"
