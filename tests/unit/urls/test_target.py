"""target.py: paths, as tables."""

from __future__ import annotations

import pytest

from fakefiles.files.digests import BY_FIELD
from fakefiles.files.errors import NotFoundError, RequestError
from fakefiles.files.kinds import ONES, ZEROS
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.urls.options import Options
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import SIDECARS
from fakefiles.urls.target import Target, parse_target

SHA256, MD5 = SIDECARS[".sha256"], SIDECARS[".md5"]

# Path and query, and what they name.
TARGETS = {
    ("10", ""): Target(VirtualFile(10, ONES), Options()),
    ("0", ""): Target(VirtualFile(0, ONES), Options()),
    ("10", "sidecar=off"): Target(VirtualFile(10, ONES), Options(sidecar=False)),
    ("10", "digest=md5"): Target(VirtualFile(10, ONES), Options(digest=BY_FIELD["md5"])),
    ("4k", ""): Target(VirtualFile(4096, ONES), Options()),
    ("700m/ubuntu.iso", ""): Target(VirtualFile(700 * 2**20, ONES, "ubuntu.iso"), Options()),
    ("1/1", ""): Target(VirtualFile(1, ONES, "1"), Options()),
    ("1/..", ""): Target(VirtualFile(1, ONES, ".."), Options()),
    ("10.sha256", ""): Target(VirtualFile(10, ONES, "10"), Options(), SHA256),
    ("1.5k.md5", ""): Target(VirtualFile(1536, ONES, "1.5k"), Options(), MD5),
    ("10/x.bin.sha256", ""): Target(VirtualFile(10, ONES, "x.bin"), Options(), SHA256),
    ("10/x.sha256.md5", ""): Target(VirtualFile(10, ONES, "x.sha256"), Options(), MD5),
    ("10/.sha256", ""): Target(VirtualFile(10, ONES, ".sha256"), Options()),
    ("10/sha256", ""): Target(VirtualFile(10, ONES, "sha256"), Options()),
    ("10/x.SHA256", ""): Target(VirtualFile(10, ONES, "x.SHA256"), Options()),
    ("10/x.sha256", "sidecar=off"): Target(VirtualFile(10, ONES, "x.sha256"), Options(sidecar=False)),
    ("10/x.md5", "content=zeros"): Target(VirtualFile(10, ZEROS, "x"), Options(ZEROS), MD5),
}
BAD_PATHS = {
    ("abc",): 404,
    ("-1",): 404,
    ("+1",): 404,
    (".5k",): 404,
    ("",): 404,
    ("", ""): 404,
    ("\0",): 404,
    ("１",): 404,
    ("favicon.ico",): 404,
    ("-", "nothing"): 404,
    ("1", ""): 404,
    ("1", "a", "b"): 404,
    ("1", "a", ""): 404,
    ("1x",): 400,
    ("1e400",): 400,
    ("1\0",): 400,
    ("1２",): 400,
    ("9" * 10_000,): 400,
    ("700m.iso",): 400,
    ("1x", "a", "b"): 400,
    (".sha256",): 404,
    ("1.sha256", "x"): 400,
    ("1.", "x.sha256"): 400,
    ("1", "a", "b.sha256"): 404,
}


@pytest.mark.parametrize(("url", "target"), TARGETS.items(), ids=map(str, TARGETS))
def test_target(url: tuple[str, str], target: Target) -> None:
    """A URL names this."""
    path, query = url
    assert parse_target(path.split("/"), query, Settings()) == target


def test_digest_of_a_checksum_file() -> None:
    """To ask for both makes no sense."""
    with pytest.raises(RequestError, match=r"^a checksum file has no digest of its own; leave out digest="):
        parse_target(["10.md5"], "digest=md5", Settings())


@pytest.mark.parametrize(("path", "status"), BAD_PATHS.items(), ids=lambda value: ascii(value)[:20])
def test_bad_path(path: tuple[str, ...], status: int) -> None:
    """A path that begins with a digit is a bad size, any other is not found; then help says what there is."""
    with pytest.raises(RequestError) as caught:
        parse_target(path, "", Settings())
    helps = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso" in str(caught.value)
    assert helps is (status == 404)
    assert caught.value.status == status
    assert isinstance(caught.value, NotFoundError) is (status == 404)


@pytest.mark.parametrize(
    ("path", "message"), [(("abc",), "^no such file; "), (("1", "a", "b"), "^a file has one name and no folders; ")]
)
def test_what_is_wrong(path: tuple[str, ...], message: str) -> None:
    """A path without a size is another mistake than one with folders."""
    with pytest.raises(NotFoundError, match=message):
        parse_target(path, "", Settings())


def test_defaults() -> None:
    """Without a query, too, the operator's content and defaults hold."""
    assert parse_target(["10"], "", Settings(content="zeros")).file == VirtualFile(10, ZEROS)
    assert parse_target(["10"], "", Settings(defaults="chunk_size=7")).options.chunk_size == 7
    assert parse_target(["10"], "tag=x", Settings(content="zeros")).options == Options(ZEROS, tag="x")


def test_max_size() -> None:
    """The operator's limit is the limit."""
    assert parse_target(["1k"], "", Settings(max_size=1024)).file.size == 1024
    with pytest.raises(RequestError, match="the largest size here is 1024 bytes"):
        parse_target(["1025"], "", Settings(max_size=1024))


class TestSets:
    """Sets of files."""

    SET = ("set", "b:c=5,a=2", "demo")

    def test_a_file(self) -> None:
        """A file of a set is one like any other, with sidecars of its own."""
        target = parse_target([*self.SET, "b", "c"], "content=zeros", Settings())
        assert target == Target(VirtualFile(5, ZEROS, "c"), Options(ZEROS))
        assert parse_target([*self.SET, "a.sha256"], "", Settings()) == Target(
            VirtualFile(2, ONES, "a"), Options(), SHA256
        )

    @pytest.mark.parametrize("suffix", [".torrent", ".magnet", ".meta4", ".metalink"])
    def test_all_of_it(self, suffix: str) -> None:
        """Of the whole set there are some sidecars, which are of all its bytes in a row."""
        target = parse_target([*self.SET[:2], f"demo{suffix}"], "", Settings())
        assert target.sidecar is SIDECARS[suffix]
        assert [member.path for member in target.members] == ["b/c", "a"]
        assert (target.file.name, target.file.size) == ("demo", 7)

    @pytest.mark.parametrize(
        ("path", "query", "status", "message"),
        [
            (("set",), "", 404, "a set is /set/{files}/{name}, like"),
            (("set", "a=1"), "", 404, "a set is /set/{files}/{name}, like"),
            (("set", "a=1", "demo"), "", 404, "a set of files is no file; it has .torrent, .magnet, .meta4, .metalink"),
            (("set", "a=1", "demo.sha256"), "", 404, "a set of files is no file"),
            (("set", "a=1", "demo.torrent"), "sidecar=off", 404, "a set of files is no file"),
            (("set", "a=1", "demo", "b"), "", 404, "the set has no such file"),
            (("set", "a=1", "demo", ""), "", 404, "the set has no such file"),
            (("set", "a=x", "demo.torrent"), "", 400, "not a size"),
            (("set", "a=1", "demo.torrent"), "change=call", 400, "a set of files does not change; leave out change="),
            (("set", "a=1", "demo.torrent"), "digest=md5", 400, "a torrent has no digest of its own"),
            (("sets", "a=1", "demo"), "", 404, "no such file"),
        ],
    )
    def test_refused(self, path: tuple[str, ...], query: str, status: int, message: str) -> None:
        """An error says what there is."""
        with pytest.raises(RequestError) as caught:
            parse_target(path, query, Settings())
        assert str(caught.value).startswith(message)
        assert caught.value.status == status

    def test_max_size(self) -> None:
        """The limit of the operator is for all files together."""
        with pytest.raises(RequestError, match="together they have at most 6 bytes"):
            parse_target([*self.SET, "a"], "", Settings(max_size=6))


def test_a_file_of_a_set_goes_before_a_sidecar() -> None:
    """A file of a set whose name is that of a sidecar is that file; what has no such file is a sidecar."""
    path = ["set", "x.iso=10,x.iso.sha256=64", "demo"]
    file = parse_target([*path, "x.iso.sha256"], "", Settings())
    assert (file.sidecar, file.file.size) == (None, 64)
    beside = parse_target([*path, "x.iso.md5"], "", Settings())
    assert beside.sidecar
    assert (beside.sidecar.suffix, beside.file.size) == (".md5", 10)
    beside = parse_target([*path, "x.iso.sha256.md5"], "", Settings())
    assert beside.sidecar
    assert beside.file.size == 64
    with pytest.raises(NotFoundError):
        parse_target([*path, "y.md5"], "", Settings())
