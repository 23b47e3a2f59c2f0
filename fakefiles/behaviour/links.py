"""Links that expire: a URL redirects to a signed one, which is good for some requests, or for some time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import NAME, Kind, one_of
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_duration, parse_number

#: A tag, and a digest of what else names a place; as Place.key in occasions.py.
Key = tuple[str, bytes]

#: How many links are kept. Beyond that, the one not used for longest has expired.
MOST_LINKS = 4096

_MOST_USES = 1_000_000


class Validity(NamedTuple):
    """How long a link is good: for so many requests, or for so many seconds; the other one is None."""

    uses: int | None
    seconds: float | None = None


def _validity(value: str) -> Validity:
    try:
        if value.isdigit():
            return Validity(parse_number(value, 1, _MOST_USES))
        if value[-1:].isalpha() and (seconds := parse_duration(value)):
            return Validity(None, seconds)
    except RequestError:
        pass
    raise RequestError(f"a number of requests from 1 to {_MOST_USES}, or a time with its unit, like 10s")


@dataclass(frozen=True, slots=True)
class Signed:
    """The link that a URL redirects to before its file. The fields are the parameters of the URL.

    `signature` is what the server adds to the URL of a link. Raises RequestError if there is no link to speak of.
    """

    signed: Validity | None = parameter(
        Kind("NUMBER|DURATION", _validity, "int | str"),
        "Redirect to a signed link, which expires after N requests, or this time.",
    )
    expired: str = parameter(one_of("403", "html"), "What an expired link answers; the default is 403.", default="")
    leak: str = parameter(
        one_of("400"), "Answer 400 to an Authorization field that comes to a link on another host.", default=""
    )
    signature: str = parameter(NAME, "What makes a link of a URL; only the server adds it.", default="", url_only=True)

    def __post_init__(self) -> None:
        if self.signed is None and (self.expired or self.leak or self.signature):
            raise RequestError("expired=, leak= and signature= go with signed=, like signed=2")


@dataclass(slots=True)
class _Link:
    """A link that has not expired: its uses left, until when it is good, whether it is on another host."""

    uses: int | None
    until: float | None
    foreign: bool


class Links:
    """The links that a server has made, by the keys of the places they lead to. `clock` returns seconds.

    They need no secret: a signature is only good for the URL that it was made for, and that URL hands out links to
    everybody.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._links: OrderedDict[Key, _Link] = OrderedDict()
        self._made = 0

    def make(self, place: Key, validity: Validity, *, foreign: bool) -> str:
        """Return the signature of a new link to a place; `foreign`: the link is on another host than the request."""
        self._made += 1
        signature = blake2b(f"link {self._made}".encode(), digest_size=16).hexdigest()
        until = None if validity.seconds is None else self._clock() + validity.seconds
        self._links[_key(place, signature)] = _Link(validity.uses, until, foreign)
        if len(self._links) > MOST_LINKS:
            self._links.popitem(last=False)
        return signature

    def is_foreign(self, place: Key, signature: str) -> bool:
        """Return whether a link, which has not expired, is on another host than the request that it was made for."""
        link = self._links.get(_key(place, signature))
        return link is not None and link.foreign

    def use(self, place: Key, signature: str) -> bool:
        """Count a request for a link; return whether it is good. One that the server never made is not."""
        key = _key(place, signature)
        link = self._links.pop(key, None)
        if link is None or (link.until is not None and self._clock() >= link.until):
            return False
        if link.uses is not None:
            link.uses -= 1
        if link.uses != 0:
            self._links[key] = link
        return True

    def reset(self, *, tag: str | None = None) -> None:
        """Let the links with this tag expire; all if it is None."""
        for key in list(self._links):
            if tag in {None, key[0]}:
                del self._links[key]


def _key(place: Key, signature: str) -> Key:
    tag, digest = place
    return tag, blake2b(digest + signature.encode("ascii"), digest_size=16).digest()
