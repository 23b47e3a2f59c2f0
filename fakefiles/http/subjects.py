"""What a request for a file is about: the file with the fields of its digests, or its sidecar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from fakefiles.behaviour.false_digests import falsified
from fakefiles.files.digests import Hashing
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.answers import Answer
from fakefiles.http.coded_files import coded
from fakefiles.http.digest_fields import digest_field, legacy_field, wanted, wanted_legacy
from fakefiles.http.link_fields import link_fields
from fakefiles.http.request import Ask
from fakefiles.urls.options import Options
from fakefiles.urls.settings import Settings
from fakefiles.urls.sidecars import About, Sidecar
from fakefiles.urls.target import Target

#: Returns the result of hashing a file if it is available at once, else None.
Known = Callable[[VirtualFile, Hashing], "bytes | None"]

# What may stand in a segment of a path as it is (RFC 3986, 3.3).
_SAFE = "!$&'()*+,;=:@~"


class Subject(NamedTuple):
    """The file to deliver, and the fields that its answer has in addition. `lie`: what is wrong in it, for the journal.

    `in_body`: whether the body has the lie, and not the fields. `more`: more lines of fields that `headers` has.
    """

    file: VirtualFile
    headers: dict[str, str]
    lie: str = ""
    in_body: bool = False
    more: Sequence[tuple[str, str]] = ()

    def lies_in(self, reply: Answer, ask: Ask) -> bool:
        """Return whether the answer has the lie."""
        if not self.lie or self.in_body:
            return bool(self.lie) and ask.method == "GET" and reply.status in {200, 206}
        return self.headers.keys() <= reply.headers.keys()


def options_of(target: Target) -> Options:
    """Return the options for what is delivered.

    The faults and lies in the query are for the file. A sidecar is sent as it is; only its digest may be wrong.
    """
    options = target.options
    return options.for_sidecar() if target.sidecar else options


def about_of(ask: Ask, target: Target, settings: Settings) -> About:
    """Return what the sidecars of a target may tell of its file."""
    root = "".join(f"{quote(segment)}/" for segment in ask.root)
    suffix = target.sidecar.suffix.encode() if target.sidecar else b""
    segments = [*ask.segments[:-1], ask.segments[-1].removesuffix(suffix)]
    return About(
        target.file,
        target.options,
        target.members,
        f"{ask.origin}/{root}" if ask.origin else "",
        "/".join(quote(segment, safe=_SAFE) for segment in segments),
        ask.query,
        peer_host=settings.seed_host(urlsplit(ask.origin).hostname or ""),
        peer_port=settings.peer_port,
        udp_port=settings.udp_port,
        hosts=settings.hosts,
    )


def subject_of(ask: Ask, target: Target, options: Options, settings: Settings, known: Known) -> Subject:
    """Return what is to be delivered with these options: the file, or its sidecar; `known` has the digests.

    Raises RequestError if the file has no such sidecar, or no Link field.
    """
    if target.sidecar is not None:
        return _beside(about_of(ask, target, settings), target.sidecar, options, known)
    file, false = target.file, options.false_digests
    if coding := options.codings.coding:
        file = coded(file, coding)
    headers = _digest_headers(ask, file, options, known)
    lie = f"digest_lie={false.digest_lie}" if headers and false.in_fields else ""
    headers["Content-Encoding"] = coding
    headers["Vary"] = "Accept-Encoding" if options.codings.negotiate else ""
    links = link_fields(about_of(ask, target, settings)) if options.torrents.links else [""]
    headers["Link"] = links[0]
    more = [("Link", link) for link in links[1:]]
    return Subject(file, {name: value for name, value in headers.items() if value}, lie, more=more)


def _beside(about: About, sidecar: Sidecar, options: Options, known: Known) -> Subject:
    result, false = result_for(about, sidecar, options, known), options.false_digests
    lie = f"digest_lie={false.digest_lie}" if result and _lies(sidecar, options) else ""
    return Subject(sidecar.beside(about, result), {}, lie, in_body=bool(lie))


def result_for(about: About, sidecar: Sidecar, options: Options, known: Known) -> bytes | None:
    """Return what a sidecar has of the file, perhaps falsified; None if it needs nothing, or nothing is known yet.

    Raises RequestError if the file has no such sidecar.
    """
    hashing = sidecar.hashing(about)
    result = known(about.file, hashing) if hashing else None
    return falsified(result) if result and _lies(sidecar, options) else result


def _lies(sidecar: Sidecar, options: Options) -> bool:
    """Return whether a sidecar has a false digest. A torrent has none: it would be another torrent, and a true one."""
    return options.false_digests.in_sidecars and not sidecar.seeded


def _digest_headers(ask: Ask, file: VirtualFile, options: Options, known: Known) -> dict[str, str]:
    """Return the digest headers: of what the URL demands, or of what the client would like and can have at once.

    A preference is met only if the digest is known already: aria2 sends Want-Digest with every request, and must not
    wait for a hash.
    """
    if options.digest:
        demanded = known(file, options.digest) or b""  # known by now: see FilePlan.awaited
        told = _told(demanded, options)
        return {
            "Repr-Digest": digest_field(options.digest, told),
            "Digest": legacy_field(options.digest, told),
        }
    headers: dict[str, str] = {}
    if options.lies.encoding == "gzip":
        return headers  # Repr-Digest covers the bytes as encoded (RFC 9530, 3), which nobody has hashed
    for name, choices, field in (
        ("Repr-Digest", wanted(ask.header("Want-Repr-Digest")), digest_field),
        ("Digest", wanted_legacy(ask.header("Want-Digest")), legacy_field),
    ):
        for algorithm in choices:
            if (digest := known(file, algorithm)) is not None:
                headers[name] = field(algorithm, _told(digest, options))
                break
    return headers


def _told(digest: bytes, options: Options) -> bytes:
    return falsified(digest) if options.false_digests.in_fields else digest
