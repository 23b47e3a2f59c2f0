"""content.py: any slice of the endless file is the same as the slice of what came before it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakefiles.content import KINDS, Fill
from fakefiles.sizes import MAX_SIZE

# Not parametrize: pytest-twisted 1.14.3 cannot run a hypothesis test twice.
kinds = st.sampled_from(sorted(KINDS))


@given(kind=kinds, offset=st.integers(0, 300_000), length=st.integers(0, 300_000))
def test_slices_agree(kind: str, offset: int, length: int) -> None:
    """Reading at an offset gives what reading from the start has there."""
    content = KINDS[kind]
    assert content.read(offset, length) == content.read(0, offset + length)[offset:]


@given(kind=kinds, offset=st.integers(0, MAX_SIZE), length=st.integers(0, 1000))
def test_any_offset(kind: str, offset: int, length: int) -> None:
    """Exactly as many bytes come back as were asked for, anywhere."""
    assert len(KINDS[kind].read(offset, length)) == length


def test_values() -> None:
    """Ones are ASCII digits, zeros are NULs."""
    assert KINDS["ones"].read(5, 3) == b"111"
    assert KINDS["zeros"].read(5, 3) == b"\0\0\0"


def test_identities_differ() -> None:
    """No two kinds share an identity, and so an ETag."""
    assert len({content.identity for content in KINDS.values()}) == len(KINDS)


def test_full_blocks_are_shared() -> None:
    """Downloads of a Fill hold one block among them, not one each."""
    ones = KINDS["ones"]
    assert ones.read(0, Fill.BLOCK_SIZE) is ones.read(Fill.BLOCK_SIZE, Fill.BLOCK_SIZE)
