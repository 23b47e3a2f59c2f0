"""A file that changes while clients download it: from which request on a URL denotes another version."""

from __future__ import annotations

from dataclasses import dataclass

from fakefiles.behaviour.occasions import MOST_REQUESTS
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import Kind
from fakefiles.files.editions import second_file
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_number, parse_size
from fakefiles.files.virtual_file import VirtualFile

#: The value of change= for a file that changes only when a test says so.
ON_CALL = "call"


def _change(value: str) -> int | str:
    try:
        return ON_CALL if value == ON_CALL else parse_number(value, 1, MOST_REQUESTS)
    except RequestError as error:
        raise RequestError(f"{error}, or {ON_CALL}") from None


@dataclass(frozen=True, slots=True)
class Change:
    """The change of its file that a URL asks for. The fields are the parameters of the URL.

    A file has two versions, the editions 1 and 2. Raises RequestError for a size without a change.
    """

    change: int | str | None = parameter(
        Kind(f"NUMBER|{ON_CALL}", _change, "int | str"),
        "From the N-th request on, or when a test says so, it is another file.",
    )
    change_size: int | None = parameter(
        Kind("SIZE", parse_size, "int | str"), "The size of that other file, if not the same."
    )

    def __post_init__(self) -> None:
        if self.change is None and self.change_size is not None:
            raise RequestError("change_size= goes with change=, like change=2")

    def edition(self, number: int, *, called: bool) -> int:
        """Return which version the request of this number gets; `called`: whether a test has changed the file."""
        return 2 if called or (isinstance(self.change, int) and number >= self.change) else 1

    def editions(self, file: VirtualFile) -> list[VirtualFile]:
        """Return the versions of a file, the first one first: one of a file that does not change, or two."""
        return [file] if self.change is None else [file, second_file(file, self.change_size)]

    def check(self, file: VirtualFile, max_size: int) -> None:
        """Raise RequestError if the second version of a file would be larger than that, or is impossible."""
        if self.change_size is not None and self.change_size > max_size:
            raise RequestError(f"change_size= is too large; the largest file here has {max_size} bytes")
        self.editions(file)
