"""What is known of a client after a case: how its processes ended, which files are there, what the server saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from fakefiles.transfer.record import TransferRecord


class Ender(Enum):
    """Who ended a process."""

    ITSELF = "itself"
    PLAN = "the case"
    LIMIT = "the time limit"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended.

    `status`: its exit status, or minus the number of the signal that killed it. `seconds` by the clock; `memory`, its
    largest resident set, in bytes; 0 if that is no larger than the one of the suite itself, and so not known.
    `output`: the end of what it printed.
    """

    status: int
    seconds: float = 0.0
    memory: int = 0
    output: str = ""
    ender: Ender = Ender.ITSELF

    @property
    def success(self) -> bool:
        """Whether the client says that all is well."""
        return self.status == 0 and self.ender is Ender.ITSELF

    def __str__(self) -> str:
        how = f"exit {self.status}" if self.status >= 0 else f"signal {-self.status}"
        return how if self.ender is Ender.ITSELF else f"{how}, ended by {self.ender.value}"


@dataclass(frozen=True, slots=True)
class Found:
    """A file in the folder after a run.

    `right`: it is the whole file. `good`: so many of its first bytes are right. `untouched`: it is as it was before
    the run. `words`: what the verifier says of it.
    """

    name: str
    size: int
    right: bool = False
    good: int = 0
    untouched: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the client: its processes, what is under the final names afterwards, and all files in its folder."""

    endings: tuple[Ending, ...]
    file: Found | None = None
    second: Found | None = None
    others: tuple[Found, ...] = ()

    @property
    def files(self) -> tuple[Found, ...]:
        """All files."""
        return tuple(each for each in (self.file, self.second, *self.others) if each)

    @property
    def success(self) -> bool:
        """Whether a process of this run says that all is well."""
        return any(ending.success for ending in self.endings)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known: the runs, the requests, and the files that came into being outside of the folder.

    `records` are the first requests, and connections of peers; `requests` is the number of all. `kept`: whether the
    good bytes that were there before are still somewhere in the folder. `commands`: what was run. `lost`: the journal
    could not keep all requests.
    """

    runs: tuple[Run, ...]
    records: Sequence[TransferRecord] = ()
    requests: int = 0
    outside: tuple[str, ...] = ()
    kept: bool = True
    commands: tuple[str, ...] = ()
    url: str = ""
    lost: bool = False
