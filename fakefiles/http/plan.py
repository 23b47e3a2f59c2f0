"""Decides what a request gets: a request in plain values goes in; status, headers and body come out."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import NamedTuple

from fakefiles.behaviour.occasions import Occasion, Occasions
from fakefiles.behaviour.schedule import Moment
from fakefiles.files.digests import Hashing
from fakefiles.files.errors import ALLOWED_METHODS, MethodNotAllowedError, RequestError
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.answers import Answer, finished, refused
from fakefiles.http.coded_files import negotiated
from fakefiles.http.conditions import not_modified
from fakefiles.http.cors import concerns, preflight, readable
from fakefiles.http.crowd import crowd_of, turned_away
from fakefiles.http.editions import edition_of, of_edition
from fakefiles.http.entrance import at_entrance
from fakefiles.http.file_answers import FileAnswer
from fakefiles.http.messages import around, dropped
from fakefiles.http.places import place_of
from fakefiles.http.ranges import requested_spans
from fakefiles.http.request import Ask
from fakefiles.http.spelled_fields import with_spelled_fields
from fakefiles.http.subjects import Known, Subject, about_of, options_of, result_for, subject_of
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import About
from fakefiles.urls.target import Target, parse_target

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)

_OPTIONS = Answer(204, {"Allow": ", ".join(ALLOWED_METHODS)})
# For URLs whose requests need no counting.
_ANY = Occasion(0, Random(0))  # noqa: S311  never drawn from, and no secret


class Wait(NamedTuple):
    """The hashing that must be done before the answer can be made."""

    file: VirtualFile
    hashing: Hashing


class FilePlan(NamedTuple):
    """The plan for a request that reaches a file: first the digest it waits for, if any, then the answer.

    The request is counted by answer(), not before: requests that wait for a digest count in the order of their answers.
    With `cors`, web pages of any origin may read the answer.
    """

    ask: Ask
    target: Target
    settings: Settings
    cors: bool = False

    def awaited(self, known: Known) -> Wait | None:
        """Return what to hash before answer() may be called, or None if there is nothing left to wait for.

        Which version of a file that changes is sent is known only in answer(): so the digests of both are awaited.
        """
        if self.target.sidecar is None and self.target.options.digest is None:
            return None
        for file in self.target.options.change.editions(self.target.file):
            hashing = self._needed(about_of(self.ask, self.target._replace(file=file), self.settings))
            if hashing is not None and known(file, hashing) is None:
                return Wait(file, hashing)
        return None

    def _needed(self, about: About) -> Hashing | None:
        """Return what the answer needs of a file; the headers of a sidecar alone need no hashing."""
        sidecar = self.target.sidecar
        if sidecar is None:
            return self.target.options.digest
        try:
            beside = sidecar.beside(about)
            sends = self.ask.method == "GET" and not not_modified(self.ask.header, beside.etag, beside.modified)
            return sidecar.hashing(about) if sends else None
        except RequestError:
            return None  # the answer will say so

    def seeded(self, edition: int | None, known: Known) -> tuple[About, bytes] | None:
        """Return what the seed has to know after an answer with a torrent or a magnet, else None."""
        target, sidecar = self.target, self.target.sidecar
        if sidecar is None or not sidecar.seeded:
            return None
        file = target.options.change.editions(target.file)[(edition or 1) - 1]
        about = about_of(self.ask, target._replace(file=file), self.settings)
        result = result_for(about, sidecar, target.options, known)
        return None if result is None else (about, result)

    def answer(self, known: Known, occasions: Occasions) -> Answer:
        """Return the answer. `occasions` is what the server remembers of earlier requests; this one is added there."""
        ask, target, edition = self.ask, self.target, None
        change = target.options.change
        try:
            if not target.sidecar:
                target.options.check_offsets(target.file.size)
            if change.change is not None:
                edition = edition_of(ask, target, occasions)
                target = target._replace(file=change.editions(target.file)[edition - 1])
            reply = _deliver(self._replace(target=target), known, occasions)
        except RequestError as error:
            reply = refused(error)
        if edition is not None:
            reply = of_edition(reply, edition, change)
        return finished(readable(reply) if self.cors else reply, ask)


def plan(ask: Ask, settings: Settings, occasions: Occasions) -> Answer | FilePlan:
    """Return the answer to a request that needs no file, or else the plan for one that does.

    `occasions` is what the server remembers of earlier requests; links, and turns of redirects, are counted there.

    Raises nothing: a wrong request gets an answer that says so.
    """
    cors = settings.cors and concerns(ask)
    try:
        planned = _plan(ask, settings, occasions, cors=cors)
    except RequestError as error:
        planned = refused(error)
    if not isinstance(planned, Answer):
        return planned
    return finished(readable(planned) if cors else planned, ask)


def _plan(ask: Ask, settings: Settings, occasions: Occasions, *, cors: bool) -> Answer | FilePlan:
    check_host(ask)
    if cors and (allowed := preflight(ask)):
        return allowed
    if ask.method not in ALLOWED_METHODS:
        raise MethodNotAllowedError(f"the methods here are {', '.join(ALLOWED_METHODS)}")
    target = parse_target(ask.path, ask.query, settings)
    if ask.method == "OPTIONS":
        return _OPTIONS
    options = target.options
    if options.guarded and (stopped := at_entrance(ask, options, settings.hosts, occasions)):
        return replace(stopped, delay=options.pace.delay)
    return FilePlan(ask, target, settings, cors)


def _deliver(planned: FilePlan, known: Known, occasions: Occasions) -> Answer:
    """Return the file, or what is to come instead, as the options have it on this occasion."""
    ask, target, settings, _ = planned
    options = options_of(target)
    # A torrent or a magnet also depends on the ports of the server, which are others after a restart.
    lasting = not (options.changing or (target.sidecar and target.sidecar.seeded))
    occasion = _ANY
    if options.counted:
        occasion = occasions.next(place_of(ask, options.tag, ask.method), options.seed)
        if not options.when.now(occasion):
            options = options.behaving()
    if options.scheduled:
        options = options.at(_moment(ask, target.file, options.seed, occasion.number))
    pace, limit = options.pace, options.limits.limit
    delay = pace.delay + (occasion.rng.uniform(0, pace.jitter) if pace.jitter else 0)
    crowd = None if limit is None else crowd_of(ask, options)
    if limit is not None and occasions.seats.taken(crowd) >= limit:
        return replace(turned_away(options), delay=delay)
    options = negotiated(ask, options)
    subject = subject_of(ask, target, options, settings, known)
    maker = FileAnswer(ask, subject.file, options, subject.headers, occasion, occasions, lasting)
    reply = dropped(ask, options.message) or around(_made(maker, subject), ask, options.message)
    if limit is not None:
        reply = replace(reply, seat=occasions.seats.take(crowd))
    return replace(reply, delay=delay) if delay else reply


def _made(maker: FileAnswer, subject: Subject) -> Answer:
    """Return what is made, or an answer that says why it cannot be; with the fields and the lie of its subject."""
    try:
        reply = maker.make()
        if subject.more and "Link" in reply.headers:
            reply = replace(reply, more=[*subject.more, *reply.more])
    except RequestError as error:
        reply = refused(error)
    if not maker.lasting and maker.options.has_fields:
        reply = with_spelled_fields(reply, maker.options, maker.file.name)
    return replace(reply, faults=[*reply.faults, subject.lie]) if subject.lies_in(reply, maker.ask) else reply


def _moment(ask: Ask, file: VirtualFile, seed: int, number: int) -> Moment:
    """Return what schedules see of a request."""
    asked = ask.header("Range")
    try:
        spans = requested_spans(asked, file.size) if asked is not None else None
    except RequestError:
        spans = []  # it cannot be satisfied
    return Moment(number, ask.method, spans, file.size, seed)


def check_host(ask: Ask) -> None:
    """Demand exactly one valid Host of an HTTP/1.1 request (RFC 9112, 3.2)."""
    host = ask.header("Host")
    if host is None and ask.version == "HTTP/1.1":
        raise RequestError("an HTTP/1.1 request needs a Host header")
    if host is not None and not _HOST.fullmatch(host):
        raise RequestError("a request needs exactly one Host header, like example.org:8000")
