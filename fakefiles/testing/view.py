"""The common interface of the servers for tests: URLs, the requests since the view began, assertions about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fakefiles.http.record import Record
from fakefiles.testing import assertions
from fakefiles.testing.of_file import padding_of
from fakefiles.testing.process import ServerError
from fakefiles.transfer.record import JournalError, TransferRecord
from fakefiles.urls.query import tag_of
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import parse_target
from fakefiles.urls.url_for import Url, path_for, path_for_set

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakefiles.bittorrent.announce import Announce
    from fakefiles.bittorrent.record import PeerRecord
    from fakefiles.urls.keywords import UrlOptions


# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

#: Seconds between two looks at live transfers: the journal reports their start and end, but not the bytes between.
PROGRESS_INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of reading a journal: its version, `lost` and `count` (see Journal), and the records asked for."""

    version: int
    lost: int
    count: int
    records: Sequence[TransferRecord]


class View(ABC):
    """A server at `url`, and the requests to it since the view began; if the view has a `tag`, only those with it.

    Methods that read the journal raise JournalError if it has lost requests or cannot be certain, and ServerError if
    the server is gone. `url` ends with a slash.
    """

    def __init__(self, url: str, settings: Settings, tag: str = "") -> None:
        self.url = url
        parts = urlsplit(url)
        self.host: str = parts.hostname or ""
        self.port: int = parts.port or 0
        self.tag = tag
        self._settings = settings
        self._start = 0

    def url_for(self, size: int | str, name: str = "", **options: Unpack[UrlOptions]) -> Url:
        """Return the URL of a file; the options are the parameters of its query, like content="random", seed=3.

        It is a str with the URLs of its sidecars, like url.torrent.

        Raises RequestError, a ValueError, if the server would refuse the URL; its text is the answer.
        """
        self._mark(options)
        return Url(self.url + path_for(size, name, options, self._settings).removeprefix("/"))

    def url_for_set(self, files: Mapping[str, int | str], name: str, **options: Unpack[UrlOptions]) -> Url:
        """Return the URL of a set of files, of their paths with their sizes, like {"docs/readme.txt": "2k"}.

        It is that of their folder, which has a torrent, a magnet and metalinks: ask for url.torrent. Each file is below
        it. Raises RequestError as url_for() does.
        """
        self._mark(options)
        return Url(self.url + path_for_set(files, name, options, self._settings).removeprefix("/"))

    def _mark(self, options: UrlOptions) -> None:
        """Give the options of a URL the tag of the view, if it has one."""
        self._check()
        if self.tag and options.setdefault("tag", self.tag) != self.tag:
            raise ValueError("this view marks its URLs with a tag of its own; leave out tag=")

    @property
    def requests(self) -> list[Record]:
        """The requests since the view began, in the order of their arrival."""
        return requests_in(self._since_start(self._read()))

    @property
    def peers(self) -> list[PeerRecord]:
        """The peers that have come to the seed since the view began, in the order of their handshakes."""
        from fakefiles.bittorrent.record import PeerRecord

        return [record for record in self._since_start(self._read()) if isinstance(record, PeerRecord)]

    @property
    def announces(self) -> list[Announce]:
        """What peers have told the tracker over HTTP since the view began, in the order of their announces."""
        from fakefiles.bittorrent.announce import announces_in

        return list(announces_in(self.requests))

    def clear(self) -> None:
        """Begin the view now: forget all earlier requests."""
        self._start = self._read().count

    def assert_complete(self, url: str) -> None:
        """Assert that every byte of a file was sent; of one that changes, of one of its versions.

        What peers got of its torrent, and what the web seed sent, counts as well.
        """
        assertions.assert_complete(self._settled(url), padding_of(url, self._settings))

    def assert_from_peers(self, url: str) -> None:
        """Assert that all that was sent of a file went to peers of its torrent, and nothing over HTTP."""
        assertions.assert_source(self._settled(url), web=False)

    def assert_from_web_seed(self, url: str) -> None:
        """Assert that all that was sent of a file went over HTTP, and nothing to peers of its torrent."""
        assertions.assert_source(self._settled(url), web=True)

    def assert_no_refetch(self, url: str) -> None:
        """Assert that no byte of a file was sent twice; assertions.assert_no_refetch has the details."""
        assertions.assert_no_refetch(self._settled(url))

    def assert_resumed_at(self, url: str, offset: int) -> None:
        """Assert that a request got 206 from exactly this byte on, and that an earlier request had got that far."""
        assertions.assert_resumed_at(self._settled(url), offset)

    def assert_ranges(self, url: str, spans: Iterable[tuple[int, int]]) -> None:
        """Assert that answers gave exactly these ranges, in any order; (0, 500) means the first 500 bytes."""
        assertions.assert_ranges(self._settled(url), spans)

    def max_parallel(self) -> int:
        """Return the largest number of GET requests under way at the same time."""
        return assertions.max_parallel(self.requests)

    def connections(self) -> int:
        """Return the number of connections on which the requests came."""
        return assertions.connections(self.requests)

    def _since_start(self, reading: Reading) -> list[TransferRecord]:
        if reading.lost > self._start:
            raise JournalError(
                "the journal has overflowed and lost requests since this view began;"
                " give the server a larger --journal, or clear() more often"
            )
        return [record for record in reading.records if record.number > self._start]

    def _to_change(self, url: str | None) -> dict[str, str]:
        """Return which files change() is for: the path and the tag of a URL, or all of the view.

        Raises ValueError if the URL is one whose file does not change.
        """
        self._check()
        if url is None:
            return {"tag": self.tag} if self.tag else {}
        parts = urlsplit(url)
        segments = [unquote(segment) for segment in parts.path.removeprefix("/").split("/")]
        if parse_target(segments, parts.query, self._settings).options.change.change is None:
            raise ValueError('the file of this URL does not change; make the URL with change="call"')
        return {"path": parts.path, "tag": tag_of(parts.query)}

    @abstractmethod
    def _check(self) -> None:
        """Raise ServerError if the server has been stopped."""

    @abstractmethod
    def _read(self) -> Reading:
        """Read the journal; if the view has a tag, only records with it."""

    @abstractmethod
    def _settled(self, url: str) -> list[TransferRecord]:
        """Return the requests for a URL, see of_file(). Raises JournalError if one of them is still live."""


def requests_in(records: Iterable[TransferRecord]) -> list[Record]:
    """Return the records that are of HTTP."""
    return [record for record in records if isinstance(record, Record)]


def stopped() -> ServerError:
    """Return the error to raise if a server is used after it was stopped."""
    return ServerError("the server has been stopped; it can be used only before")


def not_so(requests: Iterable[TransferRecord], seconds: float) -> AssertionError:
    """Return the error to raise if a predicate has not become true within `seconds`."""
    return AssertionError(f"not so within {seconds:g} s:\n{assertions.chart(requests)}")


def going_on(url: str) -> JournalError:
    """Return the error to raise if a transfer of a URL is still live."""
    return JournalError(
        f"a transfer of {url} still goes on, so that nothing is certain; let it end,"
        " or wait_for(lambda requests: not any(request.live for request in requests))"
    )
