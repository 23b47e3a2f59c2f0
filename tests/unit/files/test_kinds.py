"""kinds.py: what holds for every kind, and the bytes of each."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakefiles.files.content import Content, Locatable
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import KINDS, ONES, RULER, SEEDED, ZEROS, ContentKind, Random, find_content, takes_seed
from fakefiles.files.units import MAX_SIZE

DOCS = (Path(__file__).parents[3] / "docs" / "content.md").read_text()
SEEDS = (0, 1, 7, Random.MAX_SEED)
CONTENTS: list[Content] = [
    content for kind in KINDS.values() for content in (map(kind.of_seed, SEEDS) if kind.of_seed else [kind.content])
]

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
# Not parametrize: pytest-twisted 1.14.3 cannot run a hypothesis test twice.
any_content = st.sampled_from(CONTENTS)


@given(content=any_content, offset=st.integers(0, 300_000), length=st.integers(0, 300_000))
def test_slices_agree(content: Content, offset: int, length: int) -> None:
    """Reading at an offset gives what reading from the start has there."""
    assert content.read(offset, length) == content.read(0, offset + length)[offset:]


@given(content=any_content, offset=st.integers(0, MAX_SIZE), length=st.integers(0, 3000))
def test_any_offset(content: Content, offset: int, length: int) -> None:
    """Anywhere, exactly as many bytes come back as were asked for, and two reads are the one."""
    whole = content.read(offset, length)
    assert len(whole) == length
    assert content.read(offset, length // 3) + content.read(offset + length // 3, length - length // 3) == whole


any_locatable = st.sampled_from([content for content in CONTENTS if isinstance(content, Locatable)])


@given(any_content, st.integers(0, 2**60 - 49), st.binary(max_size=15))
def test_locatable(content: Content, offset: int, before: bytes) -> None:
    """Bytes below 1 EiB, where a ruler begins again, tell where they belong, whatever is before them."""
    if isinstance(content, Locatable):
        assert offset in content.offsets(before + content.read(offset, 49), len(before))


@given(any_locatable, st.binary(max_size=80), st.integers(0, 15))
def test_locating_anything(content: Locatable, window: bytes, at: int) -> None:
    """Any bytes, also few, give no offsets or possible ones."""
    assert all(offset >= 0 for offset in content.offsets(window, min(at, len(window))))


def test_locating_what_cannot_be() -> None:
    """A line that spells less than the number of bytes before it belongs nowhere."""
    assert list(RULER.offsets(bytes(16) + RULER.line(0), 15)) == []
    assert list(RULER.offsets(bytes(16) + RULER.line(0), 0)) == []
    assert list(RULER.offsets(bytes(16) + RULER.line(16), 0)) == [0]
    assert list(Random(0).offsets(bytes(15) + Random(0).read(0, 16), 0)) == []
    assert list(Random(0).offsets(bytes(15) + Random(0).read(16, 16), 0)) == [1]


def test_lines_that_contradict_each_other() -> None:
    """All that a window says is told, once, the lowest first."""
    assert list(Random(7).offsets(Random(7).read(32, 64), 0)) == [32]
    assert list(RULER.offsets(RULER.line(3200) + RULER.line(3216) + RULER.line(64), 0)) == [32, 3200]


def test_identities() -> None:
    """No two contents share an identity, and so an ETag, which it fits into."""
    identities = [content.identity for content in CONTENTS]
    assert len({*identities}) == len(identities)
    assert all(re.fullmatch("[a-z0-9-]+", identity) for identity in identities)
    # No other bytes under another identity, either.
    assert len({content.read(0, 1000) for content in CONTENTS}) == len(identities)


@every_kind
def test_entry(kind: ContentKind) -> None:
    """A kind is found by its name, is that of seed 0 if it takes one, and has a line of help."""
    assert re.fullmatch("[a-z][a-z0-9]*", kind.name)
    assert 3 < len(kind.help) < 80
    assert find_content(kind.name, None, {}) == kind.content
    assert takes_seed(kind.name, {}) is (kind.of_seed is not None)
    if kind.of_seed:
        assert kind.of_seed(0) == kind.content
        assert find_content(kind.name, 7, {}) == kind.of_seed(7)
    else:
        with pytest.raises(RequestError, match=f"^a seed goes with {SEEDED} only$"):
            find_content(kind.name, 0, {})


def test_docs() -> None:
    """The page has a row for each kind, with its line of help, in their order."""
    rows = [line.split(" | ")[:2] for line in DOCS.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert rows[1:] == [[f"| `{kind.name}`", kind.help] for kind in KINDS.values()]


def test_unknown_kind() -> None:
    """Whoever asks for another kind is told which there are, also those of the user."""
    with pytest.raises(RequestError, match=f"^content is one of {', '.join(KINDS)}, own$"):
        find_content("nothing", None, {"own": ONES})
    assert not takes_seed("nothing", {})


def test_kinds_that_take_a_seed() -> None:
    """Errors name the kinds with which a seed goes, and no others."""
    assert "content=random" in SEEDED.split(", ")
    assert not {"content=ones", "content=zeros", "content=ruler"} & {*SEEDED.split(", ")}


@every_kind
def test_own_content_comes_first(kind: ContentKind) -> None:
    """A kind of the user's own may take the name of one of ours; a seed does not go with it."""
    more = {kind.name: Letters()}
    assert find_content(kind.name, None, more) is more[kind.name]
    assert not takes_seed(kind.name, more)
    with pytest.raises(RequestError, match="a seed goes with"):
        find_content(kind.name, 1, more)


class Letters:
    """Content of a user's own."""

    identity = "letters"

    def read(self, offset: int, length: int) -> bytes:
        return bytes(97 + (offset + i) % 26 for i in range(length))


def test_values() -> None:
    """Ones are ASCII digits, zeros are NULs."""
    assert ONES.read(5, 3) == b"111"
    assert ZEROS.read(5, 3) == b"\0\0\0"


RULER_LINES = {
    0: b"000000000000000\n",
    16: b"000000000000010\n",
    0xFFFF0: b"0000000000ffff0\n",
    0x123456789ABCDE0: b"123456789abcde0\n",
    2**60 - 16: b"ffffffffffffff0\n",
    2**60: b"000000000000000\n",  # modulo 1 EiB
    2**63 - 16: b"ffffffffffffff0\n",
}


@pytest.mark.parametrize(("offset", "line"), RULER_LINES.items())
def test_ruler(offset: int, line: bytes) -> None:
    """Each line spells its offset, whether it is read alone, in part, or in a large block."""
    assert RULER.read(offset, 16) == line
    assert RULER.read(offset, 5000)[:16] == line
    assert RULER.read(offset + 3, 5) == line[3:8]
    before = min(offset, 70_000)
    assert RULER.read(offset - before, 140_000)[before : before + 16] == line


def test_seeds() -> None:
    """A seed is a number of 64 bits."""
    assert Random.MAX_SEED == 0xFFFF_FFFF_FFFF_FFFF


# The README's and docs/content.md's vectors, made with openssl.
RANDOM_BYTES = {
    (0, 0): "66e94bd4ef8a2c3b884cfa59ca342b2e",
    (0, 16): "58e2fccefa7e3061367f1d57a4e7455a",
    (1, 0): "0545aad56da2a97c3663d1432a3d1c84",
}


@pytest.mark.parametrize(("where", "expected"), RANDOM_BYTES.items())
def test_random(where: tuple[int, int], expected: str) -> None:
    """These bytes are for ever."""
    seed, offset = where
    assert Random(seed).read(offset, 16).hex() == expected


@pytest.mark.parametrize(("seed", "block"), [(0, 0), (7, 12345), (2**64 - 1, 2**59 - 1)])
def test_random_is_what_openssl_makes(seed: int, block: int) -> None:
    """It is the keystream that openssl makes with the documented key and counter."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = ["openssl", "enc", "-aes-128-ctr", "-K", f"{seed:032x}", "-iv", f"{block:032x}"]
    made = subprocess.run(command, input=bytes(1000), capture_output=True, check=True, timeout=30).stdout
    assert Random(seed).read(16 * block, 1000) == made
