"""sets.py: sets of files in paths."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.kinds import GZIP, ONES
from fakefiles.files.units import MAX_SIZE
from fakefiles.urls.sets import FileSet, check_name, member_of, parse_set, set_path


def parsed(files: str, name: str = "demo", limit: int = MAX_SIZE) -> FileSet:
    """Return the set in two segments of a path."""
    return parse_set(files, name, ONES, limit)


def test_parse() -> None:
    """The files keep their order; a colon is a folder, and a name may have an equals sign, too."""
    found = parsed("z.bin=10m,docs:sub:a b.txt=2k,=x=1,é=0", "my set")
    assert found.name == "my set"
    assert [(member.path, member.file.size, member.file.name) for member in found.members] == [
        ("z.bin", 10 << 20, "z.bin"),
        ("docs/sub/a b.txt", 2048, "a b.txt"),
        ("=x", 1, "=x"),
        ("é", 0, "é"),
    ]


def test_content_with_a_size() -> None:
    """Each file has the content for its size."""
    found = parse_set("a=100,b=200", "x", GZIP, MAX_SIZE)
    first, second = [member.file.content.identity for member in found.members]
    assert first != second


NAME = "a name in a set, a torrent or a metalink "


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        ("a", "x", "each file of a set has a size behind an equals sign; write a set like"),
        ("", "x", "each file of a set has a size"),
        ("a=1,", "x", "each file of a set has a size"),
        ("a=", "x", "not a size"),
        ("a=x", "x", "not a size"),
        ("=1", "x", NAME),
        ("a::b=1", "x", NAME),
        ("..:a=1", "x", NAME),
        (".=1", "x", NAME),
        ("a/b=1", "x", NAME),
        ("a\\b=1", "x", NAME),
        ("a\0=1", "x", NAME),
        ("\udcff=1", "x", NAME),
        ("é" * 128 + "=1", "x", f"{NAME}has at most 255 bytes"),
        ("a=1", "", NAME),
        ("a=1", "..", NAME),
        ("a=1,a=2", "x", "each file of a set has a path of its own"),
        ("a=1,a:b=2", "x", "each file of a set has a path of its own"),
        ("a:b:c=2,a:b=1", "x", "each file of a set has a path of its own"),
        ("a=2m", "x", "too large"),
        ("a=1m,b=1", "x", "the files of a set are too large; together they have at most 1048576 bytes"),
        (",".join(f"{number}=1" for number in range(1001)), "x", "a set has at most 1000 files"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_refused(files: str, name: str, message: str) -> None:
    """An error says what would be right."""
    with pytest.raises(RequestError, match=f"^{message}"):
        parsed(files, name, 1 << 20)


def test_the_largest() -> None:
    """As many files as there may be, and the longest name."""
    assert len(parsed(",".join(f"{number}=1" for number in range(1000))).members) == 1000
    check_name("a" * 255)


def test_member() -> None:
    """The rest of a path names a file."""
    found = parsed("a=1,b:c=2")
    assert member_of(found, ["b", "c"]).file.size == 2
    for path in (["c"], ["b"], ["a", ""], [], ["b:c"]):
        with pytest.raises(NotFoundError, match=r"it has 2 file\(s\)"):
            member_of(found, path)


_names = st.text(min_size=1, max_size=8).filter(
    lambda name: name.isprintable() and not {*name} & {*"/\\:,"} and name not in {".", ".."}
)


@given(
    st.dictionaries(st.lists(_names, min_size=1, max_size=2).map("/".join), st.integers(0, 99), min_size=1, max_size=4)
)
def test_there_and_back(files: dict[str, int]) -> None:
    """The path of a set names it; but for files that would be folders."""
    if any(other.startswith(f"{path}/") for path in files for other in files):
        return
    _, root, segment, name = set_path(files, "a/b").split("/")
    assert (root, unquote(name)) == ("set", "a/b")
    found = parsed(unquote(segment))
    assert {member.path: member.file.size for member in found.members} == files
