"""The options in the query of a URL, in parts, and which of them a request gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

from fakefiles.behaviour.breaks import Breaks
from fakefiles.behaviour.change import Change
from fakefiles.behaviour.codings import Codings
from fakefiles.behaviour.disposition import Disposition
from fakefiles.behaviour.false_digests import FalseDigests
from fakefiles.behaviour.fields import Fields
from fakefiles.behaviour.head import Head
from fakefiles.behaviour.if_range import IfRange
from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.limits import Limits
from fakefiles.behaviour.links import Signed
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.message import Message
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.parameter import parameter, parameters_of
from fakefiles.behaviour.partial import NO_PARTIAL, Partial
from fakefiles.behaviour.redirects import Redirects
from fakefiles.behaviour.schedule import Moment, Scheduled
from fakefiles.behaviour.substitute import Substitute
from fakefiles.behaviour.swarm import Swarm
from fakefiles.behaviour.torrents import Torrents
from fakefiles.behaviour.values import NAME, SIZE, SWITCH, Kind, number, one_of
from fakefiles.files.content import Content
from fakefiles.files.digests import BY_FIELD, Algorithm
from fakefiles.files.kinds import KINDS, ONES, Random
from fakefiles.transfer.body import MAX_PIECE
from fakefiles.transfer.framing import Framing

_PACE, _WHEN = Pace(), When()
_BREAKS, _SUBSTITUTE, _LIES = Breaks(), Substitute(), Lies()
_HEAD = Head()
_LIMITS, _SIGNED = Limits(), Signed()
_DISPOSITION, _FIELDS = Disposition(), Fields()
_LOGIN, _REDIRECTS = Login(), Redirects()
_CHANGE, _IF_RANGE = Change(), IfRange()
_TORRENTS, _SWARM = Torrents(), Swarm()

_PACES = {each.name for each in fields(Pace)}
_BREAKABLE = {each.name for each in fields(Breaks)}
_REPEATABLE = {each.name for each in parameters_of(Fields) if each.repeatable}
_MESSAGE, _FALSE_DIGESTS, _CODINGS = Message(), FalseDigests(), Codings()

_DIGEST = one_of(*BY_FIELD, into=BY_FIELD.__getitem__)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a query. Its fields and those of its parts are the parameters of URLs.

    `chunk_size` is in bytes. `sidecar`: whether a name like x.sha256 means a sidecar of x. `digest`: the one to send,
    even if it must be computed first. `tag` marks the request in the journal. `seed` is that of random faults
    (`content` has its own). `scheduled` are values of parts that apply to some requests only: see at(). `asked` are the
    names of the parameters in the URL itself, not in a default or a profile.
    """

    content: Content = parameter(
        # Only a name as yet: a server may have kinds of its own (query.py looks it up).
        Kind("|".join(KINDS), str),
        "The kind of bytes in the file.",
        default=ONES,
        url_only=True,
    )
    seed: int = parameter(
        number(0, Random.MAX_SEED),
        "Another random file, and other random faults, for each N.",
        default=0,
        url_only=True,
    )
    chunk_size: int = parameter(SIZE, "The bytes in each chunk, and the most in one write.", default=MAX_PIECE)
    framing: Framing = parameter(
        one_of(*Framing, into=Framing), "How the client knows where the body ends.", default=Framing.LENGTH
    )
    sidecar: bool = parameter(
        SWITCH, "Whether a name that ends in .sha256 or .torrent means a sidecar.", default=True, url_only=True
    )
    digest: Algorithm | None = parameter(_DIGEST, "Send this digest in the headers; it takes time.")
    tag: str = parameter(
        NAME, "Mark the request in the journal, and count it apart from others.", default="", url_only=True
    )
    pace: Pace = _PACE
    breaks: Breaks = _BREAKS
    substitute: Substitute = _SUBSTITUTE
    lies: Lies = _LIES
    partial: Partial = NO_PARTIAL
    head: Head = _HEAD
    change: Change = _CHANGE
    if_range: IfRange = _IF_RANGE
    limits: Limits = _LIMITS
    disposition: Disposition = _DISPOSITION
    fields: Fields = _FIELDS
    codings: Codings = _CODINGS
    false_digests: FalseDigests = _FALSE_DIGESTS
    message: Message = _MESSAGE
    login: Login = _LOGIN
    redirects: Redirects = _REDIRECTS
    signed: Signed = _SIGNED
    torrents: Torrents = _TORRENTS
    swarm: Swarm = _SWARM
    when: When = _WHEN
    scheduled: Sequence[Scheduled] = ()
    asked: Collection[str] = field(default=(), compare=False)

    # Comparing tuples is cheap here: Python compares items by identity first, and a plain URL has the default parts.

    @property
    def misbehaving(self) -> bool:
        """Whether the URL asks for a fault or a lie, on some request at least."""
        return any(each.name not in _PACES for each in self.scheduled) or _faults_of(self) != _NO_FAULTS

    @property
    def has_fields(self) -> bool:
        """Whether the URL spells out fields of its answer."""
        return (self.disposition, self.fields) != (_DISPOSITION, _FIELDS)

    @property
    def changing(self) -> bool:
        """Whether the answer may differ from one request to the next, or is false, so that no cache may keep it."""
        # Its pace, too, is for some requests only, if it has a schedule: no cache may answer them.
        if self.misbehaving or self.scheduled:
            return True
        return self.guarded or self.change != _CHANGE

    @property
    def guarded(self) -> bool:
        """Whether something comes before the file: a login, a redirect, a link."""
        return (self.login, self.redirects, self.signed) != (_LOGIN, _REDIRECTS, _SIGNED)

    @property
    def plain(self) -> bool:
        """Whether the file is delivered as an ordinary server does: at full speed, without faults."""
        return not self.changing and (self.pace, self.when) == (_PACE, _WHEN)

    @property
    def counted(self) -> bool:
        """Whether the answer depends on the number of earlier requests."""
        if (self.when, self.pace.jitter) != (_WHEN, 0) or self.lies.etag == "rotate":
            return True
        return any(each.when.counts or (each.name, each.value) == ("etag", "rotate") for each in self.scheduled)

    def at(self, moment: Moment) -> Options:
        """Return the options of one request: with the values that apply to it, and nothing more to say when.

        Of several values of one parameter, the first one applies whose schedule holds; without any, the one that has no
        schedule. Of a repeatable one, all apply whose schedules hold, and those that have none.

        Raises RequestError if those of one part contradict each other.
        """
        values: dict[str, Any] = {}
        for name, value, when, adds in self.scheduled:
            if (adds or name not in values) and when.holds(moment, name):
                values[name] = (*values.get(name, ()), *value) if adds else value
        return replace(self, scheduled=(), **{**self.parts_with(values), "when": _WHEN})

    def parts_with(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts that these values belong to, by the names of their fields here, with the values."""
        parts = {}
        for name, part in PARTS.items():
            mine = {each.name: values[each.name] for each in fields(part) if each.name in values}
            if mine:
                own = getattr(self, name)
                added = {each: (*getattr(own, each), *mine[each]) for each in mine.keys() & _REPEATABLE}
                parts[name] = replace(own, **{**mine, **added})
        return parts

    def behaving(self) -> Options:
        """Return the options without faults and lies; the pace, the login, the redirects and the change stay."""
        paces = tuple(each for each in self.scheduled if each.name in _PACES)
        return replace(self, **_FAULTS, scheduled=paces)

    def check_offsets(self, size: int) -> None:
        """Raise RequestError if a fault that the URL itself asks for cannot happen in a file of `size` bytes."""
        self.breaks.check(self.asked, size)
        for name, value, *_ in self.scheduled:
            if name in _BREAKABLE:
                replace(_BREAKS, **{name: value}).check(self.asked, size)

    def for_sidecar(self) -> Options:
        """Return the options for a sidecar of the file: all faults and lies are of the file, but for wrong digests."""
        false = self.false_digests if self.false_digests.in_sidecars else _FALSE_DIGESTS
        lies = [each for each in self.scheduled if each.name == "digest_lie" and FalseDigests(each.value).in_sidecars]
        true = self.behaving()
        return replace(true, false_digests=false, scheduled=(*true.scheduled, *lies))


#: The parts of Options by field name, each with its default value.
PARTS: Mapping[str, Any] = {
    each.name: each.default for each in fields(Options) if not each.metadata and each.name not in {"scheduled", "asked"}
}
#: The parts whose parameters have no schedules. What comes before the file is not counted with the requests that reach
#: it; the others say themselves when they apply, or are for all requests.
UNSCHEDULED = {"change", "limits", "login", "redirects", "signed", "torrents", "when"}
#: The parts that never make the server slow, broken or lying.
BENIGN = {"torrents"}
# What is slow, comes before the file, or says which version it has, is no fault; nor is what says when.
_NO_FAULT = {"pace", "login", "redirects", "signed", "torrents", "change", "when"}
_FAULTS: Mapping[str, Any] = {name: default for name, default in PARTS.items() if name not in _NO_FAULT}
_faults_of = attrgetter(*_FAULTS)
_NO_FAULTS = tuple(_FAULTS.values())
