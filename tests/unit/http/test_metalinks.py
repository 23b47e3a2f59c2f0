"""metalinks.py: what a metalink says of a file, or of a set, read by another reader of XML."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from fakefiles.files.digests import SMALL, STEP, result_of
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.http.metalinks import (
    MetalinkHashing,
    meta4_hashing,
    meta4_text,
    metalink_hashing,
    metalink_text,
)
from fakefiles.urls.sidecars import About
from peers import about, one_file

BASE = "http://localhost:8000/"
V3, V4 = "{http://www.metalinker.org/}", "{urn:ietf:params:xml:ns:metalink}"


def hashed(target: str) -> tuple[Any, bytes]:
    """Return what a URL is about, and what a metalink needs of it."""
    found = about(target)
    hashing = meta4_hashing(found)
    result = result_of(hashing.steps(found.file))
    assert len(hashing.blank(found.file)) == len(result)
    return found, result


def read(text: bytes) -> Element:
    """Return the metalink in a text."""
    assert text.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<metalink ")
    assert text.endswith(b"</metalink>\n")
    return fromstring(text)  # noqa: S314  it is our own


def texts(parent: Element, path: str) -> list[str | None]:
    """Return the texts of some elements."""
    return [each.text for each in parent.findall(path)]


DATA = RULER.read(0, 100_000)
PIECES = [sha256(DATA[at : at + 40_000]).hexdigest() for at in (0, 40_000, 80_000)]
TARGET = "/100000/a%20b.iso?content=ruler&piece=40000&mirrors=127.0.0.1,localhost:8001;status=503"
URLS = [
    "http://127.0.0.1:8000/100000/a%20b.iso?content=ruler",
    "http://localhost:8001/100000/a%20b.iso?content=ruler&status=503",
]


def test_version_4() -> None:
    """It has the size, the digest, those of the pieces, and the mirrors by their priority (RFC 5854)."""
    (file,) = read(meta4_text(*hashed(TARGET))).findall(f"{V4}file")
    assert file.get("name") == "a b.iso"
    assert texts(file, f"{V4}size") == ["100000"]
    (whole,) = file.findall(f"{V4}hash")
    assert (whole.get("type"), whole.text) == ("sha-256", sha256(DATA).hexdigest())
    (pieces,) = file.findall(f"{V4}pieces")
    assert (pieces.get("type"), pieces.get("length")) == ("sha-256", "40000")
    assert texts(pieces, f"{V4}hash") == PIECES
    assert texts(file, f"{V4}url") == URLS
    assert [url.get("priority") for url in file.findall(f"{V4}url")] == ["1", "2"]


def test_version_3() -> None:
    """It says the same in the words of older clients."""
    root = read(metalink_text(*hashed(TARGET)))
    assert root.get("version") == "3.0"
    (file,) = root.findall(f"{V3}files/{V3}file")
    assert file.get("name") == "a b.iso"
    assert texts(file, f"{V3}size") == ["100000"]
    assert texts(file, f"{V3}verification/{V3}hash") == [sha256(DATA).hexdigest()]
    assert texts(file, f"{V3}verification/{V3}pieces/{V3}hash") == PIECES
    numbers = [each.get("piece") for each in file.findall(f"{V3}verification/{V3}pieces/{V3}hash")]
    assert numbers == ["0", "1", "2"]
    urls = file.findall(f"{V3}resources/{V3}url")
    assert [(url.text, url.get("type"), url.get("preference")) for url in urls] == [
        (URLS[0], "http", "100"),
        (URLS[1], "http", "99"),
    ]


@pytest.mark.parametrize("text", [meta4_text, metalink_text])
def test_a_set(text: Any) -> None:
    """Each file has its path below the name of the set, and the pieces of its own size."""
    root = read(text(*hashed("/set/%C3%A9=0,b:c%20d=20000/demo?content=ruler")))
    files = [each for each in root.iter() if each.tag.endswith("}file")]
    assert [file.get("name") for file in files] == ["demo/é", "demo/b/c d"]
    urls = [each.text for each in root.iter() if each.tag.endswith("}url")]
    path = f"{BASE}set/%C3%A9=0,b:c%20d=20000/demo"
    assert urls == [f"{path}/%C3%A9?content=ruler", f"{path}/b/c%20d?content=ruler"]
    hashes = [each.text for each in root.iter() if each.tag.endswith("}hash")]
    data = RULER.read(0, 20_000)
    parts = (b"", data, data[:16384], data[16384:])
    assert hashes == [sha256(part).hexdigest() for part in parts]


def test_what_xml_needs() -> None:
    """A name may have what means something in XML."""
    root = read(meta4_text(*hashed("/1/%3C%22%26'?content=ruler")))
    assert [file.get("name") for file in root] == ["<\"&'"]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("/9g/a?content=ruler", "to hash so large a file for a metalink would take more than about 15 seconds"),
        ("/1m/a?piece=1", "a metalink has at most [0-9]+ pieces; give it a larger piece="),
        ("/1k/a%0Ab", "a name in a set, a torrent or a metalink"),
    ],
)
def test_refused(target: str, message: str) -> None:
    """An error says what there can be."""
    for hashing in (meta4_hashing, metalink_hashing):
        with pytest.raises(RequestError, match=message):
            hashing(about(target))


def test_names() -> None:
    """Hashings have one name only if they have one result for the same bytes."""
    files = [one_file(5, ONES), one_file(6, ONES)]
    hashings = [MetalinkHashing(files, None), MetalinkHashing(files, 1000), MetalinkHashing(files[:1], None)]
    assert len({hashing.name for hashing in hashings}) == 3


def test_steps() -> None:
    """Small files are hashed at once; large ones, and many together, in steps."""
    assert meta4_hashing(about("/1k/a")).quick(one_file(SMALL - 1024, RULER))  # and one piece
    assert not meta4_hashing(about("/1k/a")).quick(one_file(SMALL, RULER))
    assert not meta4_hashing(about("/1k/a?piece=1")).quick(one_file(1024, RULER))
    large = about("/20m/a?content=ruler")
    assert len(list(meta4_hashing(large).steps(large.file))) >= 4
    many = about("/set/a=5m,b=5m,c=5m,d=5m/x?content=ruler")
    assert len(list(meta4_hashing(many).steps(many.file))) >= 2 * many.file.size // STEP - 2


def test_without_a_host() -> None:
    """A client that does not name the host gets no URLs."""
    found, result = hashed("/1k/a")
    with pytest.raises(RequestError, match="need the Host field"):
        meta4_text(found._replace(base=""), result)


def test_too_many_urls() -> None:
    """Many files on many mirrors would make a metalink of hundreds of megabytes."""
    files = ",".join(f"{number}=1" for number in range(1000))
    with pytest.raises(RequestError, match=r"^so many files on so many mirrors make too large a metalink"):
        meta4_hashing(about(f"/set/{files}/x?mirrors={','.join(['localhost'] * 32)}"))


@pytest.mark.parametrize("text", [meta4_text, metalink_text])
def test_no_pieces(text: Callable[[About, bytes], bytes]) -> None:
    """An empty file has none (RFC 5854, 4.2.8)."""
    assert b"<pieces" not in text(*hashed("/0/a"))
    assert b"<pieces" in text(*hashed("/1/a"))
