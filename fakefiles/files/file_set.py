"""Sets of files: several files under one name, and all their bytes in a row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate
from typing import NamedTuple

from fakefiles.files.virtual_file import VirtualFile


class Member(NamedTuple):
    """A file of a set, and its path there, like "docs/readme.txt"."""

    path: str
    file: VirtualFile


@dataclass(frozen=True, slots=True)
class Joined:
    """The contents of several files, one after another; nothing comes behind the last one."""

    files: Sequence[VirtualFile]
    #: Where each file begins; at last, where all of them end.
    starts: Sequence[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", tuple(accumulate((file.size for file in self.files), initial=0)))

    @property
    def identity(self) -> str:
        """A name that tells all contents and sizes, by a digest of them."""
        told = " ".join(f"{file.content.identity}:{file.size}" for file in self.files)
        return f"set-{blake2b(told.encode(), digest_size=12).hexdigest()}"

    @property
    def size(self) -> int:
        """The number of all bytes."""
        return self.starts[-1]

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes from `offset` on; fewer if the last file ends before."""
        parts = []
        stop = min(offset + length, self.size)
        index = bisect_right(self.starts, offset) - 1
        while offset < stop:
            file, start = self.files[index], self.starts[index]
            end = min(stop, start + file.size)
            if end > offset:
                parts.append(file.content.read(offset - start, end - offset))
                offset = end
            index += 1
        return parts[0] if len(parts) == 1 else b"".join(parts)
