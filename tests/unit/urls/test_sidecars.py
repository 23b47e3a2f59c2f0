"""sidecars.py: what holds for every sidecar, and the bytes of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakefiles.files.digests import result_of
from fakefiles.files.kinds import ONES, ZEROS
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.options import Options
from fakefiles.urls.sidecars import SIDECARS, About, Sidecar, no_hashing, split_suffix

DOCS = (Path(__file__).parents[3] / "docs" / "content.md").read_text()
CHECKSUMS = (".sha256", ".sha512", ".sha1", ".md5")
FILES = [
    VirtualFile(size, content, name) for size in (100, 101) for content in (ONES, ZEROS) for name in ("a", "b", "ÿ")
]

every_sidecar = pytest.mark.parametrize("sidecar", SIDECARS.values(), ids=SIDECARS)


def about(name: str = "x.bin", file: VirtualFile = FILES[0]) -> About:
    """Return what a sidecar is told of a file of this name, by a server that seeds."""
    file = VirtualFile(file.size, file.content, name)
    return About(file, Options(), base="http://localhost/", path=f"{file.size}/x", peer_port=6881)


def text_of(sidecar: Sidecar, name: str, digest: bytes) -> bytes:
    """Return all bytes of the sidecar of a file of 100 bytes."""
    return sidecar.beside(about(name), digest).content.read(0, 10_000)


@every_sidecar
def test_entry(sidecar: Sidecar) -> None:
    """A suffix is a dot and a word, and the documentation has it."""
    assert sidecar.suffix[0] == "."
    assert sidecar.suffix[1:].isalnum()
    assert sidecar.suffix == sidecar.suffix.lower()
    assert sidecar.what
    assert "/" in sidecar.media_type
    assert f"`{sidecar.suffix}`" in DOCS


@every_sidecar
def test_all_but_the_bytes_is_known_at_once(sidecar: Sidecar) -> None:
    """Name, size and ETag do not depend on what is computed of the file."""
    hashing = sidecar.hashing(about())
    result = result_of(hashing.steps(about().file)) if hashing else b""
    early, late = sidecar.beside(about()), sidecar.beside(about(), result)
    assert early.name == late.name == f"x.bin{sidecar.suffix}"
    assert (early.size, early.etag) == (late.size, late.etag)
    assert len(late.content.read(0, 10_000)) == late.size
    assert hashing is None or len(hashing.blank(about().file)) == len(result)


def test_sidecar_without_a_digest() -> None:
    """What needs nothing of the bytes is right at once."""
    sidecar = Sidecar(".size", "size", "text/plain", no_hashing, lambda of, none: b"%d%b" % (of.file.size, none))
    assert sidecar.beside(about()).content.read(0, 10) == b"100"


def test_sidecars_have_tags_of_their_own() -> None:
    """Two sidecars that differ, if only in the name, differ in their ETag."""
    tags = {sidecar.beside(about(file.name, file)).etag for file in FILES for sidecar in SIDECARS.values()}
    assert len(tags) == len(FILES) * len(SIDECARS)
    assert all(re.fullmatch('"[a-z0-9-]+"', tag) for tag in tags)
    assert {tag[1:].partition("-")[0] for tag in tags} == {suffix[1:] for suffix in SIDECARS}


@every_sidecar
def test_split_suffix(sidecar: Sidecar) -> None:
    """Only a suffix after something, in lower case, means a sidecar."""
    suffix = sidecar.suffix
    assert split_suffix(f"x{suffix}") == ("x", sidecar)
    assert split_suffix(f"x{suffix}{suffix}") == (f"x{suffix}", sidecar)
    for name in (suffix, suffix[1:], f"x{suffix.upper()}", f"x{suffix}x", f"x{suffix}.", ""):
        assert split_suffix(name) == (name, None)


@pytest.mark.parametrize("suffix", CHECKSUMS)
def test_checksum_file(suffix: str) -> None:
    """The text is that of coreutils, and its length is known without the digest."""
    sidecar = SIDECARS[suffix]
    hashing = sidecar.hashing(about())
    assert hashing
    assert (sidecar.what, sidecar.media_type, hashing.name) == ("checksum file", "text/plain", suffix[1:])
    digest = bytes(range(len(hashing.blank(about().file))))
    assert text_of(sidecar, "x.bin", digest) == f"{digest.hex()}  x.bin\n".encode()
    assert sidecar.beside(about(file=VirtualFile(0, ONES))).size == 2 * len(digest) + 8


def test_checksum_file_of_a_strange_name() -> None:
    """A line that holds an escaped name says so."""
    assert text_of(SIDECARS[".md5"], "a\\b\nc\rd", bytes(16)) == b"\\" + b"0" * 32 + b"  a\\\\b\\nc\\rd\n"
