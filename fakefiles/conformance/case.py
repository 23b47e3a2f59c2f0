"""What a case is: the file and the fault, the set-up, what has to come about, and which outcomes are right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from fakefiles.conformance.capabilities import CAPABILITIES
from fakefiles.conformance.conditions import FORBIDDEN, parse_condition
from fakefiles.conformance.verdicts import Level, Verdict
from fakefiles.files.units import Offset, parse_offset, parse_size
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target

#: The most runs of a client in one case.
MAX_RUNS = 3
#: What stands for the mark of a run in queries and names, so that no two runs have it in common.
MARK = "{mark}"

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PERCENT = re.compile(r"([0-9]+)%")
_BYTES = ("right", "stale", "garbage")
_PLACES = ("partial", "file")
_OUTCOMES = ("file", "failure")
_ACTIONS = ("", "SIGINT", "SIGTERM", "SIGKILL", "drop", "release", "change")


@dataclass(frozen=True, slots=True)
class Before:
    """A file that is there before the client runs.

    `bytes`: "right", those of the file; "stale", those of another version of it; "garbage". `size` is in per cent of
    that of the file, or in bytes; of "right" bytes, what is more than the file has is garbage. `at`: "partial", where
    the client keeps a partial file, or "file".
    """

    bytes: str = "right"
    size: str = "50%"
    at: str = "partial"

    def __post_init__(self) -> None:
        _one_of("bytes", self.bytes, _BYTES)
        _one_of("at", self.at, _PLACES)
        self.length(100)

    def length(self, size: int) -> int:
        """Return how many bytes are there, of a file of `size` bytes."""
        if match := _PERCENT.fullmatch(self.size):
            return size * int(match[1]) // 100
        return parse_size(self.size)


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    - `slug`: its name for ever. `group`: the name of the file that it stands in.
    - `server`: what the server does; `mistake`: what goes wrong with clients. One sentence each.
    - `size`, `name`, `query`: the URL. `second`: the query of another file that the client fetches on the same
      connection; None if there is none.
    - `needs`: capabilities, without which the case is not applicable. With "torrent", "magnet" or "metalink", the URL
      is that of the sidecar of the file.
    - `before`: a file that is there. `runs`: how often the client runs at most, until it succeeds.
    - `held`: what happens when the transfer of the first run is held: a signal to the client, "drop" (its connections
      are reset), "change" (the file is another one from now on) or "release".
    - `together`: how many clients run at once. `disk`: where in the file the first run cannot write any more.
    - `came`: what must have come about, or the case is void; see conditions.
    - `never`: what no request may be like; see conditions.
    - `outcome`: "file", the client ends with the file; "failure", it may as well fail. `level`: by which kind of rule.
      `failure`: the verdict on a client that fails although it need not.
    - `most_requests`, `most_sent` (in sizes of the file), `most_memory`, `least_wait` (seconds between two tries): what
      is measured.
    - `keeps`: the good bytes that were there must still be there after a failure. `about_second`: only the second file
      counts. `outside`: names outside of the folder that must not come into being.
    - `rfc`: sections, like "9110 14.4"; `links`: issues of clients, like "curl/curl#1163".
    """

    slug: str
    group: str
    server: str
    mistake: str
    query: str = ""
    size: str = "100k"
    name: str = "a.bin"
    second: str | None = None
    needs: tuple[str, ...] = ()
    before: Before | None = None
    runs: int = 1
    held: str = ""
    together: int = 1
    disk: str = ""
    came: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    outcome: str = "file"
    level: Level = Level.MUST
    failure: Verdict = Verdict.REFUSE
    most_requests: int = 20
    most_sent: float | None = None
    most_memory: str = ""
    least_wait: float | None = None
    keeps: bool = False
    about_second: bool = False
    outside: tuple[str, ...] = ()
    rfc: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ValueError("a slug is words in lower case, joined by hyphens")
        for name in ("server", "mistake"):
            text = getattr(self, name)
            if not (text[:1].isupper() and text.endswith(".") and "\n" not in text):
                raise ValueError(f"{name} is a sentence, with a capital letter and a full stop")
        _one_of("outcome", self.outcome, _OUTCOMES)
        _one_of("held", self.held, _ACTIONS)
        for name in self.needs:
            _one_of("needs", name, tuple(CAPABILITIES))
        for text in self.came:
            parse_condition(text)
        for name in self.never:
            _one_of("never", name, tuple(FORBIDDEN))
        self._check_runs()
        self._check_url()

    def _check_runs(self) -> None:
        if not 1 <= self.runs <= MAX_RUNS:
            raise ValueError(f"runs is a number from 1 to {MAX_RUNS}")
        if self.held and "hold=" not in self.query:
            raise ValueError("held needs a hold= in the query")
        if self.held.startswith("SIG") and self.runs == 1 and not self.most_memory:
            raise ValueError("a client that is killed needs another run")
        if (self.second is not None) != ("pair" in self.needs):
            raise ValueError('second and needs = ["pair"] go together')
        if self.about_second and self.second is None:
            raise ValueError("about_second needs a second file")

    def _check_url(self) -> None:
        target = parse_target([self.size, self.name + self.suffix], self.queried(MARK.strip("{}")), Settings())
        object.__setattr__(self, "bytes", target.file.size)
        parse_target([self.size, "b.bin"], self.second or "", Settings())
        if self.disk:
            parse_offset(self.disk)
        if self.most_memory:
            parse_size(self.most_memory)

    @property
    def local_name(self) -> str:
        """The name of the file on disk, for clients that are told it."""
        return self.name.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The suffix of the sidecar whose URL the client gets; "" if it gets that of the file."""
        return "".join(CAPABILITIES[name].suffix for name in self.needs)

    @property
    def linked(self) -> bool:
        """Whether the client gets the link that stands at the URL."""
        return any(CAPABILITIES[name].linked for name in self.needs)

    def queried(self, mark: str) -> str:
        """Return the query for a run with this mark; content=ruler, unless the case says otherwise."""
        own = self.query.replace(MARK, mark)
        return own if "content=" in own else "&".join(filter(None, ["content=ruler", own]))

    def target(self, mark: str, tag: str) -> str:
        """Return the path and the query of the URL."""
        name = quote(self.name + self.suffix, safe="")
        return f"/{self.size}/{name}?{self.queried(mark)}&tag={tag}"

    def second_target(self, tag: str) -> str:
        """Return the path and the query of the second URL; "" if there is none."""
        if self.second is None:
            return ""
        return "&".join(filter(None, [f"/{self.size}/b.bin?content=ruler", self.second, f"tag={tag}"]))

    @property
    def full_from(self) -> int | None:
        """How many bytes the first run can write; None if as many as it wants."""
        return Offset.at(parse_offset(self.disk), self.bytes) if self.disk else None


def _one_of(what: str, value: str, words: tuple[str, ...]) -> None:
    if value not in words:
        raise ValueError(f"{what} is one of {', '.join(word or 'nothing' for word in words)}")
