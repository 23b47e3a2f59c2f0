"""The one place where an answer is decided: a request in plain values goes in, status, headers and body come out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from urllib.parse import parse_qsl

from fakefiles.behaviour.gate import Gate, next_hop
from fakefiles.behaviour.occasions import Occasion, Occasions, Place
from fakefiles.files.digests import Algorithm, digest_if_small
from fakefiles.files.errors import ALLOWED_METHODS, MethodNotAllowedError, RequestError
from fakefiles.files.sidecars import Sidecar
from fakefiles.files.virtual_file import LAST_MODIFIED, VirtualFile
from fakefiles.http.answers import UNCACHEABLE, Answer, Ask, Wait, finished, line_of_text, refused
from fakefiles.http.conditions import not_modified
from fakefiles.http.digest_fields import digest_field, legacy_field, wanted, wanted_legacy
from fakefiles.http.file_answers import Delivery
from fakefiles.http.pages import find_page
from fakefiles.transfer.body import Body
from fakefiles.urls.target import Options, Settings, parse_target

__all__ = ["Answer", "Ask", "Wait", "answer"]

_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?", re.ASCII)

#: Returns the digest of a file if it can be had at once, or None.
Known = Callable[[VirtualFile, Algorithm], "bytes | None"]

_OPTIONS = Answer(204, {"Allow": ", ".join(ALLOWED_METHODS)})
# Of a URL whose requests need not be counted.
_ANY = Occasion(0, Random(0))  # noqa: S311  lots, not secrets


class _DigestNeededError(Exception):
    def __init__(self, file: VirtualFile, algorithm: Algorithm) -> None:
        super().__init__(file, algorithm)
        self.wait = Wait(file, algorithm)


def answer(
    ask: Ask, settings: Settings, known: Known = digest_if_small, occasions: Occasions | None = None
) -> Answer | Wait:
    """Decide the answer to a request. It raises nothing: what is wrong with the request is an answer too.

    `occasions` is what the server remembers of other requests, by default nothing; nothing else has any effect.
    """
    try:
        reply = _decide(ask, settings, known, Occasions() if occasions is None else occasions)
    except _DigestNeededError as needed:
        return needed.wait
    except RequestError as error:
        reply = refused(error)
    return finished(reply, ask)


def _decide(ask: Ask, settings: Settings, known: Known, occasions: Occasions) -> Answer:
    _check_host(ask)
    if ask.method not in ALLOWED_METHODS:
        raise MethodNotAllowedError(f"the methods here are {', '.join(ALLOWED_METHODS)}")
    if page := find_page(ask.path, ask.mount):
        reply = Answer(200, {"Content-Type": page.media_type}, Body.literal(page.text.encode()))
        return reply if ask.method != "OPTIONS" else _OPTIONS
    target = parse_target(ask.path, ask.query, settings)
    if ask.method == "OPTIONS":
        return _OPTIONS
    if stopped := _at_gate(ask, target.options.gate):
        return replace(stopped, delay=target.options.pace.delay)
    if target.sidecar:
        # Its query is that of the file, and so are the faults and lies: what it says is true.
        file = _sidecar(ask, target.file, target.sidecar, known)
        return _deliver(ask, file, {}, target.options.behaving(), occasions)
    headers = _digest_headers(ask, target.file, target.options, known)
    return _deliver(ask, target.file, headers, target.options, occasions)


def _at_gate(ask: Ask, gate: Gate) -> Answer | None:
    """Return the answer to a client that may not pass, or has to go elsewhere first."""
    headers = {"Cache-Control": UNCACHEABLE}
    target = f"{ask.url_path}?{ask.query}" if ask.query else ask.url_path
    if not gate.admits(ask.header("Authorization"), ask.method, target):
        headers["WWW-Authenticate"] = gate.challenge
        return line_of_text(401, "log in, with the user= and password= of the URL", headers)
    if gate.redirect:
        headers["Location"] = next_hop(ask.url_path, ask.query, gate.redirect - 1)
        return line_of_text(gate.redirect_code or 302, "the file is behind this redirect", headers)
    return None


def _deliver(ask: Ask, file: VirtualFile, headers: dict[str, str], options: Options, occasions: Occasions) -> Answer:
    """Return the file, or what is to come instead, as the options have it on this occasion."""
    options.faults.check(options.asked, file.size)
    lasting, pace, occasion = not options.changing, options.pace, _ANY
    if options.counted:
        query = frozenset(parse_qsl(ask.query, keep_blank_values=True))
        occasion = occasions.next(Place(ask.url_path, options.tag, query, ask.method), options.seed)
        if not options.when.now(occasion):
            options = options.behaving()
    delay = pace.delay + (occasion.lots.uniform(0, pace.jitter) if pace.jitter else 0)
    try:
        reply = Delivery(ask, file, options, headers, occasion, occasions, lasting).answer()
    except RequestError as error:
        reply = refused(error)
    return replace(reply, delay=delay) if delay else reply


def _check_host(ask: Ask) -> None:
    """Demand exactly one valid Host of an HTTP/1.1 request (RFC 9112, 3.2)."""
    host = ask.header("Host")
    if host is None and ask.version == "HTTP/1.1":
        raise RequestError("an HTTP/1.1 request needs a Host header")
    if host is not None and not _HOST.fullmatch(host):
        raise RequestError("a request needs exactly one Host header, like example.org:8000")


def _sidecar(ask: Ask, file: VirtualFile, kind: Sidecar, known: Known) -> VirtualFile:
    """Return the sidecar of a file; its headers need no digest."""
    digest = known(file, kind.digest) if kind.digest else None
    sidecar = kind.beside(file, digest)
    missing = kind.digest if digest is None and ask.method == "GET" else None
    if missing and not not_modified(ask.header, sidecar.etag, LAST_MODIFIED):
        raise _DigestNeededError(file, missing)
    return sidecar


def _digest_headers(ask: Ask, file: VirtualFile, options: Options, known: Known) -> dict[str, str]:
    """Return the digest headers: of what the URL demands, or of what the client would like and can have at once.

    aria2 sends Want-Digest with every request, and must not wait for a hash.
    """
    if options.digest:
        digest = known(file, options.digest)
        if digest is None:
            raise _DigestNeededError(file, options.digest)
        return {
            "Repr-Digest": digest_field(options.digest, digest),
            "Digest": legacy_field(options.digest, digest),
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
