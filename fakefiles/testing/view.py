"""What the servers of tests have in common: URLs, the requests since a moment, and assertions about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fakefiles.http.record import Record
from fakefiles.testing import assertions
from fakefiles.testing.process import ServerError
from fakefiles.transfer.record import JournalError
from fakefiles.urls.settings import Settings
from fakefiles.urls.url_for import path_for

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakefiles.urls.keywords import UrlOptions


# What these raise is about a line of a test: that pytest shows, and none of ours (unless --full-trace asks for them).
__tracebackhide__ = True

#: How often, in seconds, transfers that go on are looked at: a journal tells of beginnings and ends, not of each byte.
PROGRESS_INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal said: its version, the last number it has let go and the last it has given, and some records."""

    version: int
    lost: int
    count: int
    records: list[Record]


class View(ABC):
    """A server at `url`, and the requests it has had since the view began, of one `tag` if the view has one.

    What reads the journal raises JournalError when it cannot tell the whole truth, and ServerError when there is no
    server any more. `url` ends with a slash.
    """

    def __init__(self, url: str, settings: Settings, tag: str = "") -> None:
        self.url = url
        parts = urlsplit(url)
        self.host: str = parts.hostname or ""
        self.port: int = parts.port or 0
        self.tag = tag
        self._settings = settings
        self._start = 0

    def url_for(self, size: int | str, name: str = "", **options: Unpack[UrlOptions]) -> str:
        """Return the URL of a file; the options are those of its query, like content="random", seed=3.

        Raises RequestError, a ValueError, with the line the server would answer, if it would refuse it.
        """
        self._check()
        if self.tag and options.setdefault("tag", self.tag) != self.tag:
            raise ValueError("this view marks its URLs with a tag of its own; leave out tag=")
        return self.url + path_for(size, name, options, self._settings).removeprefix("/")

    @property
    def requests(self) -> list[Record]:
        """The requests since the view began, in their order."""
        return self._since_start(self._read())

    def clear(self) -> None:
        """Begin anew: earlier requests do not count any more."""
        self._start = self._read().count

    def assert_complete(self, url: str) -> None:
        """Demand that every byte of a file was sent, over all requests."""
        assertions.assert_complete(self._settled(url))

    def assert_no_refetch(self, url: str) -> None:
        """Demand that no byte of a file was sent twice; assertions.assert_no_refetch has the details."""
        assertions.assert_no_refetch(self._settled(url))

    def assert_resumed_at(self, url: str, offset: int) -> None:
        """Demand that a request went on at exactly this byte, with 206, where an earlier one had broken off."""
        assertions.assert_resumed_at(self._settled(url), offset)

    def assert_ranges(self, url: str, spans: Iterable[tuple[int, int]]) -> None:
        """Demand that these ranges were given and no others, in any order; (0, 500) are the first 500 bytes."""
        assertions.assert_ranges(self._settled(url), spans)

    def max_parallel(self) -> int:
        """Return the most GET requests that were under way at the same time."""
        return assertions.max_parallel(self.requests)

    def connections(self) -> int:
        """Return the number of connections on which the requests came."""
        return assertions.connections(self.requests)

    def _since_start(self, reading: Reading) -> list[Record]:
        if reading.lost > self._start:
            raise JournalError(
                "the journal has overflowed and lost requests since this view began;"
                " give the server a larger --journal, or clear() more often"
            )
        return [record for record in reading.records if record.number > self._start]

    @abstractmethod
    def _check(self) -> None:
        """Raise ServerError when the server has been stopped."""

    @abstractmethod
    def _read(self) -> Reading:
        """Read all of the journal that is marked with the tag, if there is one."""

    @abstractmethod
    def _settled(self, url: str) -> list[Record]:
        """Return the requests for a URL, of which none goes on any more; see of_file."""


def stopped() -> ServerError:
    """Return what to raise when a server is to be used after its end."""
    return ServerError("the server has been stopped; it can be used only before")


def not_so(requests: Iterable[Record], seconds: float) -> AssertionError:
    """Return what to raise when a predicate has not become true of the requests in so many seconds."""
    return AssertionError(f"not so within {seconds:g} s:\n{assertions.chart(requests)}")


def going_on(url: str) -> JournalError:
    """Return what to raise while a transfer of a URL is under way."""
    return JournalError(
        f"a transfer of {url} still goes on, so that nothing is certain; let it end,"
        " or wait_for(lambda requests: not any(request.live for request in requests))"
    )
