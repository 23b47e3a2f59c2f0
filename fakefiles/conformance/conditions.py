"""What has to come about in a case, by the journal: else the case says nothing, and is void."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakefiles.http.record import Record
from fakefiles.testing.assertions import max_parallel
from fakefiles.testing.view import requests_in
from fakefiles.transfer.record import TransferRecord

#: Whether something is so in the requests of a client, and its connections as a peer; the text is the argument.
Test = Callable[[Sequence[TransferRecord], str], bool]

_LATER = re.compile(r"bytes=[1-9]")
_SUFFIX = re.compile(r"bytes=-[0-9]")


@dataclass(frozen=True, slots=True)
class Condition:
    """A word; the sentence to say if it is not so, in which {} is the argument; and the test."""

    word: str
    otherwise: str
    test: Test


@dataclass(frozen=True, slots=True)
class Demand:
    """A condition with its argument, as a case demands it."""

    condition: Condition
    argument: str

    def unmet(self, records: Sequence[TransferRecord]) -> str:
        """Return why the case is void: a sentence, or "" if what is demanded has come about."""
        if self.condition.test(records, self.argument):
            return ""
        return self.condition.otherwise.format(self.argument)


def _any(test: Callable[[TransferRecord, str], bool]) -> Test:
    return lambda records, argument: any(test(record, argument) for record in records)


def _any_request(test: Callable[[Record, str], bool]) -> Test:
    return lambda records, argument: any(test(record, argument) for record in requests_in(records))


def _asked(pattern: re.Pattern[str]) -> Test:
    return _any_request(lambda record, _: record.method == "GET" and bool(record.asked and pattern.match(record.asked)))


def _again(records: Sequence[TransferRecord], _: str) -> bool:
    """Return whether a GET came after one whose answer was cut short."""
    gets = [record for record in requests_in(records) if record.method == "GET"]
    return any(record.body_sent < record.length for record in gets[:-1])


def _is_sent_edition(record: Record, text: str) -> bool:
    return record.method == "GET" and record.body_sent > 0 and str(record.edition) == text


def _has_fault(record: TransferRecord, name: str) -> bool:
    return any(fault == name or re.match(rf"{re.escape(name)}[=@]", fault) for fault in record.faults)


_ALL = [
    Condition("fault", "nothing had the fault {}", _any(_has_fault)),
    Condition("status", "no answer had the status {}", _any_request(lambda record, text: str(record.status) == text)),
    Condition("method", "no {} request came", _any_request(lambda record, name: record.method == name)),
    Condition("later", "no request asked for a range behind the first byte", _asked(_LATER)),
    Condition("range", "no request had a Range", _asked(re.compile("bytes="))),
    Condition("suffix", "no request asked for the last bytes", _asked(_SUFFIX)),
    Condition("several", "no request asked for several ranges", _asked(re.compile("bytes=.*,"))),
    Condition("requests", "there were fewer than {} requests", lambda records, text: len(records) >= int(text)),
    Condition("parallel", "there were never {} requests at once", lambda rows, text: max_parallel(rows) >= int(text)),
    Condition("edition", "version {} was not sent", _any_request(_is_sent_edition)),
    Condition("field", "no request had the field {}", _any_request(lambda record, name: name in record.headers)),
    Condition("again", "no request came after an answer that was cut short", _again),
    Condition("announce", "no announce came", _any_request(lambda record, _: record.path.endswith("/announce"))),
    Condition("sent", "no byte was sent", _any(lambda record, _: record.body_sent > 0)),
]

#: All conditions, by their word.
CONDITIONS = {condition.word: condition for condition in _ALL}


#: What no request may be like: a name, and whether a request is so.
FORBIDDEN: dict[str, Callable[[Record], bool]] = {
    "gzip-range": lambda record: record.asked is not None and "gzip" in record.headers.get("accept-encoding", ""),
    "weak-if-range": lambda record: record.headers.get("if-range", "").startswith("W/"),
}


def parse_condition(text: str) -> Demand:
    """Return what a text like "status 416" demands. Raises ValueError if there is no such condition."""
    word, _, argument = text.partition(" ")
    condition = CONDITIONS.get(word)
    if condition is None or bool(argument) != ("{}" in condition.otherwise):
        raise ValueError(f"came: not a condition: {text!r}; there are {', '.join(CONDITIONS)}")
    return Demand(condition, argument)
