"""What the query of a URL decides, in parts, and which of that makes no sense together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from fakefiles.behaviour.breaks import Breaks
from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.pace import Pace
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.redirects import Redirects
from fakefiles.behaviour.substitute import Substitute
from fakefiles.behaviour.values import NAME, SIZE, SWITCH, Kind, number, one_of
from fakefiles.files.content import Content
from fakefiles.files.digests import BY_FIELD, Algorithm
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import KINDS, ONES, Random
from fakefiles.transfer.body import MAX_PIECE
from fakefiles.transfer.framing import Framing

_PACE, _WHEN = Pace(), When()
_BREAKS, _SUBSTITUTE, _LIES = Breaks(), Substitute(), Lies()
_LOGIN, _REDIRECTS = Login(), Redirects()

_DIGEST = one_of(*BY_FIELD, into=BY_FIELD.__getitem__)


@dataclass(frozen=True, slots=True)
class Options:
    """What the query decides; its fields and those of its parts are the parameters. `chunk_size` is in bytes.

    `sidecar` is whether a name like x.sha256 means a sidecar of x; `digest` is one to send, though it takes time.
    `tag` marks the request in the journal. `seed` is that of the lots. `asked` are the parameters that the URL itself
    has, rather than a default or a profile.
    """

    content: Content = parameter(
        # Its names are those of the server's settings, too.
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
        SWITCH, "Whether a name that ends in .sha256 means a checksum file.", default=True, url_only=True
    )
    digest: Algorithm | None = parameter(_DIGEST, "Send this digest in the headers; it takes time.")
    tag: str = parameter(
        NAME, "Mark the request in the journal, and count it apart from others.", default="", url_only=True
    )
    pace: Pace = _PACE
    breaks: Breaks = _BREAKS
    substitute: Substitute = _SUBSTITUTE
    lies: Lies = _LIES
    login: Login = _LOGIN
    redirects: Redirects = _REDIRECTS
    when: When = _WHEN
    asked: Collection[str] = field(default=(), compare=False)

    # Tuples compare what is in them by identity first: the parts of a plain URL, which are the defaults, cost nothing.

    @property
    def misbehaving(self) -> bool:
        """Whether something is to go wrong."""
        return (self.breaks, self.substitute, self.lies) != (_BREAKS, _SUBSTITUTE, _LIES)

    @property
    def changing(self) -> bool:
        """Whether answers differ from what, or when, they should be, so that no cache may keep them."""
        return self.misbehaving or (self.login, self.redirects) != (_LOGIN, _REDIRECTS)

    @property
    def plain(self) -> bool:
        """Whether nothing is out of the ordinary."""
        return not self.changing and (self.pace, self.when) == (_PACE, _WHEN)

    @property
    def counted(self) -> bool:
        """Whether the answer depends on how many requests there were before."""
        return (self.when, self.pace.jitter) != (_WHEN, 0) or self.lies.etag == "rotate"

    def behaving(self) -> Options:
        """Return what is left when nothing is to go wrong: the pace, and what comes before the file."""
        return replace(self, breaks=_BREAKS, substitute=_SUBSTITUTE, lies=_LIES)

    def check(self) -> None:
        """Raise RequestError when parts of them make no sense beside each other."""
        lies, substitute = self.lies, self.substitute
        instead = substitute.status is not None or substitute.refuse
        # A status has a text, which has a type.
        lies_of_a_file = replace(lies, type="") if substitute.status is not None else lies
        nonsense = {
            "status= and refuse= send no file in which something could happen at an offset": instead
            and self.breaks != _BREAKS,
            "status= and refuse= send no file to lie about": instead and lies_of_a_file != _LIES,
            "fail=, every= and chance= need something that goes wrong, like status=503": self.when != _WHEN
            and not self.misbehaving,
            "length= goes with framing=length": lies.length and self.framing is not Framing.LENGTH,
            "lastchunk= goes with framing=chunked": lies.lastchunk and self.framing is not Framing.CHUNKED,
            **self._nonsense_of_gzip(),
        }
        for message, so in nonsense.items():
            if so:
                raise RequestError(message)

    def _nonsense_of_gzip(self) -> dict[str, object]:
        gzip, no_length = self.lies.encoding == "gzip", "encoding=gzip has no length"
        asks_length = "framing" in self.asked and self.framing is Framing.LENGTH
        return {
            f"{no_length}: leave out framing=length": gzip and asks_length,
            f"{no_length} that a duration= could divide: say rate=": gzip and self.pace.duration,
            "digest= is of the file, not of its encoding=gzip: leave out one of them": gzip and self.digest,
        }


#: The parts of Options, by the names of its fields, each as it is when the URL says nothing of it.
PARTS: Mapping[str, Any] = {
    each.name: each.default for each in fields(Options) if not each.metadata and each.name != "asked"
}
