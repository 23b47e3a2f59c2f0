"""The one place where an answer is decided: a request in plain values goes in, status, headers and body come out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qsl

from fakefiles.behaviour.occasions import Occasion, Occasions, Place
from fakefiles.behaviour.redirects import next_hop
from fakefiles.files.digests import Algorithm
from fakefiles.files.errors import ALLOWED_METHODS, MethodNotAllowedError, RequestError
from fakefiles.files.sidecars import Sidecar
from fakefiles.files.virtual_file import LAST_MODIFIED, VirtualFile
from fakefiles.http.answers import UNCACHEABLE, Answer, finished, line_of_text, refused
from fakefiles.http.conditions import not_modified
from fakefiles.http.digest_fields import digest_field, legacy_field, wanted, wanted_legacy
from fakefiles.http.file_answers import FileAnswer
from fakefiles.http.request import Ask
from fakefiles.urls.options import Options
from fakefiles.urls.settings import Settings
from fakefiles.urls.target import Target, parse_target

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)

#: Returns the digest of a file if it can be had at once, or None.
Known = Callable[[VirtualFile, Algorithm], "bytes | None"]

_OPTIONS = Answer(204, {"Allow": ", ".join(ALLOWED_METHODS)})
# Of a URL whose requests need not be counted.
_ANY = Occasion(0, Random(0))  # noqa: S311  lots, not secrets


class Wait(NamedTuple):
    """A digest of a file that has to be known before there is an answer."""

    file: VirtualFile
    algorithm: Algorithm


class FilePlan(NamedTuple):
    """A request that gets as far as a file: what is to be known first, and then the answer.

    Nothing is counted before answer(): however long a digest takes, a request counts when it is answered.
    """

    ask: Ask
    target: Target

    def awaited(self, known: Known) -> Wait | None:
        """Return the digest to compute before answer() is called, or None if all is known that has to be."""
        file, options, sidecar = self.target
        algorithm = sidecar.digest if sidecar else options.digest
        if algorithm is None or (sidecar and not self._sends(sidecar)):
            return None
        return None if known(file, algorithm) is not None else Wait(file, algorithm)

    def _sends(self, sidecar: Sidecar) -> bool:
        """Return whether the bytes of a sidecar are sent: its headers need no digest."""
        etag = sidecar.beside(self.target.file).etag
        try:
            return self.ask.method == "GET" and not not_modified(self.ask.header, etag, LAST_MODIFIED)
        except RequestError:
            return False

    def answer(self, known: Known, occasions: Occasions) -> Answer:
        """Return the answer on this occasion; `occasions` is what the server remembers of other requests."""
        ask, target = self.ask, self.target
        try:
            if target.sidecar:
                # Its query is that of the file, and so are the faults and lies: what it says is true.
                algorithm = target.sidecar.digest
                file = target.sidecar.beside(target.file, known(target.file, algorithm) if algorithm else None)
                reply = _deliver(ask, file, {}, target.options.behaving(), occasions)
            else:
                headers = _digest_headers(ask, target.file, target.options, known)
                reply = _deliver(ask, target.file, headers, target.options, occasions)
        except RequestError as error:
            reply = refused(error)
        return finished(reply, ask)


def plan(ask: Ask, settings: Settings) -> Answer | FilePlan:
    """Decide what a request gets: an answer that needs no file, or the plan of one that does.

    It raises nothing: what is wrong with the request is an answer too.
    """
    try:
        planned = _plan(ask, settings)
    except RequestError as error:
        planned = refused(error)
    return finished(planned, ask) if isinstance(planned, Answer) else planned


def _plan(ask: Ask, settings: Settings) -> Answer | FilePlan:
    check_host(ask)
    if ask.method not in ALLOWED_METHODS:
        raise MethodNotAllowedError(f"the methods here are {', '.join(ALLOWED_METHODS)}")
    target = parse_target(ask.path, ask.query, settings)
    if ask.method == "OPTIONS":
        return _OPTIONS
    if stopped := _at_gate(ask, target.options):
        return replace(stopped, delay=target.options.pace.delay)
    return FilePlan(ask, target)


def _at_gate(ask: Ask, options: Options) -> Answer | None:
    """Return the answer to a client that may not pass, or has to go elsewhere first."""
    headers = {"Cache-Control": UNCACHEABLE}
    target = f"{ask.url_path}?{ask.query}" if ask.query else ask.url_path
    if not options.login.admits(ask.header("Authorization"), ask.method, target):
        headers["WWW-Authenticate"] = options.login.challenge
        return line_of_text(401, "log in, with the user= and password= of the URL", headers)
    redirects = options.redirects
    if redirects.redirect:
        headers["Location"] = next_hop(ask.url_path, ask.query, redirects.redirect - 1)
        return line_of_text(redirects.redirect_code or 302, "the file is behind this redirect", headers)
    return None


def _deliver(ask: Ask, file: VirtualFile, headers: dict[str, str], options: Options, occasions: Occasions) -> Answer:
    """Return the file, or what is to come instead, as the options have it on this occasion."""
    options.breaks.check(options.asked, file.size)
    lasting, pace, occasion = not options.changing, options.pace, _ANY
    if options.counted:
        query = frozenset(parse_qsl(ask.query, keep_blank_values=True))
        occasion = occasions.next(Place(ask.url_path, options.tag, query, ask.method), options.seed)
        if not options.when.now(occasion):
            options = options.behaving()
    delay = pace.delay + (occasion.rng.uniform(0, pace.jitter) if pace.jitter else 0)
    try:
        reply = FileAnswer(ask, file, options, headers, occasion, occasions, lasting).make()
    except RequestError as error:
        reply = refused(error)
    return replace(reply, delay=delay) if delay else reply


def check_host(ask: Ask) -> None:
    """Demand exactly one valid Host of an HTTP/1.1 request (RFC 9112, 3.2)."""
    host = ask.header("Host")
    if host is None and ask.version == "HTTP/1.1":
        raise RequestError("an HTTP/1.1 request needs a Host header")
    if host is not None and not _HOST.fullmatch(host):
        raise RequestError("a request needs exactly one Host header, like example.org:8000")


def _digest_headers(ask: Ask, file: VirtualFile, options: Options, known: Known) -> dict[str, str]:
    """Return the digest headers: of what the URL demands, or of what the client would like and can have at once.

    aria2 sends Want-Digest with every request, and must not wait for a hash.
    """
    if options.digest:
        demanded = known(file, options.digest) or b""  # known by now: see FilePlan.awaited
        return {
            "Repr-Digest": digest_field(options.digest, demanded),
            "Digest": legacy_field(options.digest, demanded),
        }
    headers: dict[str, str] = {}
    if options.lies.encoding == "gzip":
        return headers  # a digest would be that of what is sent (RFC 9530, 3)
    for name, choices, field in (
        ("Repr-Digest", wanted(ask.header("Want-Repr-Digest")), digest_field),
        ("Digest", wanted_legacy(ask.header("Want-Digest")), legacy_field),
    ):
        for algorithm in choices:
            if (digest := known(file, algorithm)) is not None:
                headers[name] = field(algorithm, digest)
                break
    return headers
