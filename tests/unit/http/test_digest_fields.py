"""digest_fields.py: what a client wants, as tables, and what it gets."""

from __future__ import annotations

import pytest

from fakefiles.files.digests import ALGORITHMS, Algorithm
from fakefiles.http.digest_fields import digest_field, legacy_field, wanted, wanted_legacy

SHA256, SHA512, SHA1, MD5 = ALGORITHMS

WANTED: dict[str | None, list[Algorithm]] = {
    None: [],
    "": [],
    "sha-256=1": [SHA256],
    "sha-256=1, sha-512=10": [SHA512, SHA256],
    "sha-256=10,sha-512=1": [SHA256, SHA512],
    "sha-256=0, md5=3": [MD5],
    "crc32c=10, sha=1": [SHA1],
    "sha-256=1;x=y": [SHA256],
    " sha-256=1 ,\tmd5=3;x\t": [MD5, SHA256],
    "sha-256 =1": [],
    " ": [],
    "sha-256=1, sha-256=0": [],  # the last one counts (RFC 8941, 3.2)
    "sha-256=11": [],
    "sha-256": [],
    "sha-256=1,": [],
    "SHA-256=1": [],
    "sha-256=1.0": [],
    "sha-256=:YWJj:": [],
}
WANTED_LEGACY: dict[str | None, list[Algorithm]] = {
    None: [],
    "SHA-256": [SHA256],
    "sha-256;q=0.5, md5;q=1": [MD5, SHA256],
    "SHA-512;q=1, SHA-256;q=1, SHA;q=0.1": [SHA512, SHA256, SHA1],
    "MD5;q=0": [],
    "unixsum, SHA ; q=0.3": [SHA1],
    "SHA-256;q=2": [],
    "SHA-256;q=1.5": [],
    "SHA-256;q": [],
    ",": [],
    "\t MD5 ; \tq=1.000\t ,SHA ": [MD5, SHA1],
    "SHA q=1": [],
    "SHA; q =1": [],
    ";q=1": [],
    "SHA-256, ,MD5;Q=0.5,": [SHA256, MD5],
}


@pytest.mark.parametrize(("field", "algorithms"), WANTED.items(), ids=str)
def test_wanted(field: str | None, algorithms: list[Algorithm]) -> None:
    """Want-Repr-Digest is a dictionary of weights from 0 to 10 (RFC 9530, 4)."""
    assert wanted(field) == algorithms


@pytest.mark.parametrize(("field", "algorithms"), WANTED_LEGACY.items(), ids=str)
def test_wanted_legacy(field: str | None, algorithms: list[Algorithm]) -> None:
    """Want-Digest is a list with q values (RFC 3230, 4.3.1)."""
    assert wanted_legacy(field) == algorithms


def test_fields() -> None:
    """The examples of the RFCs, in their forms."""
    assert digest_field(SHA256, b"abc") == "sha-256=:YWJj:"
    assert legacy_field(SHA1, b"abc") == "SHA=YWJj"
