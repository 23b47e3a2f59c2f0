"""What the operator of a server decides: each setting is written here once, and has its option from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from fakefiles.files.content import Content
from fakefiles.files.kinds import KINDS, find_content
from fakefiles.files.units import MAX_SIZE, parse_number, parse_size
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.profiles import PROFILES, parse_profiles

_MOST_REMEMBERED = 999_999
# "ones, zeros, ruler or random".
_KINDS = " or ".join(", ".join(KINDS).rsplit(", ", 1))


class Option(NamedTuple):
    """How a setting is said on the command line: what help says, and what reads its value.

    Without a parser it is a flag, which switches the setting off. `wrong` is what is said, after the name of the
    option, of a `{value}` for which the parser raises an `{error}`, a ValueError or an OSError.
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


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator of a server decides; each field is a keyword of FakeFiles and of site().

    `max_size` is in bytes. `content` and `seed` say what content a URL has that says nothing of it; `contents` are
    contents beside our own, by name. `defaults` is a query that each URL has, as far as it says nothing else;
    `profiles` are queries by name, beside our own. Without `faults`, a URL may not make the server misbehave.
    The last `journal` requests are remembered.
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
        Option("no-faults", "Refuse URLs that want the server to be slow, broken or lying."), default=True
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

    @property
    def default_content(self) -> Content:
        """The content of a URL that names none. Raises RequestError when there is none such, or it takes no seed."""
        return find_content(self.content, self.seed, self.contents)

    @property
    def situations(self) -> dict[str, str]:
        """All profiles by name, ours and the operator's, whose own go before ours."""
        return {**PROFILES, **self.profiles}


#: The options of the settings that have one, by the names of their fields.
OPTIONS: Mapping[str, Option] = {each.name: each.metadata[Option] for each in fields(Settings) if each.metadata}
