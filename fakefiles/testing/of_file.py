"""Which records are about a file: requests for it, however its URL is written, and peers that have it as a torrent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from fakefiles.behaviour.swarm import Swarm
from fakefiles.behaviour.torrents import Torrents
from fakefiles.http.record import Record
from fakefiles.transfer.record import JournalError, TransferRecord
from fakefiles.transfer.span import Span
from fakefiles.urls import sets
from fakefiles.urls.mirrors import unfolded
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.settings import Settings

if TYPE_CHECKING:
    from fakefiles.bittorrent.layout import Entry

# pytest then leaves the functions of this module out of tracebacks: the line of the test is what matters.
__tracebackhide__ = True

_MOST_ROWS = 20
# Of a path: /set/{files}/{name}, and below that its files.
_SET_SEGMENTS = 3
# A chain of redirects, and links, lead through URLs that differ in these only; and a file's address may say that its
# name is no sidecar's.
_PASSING = {"redirect", "signature", "sidecar"}


class _Meaning(NamedTuple):
    """What is equal for all URLs of a file: the segments of its path, and its parameters in order."""

    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]


def of_file(records: Iterable[TransferRecord], url: str, settings: Settings | None = None) -> list[TransferRecord]:
    """Return the records of a URL, absolute or not: of its redirects and links, its web seed, and peers of its torrent.

    URLs match regardless of their percent-encoding and the order of their parameters. Of a set, the spans in the
    records of its files become those of the set in a row, as peers have them.

    Raises AssertionError if there are no records, JournalError if bytes were compressed, or peers asked for too much to
    be kept.
    """
    all_records = list(records)
    found = list(_found(all_records, url, settings or Settings()))
    if not found:
        urls = sorted({record.url for record in all_records})
        others = f"the requests were for\n  {few(urls)}" if urls else "there were no requests at all"
        raise AssertionError(f"nobody asked for {_origin_form(url)}; {others}")
    if any("encoding=gzip" in record.faults and record.body_sent for record in found):
        raise JournalError(
            "a compressed body has no offsets of the file: assert on .requests, or without encoding=gzip"
        )
    if any(getattr(record, "overflowed", False) for record in found):
        raise JournalError("a peer has asked for so many pieces in so odd an order that not all were kept")
    return found


def _found(records: Iterable[TransferRecord], url: str, settings: Settings) -> Iterator[TransferRecord]:
    # What goes wrong in the swarm is not in the URLs of files: the web seed has nothing to do with it.
    by_http, by_peers = _meaning(url, Torrents, Swarm), _meaning(url, Torrents)
    starts: Mapping[tuple[str, ...], int] | None = None
    for record in records:
        if not isinstance(record, Record):
            if _meaning(record.url, Torrents) == by_peers:
                yield record
            continue
        meaning = _meaning(record.url, Torrents, Swarm)
        if meaning == by_http:
            yield record
        elif by_http.path[0] == sets.ROOT and _is_below(meaning, by_http):
            starts = _starts(_entries(url, settings)) if starts is None else starts
            yield _in_row(record, starts, meaning.path[_SET_SEGMENTS:], url)


def _is_below(meaning: _Meaning, folder: _Meaning) -> bool:
    return meaning.query == folder.query and meaning.path[:_SET_SEGMENTS] == folder.path


def padding_of(url: str, settings: Settings) -> list[Span]:
    """Return what need not be sent of a set: the padding between its files, in a torrent of v2."""
    if _meaning(url).path[0] != sets.ROOT:
        return []
    padding, at = [], 0
    for entry in _entries(url, settings):
        if entry.pad:
            padding.append(Span(at, at + entry.file.size))
        at += entry.file.size
    return padding


def _entries(url: str, settings: Settings) -> Sequence[Entry]:
    """Return how the files of a set lie in a row, whether it has a torrent or not."""
    # Late: HTTP works without BitTorrent.
    from fakefiles.bittorrent.layout import entries_of
    from fakefiles.bittorrent.sidecars import abouts_of

    return entries_of(abouts_of(_origin_form(url), settings)[0])


def _starts(entries: Iterable[Entry]) -> Mapping[tuple[str, ...], int]:
    """Return where each file of a set begins in its row, by the names that lead to it; "" is where the row ends."""
    starts, at = {}, 0
    for entry in entries:
        if not entry.pad:
            starts[tuple(entry.path)] = at
        at += entry.file.size
    starts["",] = at
    return starts


def _in_row(record: Record, starts: Mapping[tuple[str, ...], int], path: Sequence[str], url: str) -> Record:
    start = starts.get(tuple(path))
    if start is None or record.size is None:  # 404, perhaps
        return record

    def moved(spans: Iterable[Span]) -> list[Span]:
        return [Span(span.start + start, span.stop + start) for span in spans]

    return replace(record, url=_origin_form(url), size=starts["",], given=moved(record.given), sent=moved(record.sent))


def _origin_form(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _meaning(url: str, *without: type) -> _Meaning:
    """Return what a URL means, without the parameters of some parts of the options."""
    path, _, query = _origin_form(url).partition("?")
    segments = [unquote(segment) for segment in path.removeprefix("/").split("/")]
    segments, query = unfolded(segments, query)
    pairs = parse_qsl(query, keep_blank_values=True)
    return _Meaning(tuple(segments), tuple(sorted(pair for pair in pairs if not _passes(pair[0], without))))


def _passes(name: str, without: Sequence[type]) -> bool:
    return name in _PASSING or (name in PARAMETERS and PARAMETERS[name].part in without)


def few(lines: Sequence[str], separator: str = "\n  ") -> str:
    """Join lines; if there are more than twenty, leave out the middle."""
    if len(lines) > _MOST_ROWS:
        half = _MOST_ROWS // 2
        lines = [*lines[:half], f"... {len(lines) - 2 * half + 1} more ...", *lines[-half + 1 :]]
    return separator.join(lines)
