"""change.py: from which request on a URL denotes another version of its file."""

from __future__ import annotations

import pytest

from fakefiles.behaviour.change import Change
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.files.editions import second_file
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import GZIP, ONES
from fakefiles.files.virtual_file import VirtualFile

PARAMETERS = {each.name: each for each in parameters_of(Change)}
FILE = VirtualFile(100, ONES)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("change", "1", 1),
        ("change", "1000000", 1_000_000),
        ("change", "call", "call"),
        ("change_size", "2k", 2048),
        ("change_size", "0", 0),
    ],
)
def test_parsed(name: str, text: str, value: object) -> None:
    """The number of a request, or the call of a test; and a size."""
    assert PARAMETERS[name].read(text) == value


@pytest.mark.parametrize("text", ["", "0", "-1", "1000001", "calls", "2\r\n", "9" * 5000])
def test_refused(text: str) -> None:
    """Other values are errors, which say what would be right."""
    with pytest.raises(RequestError) as caught:
        PARAMETERS["change"].read(text)
    assert str(caught.value) == "change is a whole number from 1 to 1000000, or call"


def test_nonsense() -> None:
    """A size needs a change."""
    with pytest.raises(RequestError, match=r"^change_size= goes with change=, like change=2$"):
        Change(change_size=0)


@pytest.mark.parametrize(
    ("change", "called", "editions"),
    [
        (Change(3), False, [1, 1, 2, 2]),
        (Change(1), False, [2, 2, 2, 2]),
        (Change(3), True, [2, 2, 2, 2]),
        (Change("call"), False, [1, 1, 1, 1]),
        (Change("call"), True, [2, 2, 2, 2]),
    ],
)
def test_edition(change: Change, called: bool, editions: list[int]) -> None:  # noqa: FBT001
    """From the N-th request on, or from the call on, it is the second one."""
    assert [change.edition(number, called=called) for number in (1, 2, 3, 4)] == editions


def test_editions() -> None:
    """A file that does not change has one version; another one has two, the second perhaps of another size."""
    assert Change().editions(FILE) == [FILE]
    assert Change(2).editions(FILE) == [FILE, second_file(FILE)]
    assert Change("call", 0).editions(FILE) == [FILE, second_file(FILE, 0)]


def test_largest_size() -> None:
    """The second version is no larger than the server allows."""
    Change(2, 10).check(FILE, 10)
    Change(2).check(FILE, 10)
    with pytest.raises(RequestError, match=r"^change_size= is too large; the largest file here has 9 bytes$"):
        Change(2, 10).check(FILE, 9)


def test_impossible_size() -> None:
    """There is a second version of that size."""
    file = VirtualFile(100, GZIP.of_size(100))
    Change(2, 23).check(file, 100)
    with pytest.raises(RequestError, match=r"^a gzip file has at least 23 bytes here"):
        Change(2, 22).check(file, 100)
