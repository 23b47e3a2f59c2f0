"""The settings of a server. Each is declared here once; its command-line option is derived from the declaration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from fakefiles.behaviour.redirects import is_loopback
from fakefiles.files.content import Content
from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import KINDS, find_content
from fakefiles.files.units import MAX_SIZE, parse_number, parse_size
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.profiles import PROFILES, parse_profiles

#: The values of the setting `control`.
CONTROLS = ("local", "network", "off")

_HOST_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?", re.ASCII)
# Of RFC 6750, 2.1, or nothing.
_TOKEN = re.compile(r"(?:[A-Za-z0-9._~+/-]+=*)?")
# What a socket is bound to that listens on all addresses.
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104  nothing is bound
_MOST_REMEMBERED = 999_999
# "ones, zeros, ruler or random".
_KINDS = " or ".join(", ".join(KINDS).rsplit(", ", 1))


class Option(NamedTuple):
    """The command-line option of a setting: its name, its line of help, the parser of its value.

    Without a parser it is a flag that turns the setting into the opposite of its default. `wrong` is the text after the
    option's name when the parser raises ValueError or OSError; it may contain `{value}` and `{error}`.
    """

    name: str
    help: str
    parse: Callable[[str], Any] | None = None
    wrong: str = " is {error}"


def _setting(option: Option, **default: Any) -> Any:
    return field(**default, metadata={Option: option})


def _number(text: str) -> int:
    return parse_number(text, 0, _MOST_REMEMBERED)


def _profiles_in(path: str) -> dict[str, str]:
    return parse_profiles(Path(path).read_text(encoding="utf-8"))


def _token_in(path: str) -> str:
    """Return the token in a file. Raises ValueError if there is none: an empty setting would demand nothing."""
    token = Path(path).read_text(encoding="utf-8").strip()
    if not token:
        raise ValueError("the file is empty; write a token into it")
    return token


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server. Each field is a keyword of FakeFiles and of site().

    `max_size`: the largest file, in bytes. `content`, `seed`: the content for URLs without content=. `contents`: more
    contents by name, besides the built-in ones. `defaults`: a query string that fills the gaps of every URL.
    `profiles`: more profiles by name, besides the built-in ones. `faults`: whether a client may make the server
    misbehave. `journal`: how many requests the journal keeps. `control`: who may use the pages under /-/, one of
    CONTROLS. `hosts`: under which host names, besides localhost and IP addresses. `token`: what such a request has to
    send as Authorization: Bearer, "" for nothing. `cors`: whether web pages of any origin may read the files, not /-/.
    `peer_port`, `udp_port`: the ports on which the server seeds torrents, and has a UDP tracker; 0 if it does not.
    `peer_hosts`: the addresses on which it seeds.
    `credentials`: whether the journal's page shows those in requests.
    """

    max_size: int = _setting(
        Option("max-size", "Refuse files larger than this, like 10g. The default is 8 EiB less one byte.", parse_size),
        default=MAX_SIZE,
    )
    content: str = _setting(
        Option("content", f"Serve {_KINDS} where the URL does not say. The default is ones.", str),
        default="ones",
    )
    seed: int | None = _setting(
        Option(
            "seed",
            "Serve random content of this seed where the URL does not say. The default is 0.",
            PARAMETERS["seed"].kind.parse,
        ),
        default=None,
    )
    contents: Mapping[str, Content] = field(default_factory=dict)
    defaults: str = _setting(
        Option("defaults", "Give every URL these parameters, like 'rate=1m&delay=50ms', where it does not say.", str),
        default="",
    )
    faults: bool = _setting(
        Option(
            "no-faults", "Refuse URLs that want the server to be slow, broken or lying; and POST /-/drop, /-/change."
        ),
        default=True,
    )
    profiles: Mapping[str, str] = _setting(
        Option(
            "profiles",
            'Add the profiles of this TOML file, whose lines are like train = "rate=64k&stall=50%:20s".',
            _profiles_in,
            " {value}: {error}",
        ),
        default_factory=dict,
    )
    journal: int = _setting(
        Option("journal", "Keep the last N requests for /-/journal; 0 keeps none. The default is 1000.", _number),
        default=1000,
    )
    control: str = _setting(
        Option(
            "control",
            "Say who may use /-/, all but /-/health: local (programs on this machine), network (everybody) or off"
            " (nobody). The default is local.",
            str,
        ),
        default="local",
    )
    hosts: tuple[str, ...] = _setting(
        Option(
            "control-host",
            "Serve /-/ under this host name, too, not only under localhost and IP addresses. It may be repeated.",
            lambda name: (name,),
        ),
        default=(),
    )
    token: str = _setting(
        Option(
            "control-token-file",
            "Demand the token in this file of everybody who uses /-/, as Authorization: Bearer TOKEN.",
            _token_in,
            " {value}: {error}",
        ),
        default="",
        repr=False,
    )
    cors: bool = _setting(
        Option("cors", "Let web pages of any origin read the files in a browser, by the fields of CORS."),
        default=False,
    )
    peer_port: int = 0
    peer_hosts: tuple[str, ...] = ()
    udp_port: int = 0
    credentials: bool = _setting(
        Option(
            "show-credentials",
            "Show Authorization, Proxy-Authorization and Cookie in /-/journal, where they are [redacted] otherwise.",
        ),
        default=False,
    )

    def check_control(self) -> None:
        """Raise RequestError if `control`, a name in `hosts` or `token` is wrong."""
        if self.control not in CONTROLS:
            raise RequestError(f"control is one of {', '.join(CONTROLS)}")
        if isinstance(self.hosts, str) or not all(map(_HOST_NAME.fullmatch, self.hosts)):
            raise RequestError("a control host is a name like fakefiles or files.example.org, without a port")
        if not _TOKEN.fullmatch(self.token):
            raise RequestError("a control token is one word of letters, digits and -._~+/, perhaps with = at its end")

    def seed_host(self, host: str) -> str:
        """Return where a client that has come to this host of the server reaches the seed; "" if it cannot.

        On this machine, any of its addresses will do.
        """
        if host in self.peer_hosts:
            return host
        if near := [each for each in self.peer_hosts if is_loopback(host) and is_loopback(each)]:
            return min(near, key=lambda each: (":" in each) is not (":" in host))
        return host if _EVERYWHERE & {*self.peer_hosts} and host not in _EVERYWHERE else ""

    @property
    def default_content(self) -> Content:
        """The content for URLs without content=. Raises RequestError if it is unknown, or takes no seed but has one."""
        return find_content(self.content, self.seed, self.contents)

    @property
    def situations(self) -> dict[str, str]:
        """All profiles by name, built-in and the operator's. Of two with the same name, the operator's wins."""
        return {**PROFILES, **self.profiles}


#: The command-line options by the names of the fields they set; not every setting has one.
OPTIONS: Mapping[str, Option] = {each.name: each.metadata[Option] for each in fields(Settings) if each.metadata}
