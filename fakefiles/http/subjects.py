"""What a request for a file is about: the file with the fields of its digests, or its sidecar."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from fakefiles.behaviour.false_digests import falsified
from fakefiles.files.digests import Algorithm
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.http.answers import Answer
from fakefiles.http.coded_files import coded
from fakefiles.http.digest_fields import digest_field, legacy_field, wanted, wanted_legacy
from fakefiles.http.request import Ask
from fakefiles.urls.options import Options
from fakefiles.urls.target import Target

#: Returns the digest of a file if it is available at once, else None.
Known = Callable[[VirtualFile, Algorithm], "bytes | None"]


class Subject(NamedTuple):
    """The file to deliver, and the fields that its answer has in addition. `lie`: what is wrong in it, for the journal.

    `in_body`: whether the body has the lie, and not the fields.
    """

    file: VirtualFile
    headers: dict[str, str]
    lie: str = ""
    in_body: bool = False

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


def subject_of(ask: Ask, target: Target, options: Options, known: Known) -> Subject:
    """Return what is to be delivered with these options; `known` has the digests."""
    file, false = target.file, options.false_digests
    if target.sidecar is None:
        if coding := options.codings.coding:
            file = coded(file, coding)
        headers = _digest_headers(ask, file, options, known)
        lie = f"digest_lie={false.digest_lie}" if headers and false.in_fields else ""
        headers["Content-Encoding"] = coding
        headers["Vary"] = "Accept-Encoding" if options.codings.negotiate else ""
        return Subject(file, {name: value for name, value in headers.items() if value}, lie)
    algorithm = target.sidecar.digest
    digest = known(file, algorithm) if algorithm else None
    if digest and false.in_sidecars:
        return Subject(
            target.sidecar.beside(file, falsified(digest)), {}, f"digest_lie={false.digest_lie}", in_body=True
        )
    return Subject(target.sidecar.beside(file, digest), {})


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
