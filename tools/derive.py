"""`python -m tools.derive`: regenerate what is derived from the parameters of URLs and the settings.

That is fakefiles/urls/keywords.py, and the tables in docs/faults.md, docs/bittorrent.md and docs/conformance.md between
comments like <!-- profiles -->.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from fakefiles.behaviour.disposition import FORMS
from fakefiles.behaviour.parameter import Parameter
from fakefiles.behaviour.schedule import CONDITIONS
from fakefiles.behaviour.swarm import OFFSET_FAULTS, PEER_FAULTS, TRACKER_FAULTS
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.profiles import PROFILES
from fakefiles.urls.settings import Settings
from tools.suite_tables import SUITE_TABLES

TOP = Path(__file__).parents[1]

_KEYWORDS = '''\
"""The parameters of a URL and the settings of a server as keywords, for type checkers; written by tools/derive.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from fakefiles.files.content import Content


class UrlOptions(TypedDict, total=False):
    """The parameters of a URL. None means to leave one out; True and False mean on and off."""

{parameters}


class SettingsKeywords(TypedDict, total=False):
    """The settings of a server: the fields of Settings. None means to leave one out."""

{settings}
'''
_LISTED = r"profiles|conditions|forms of disposition|faults of the seed|faults of the tracker|suite: \w+"
_TABLE = re.compile(rf"<!-- (?:parameters of ([\w, ]+)|({_LISTED})) -->\n.*?<!-- end -->", re.DOTALL)
#: The pages that have such tables.
_PAGES = ("faults.md", "bittorrent.md", "conformance.md")
#: The name in the table of forms; docs/faults.md says so.
_EXAMPLE = 'naïve "x" €.bin'
_LONG = re.compile("x{9,}")


def main() -> None:
    """Write the derived files."""
    for path, text in derived().items():
        path.write_text(text, encoding="utf-8")


def derived() -> Mapping[Path, str]:
    """Return the text of each derived file, by its path."""
    pages = [TOP / "docs" / name for name in _PAGES]
    return {
        TOP / "fakefiles" / "urls" / "keywords.py": keywords(),
        **{page: _TABLE.sub(_table, page.read_text(encoding="utf-8")) for page in pages},
    }


def keywords() -> str:
    """Return the source of the module with the typed keywords."""
    return _KEYWORDS.format(
        parameters=_body((each.name, _keyword(each)) for each in PARAMETERS.values()),
        settings=_body((each.name, str(each.type)) for each in fields(Settings)),
    )


def _keyword(parameter: Parameter) -> str:
    """Return the type of a parameter as a keyword; with schedules, there may be several values, each as text."""
    if not parameter.scheduled:
        return parameter.kind.keyword
    types = parameter.kind.keyword.split(" | ")
    return " | ".join([*types, *([] if "str" in types else ["str"]), "Sequence[str]"])


def _body(types: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"    {name}: {kind.removesuffix(' | None')} | None" for name, kind in types)


def _table(found: re.Match[str]) -> str:
    """Return a table with its two comments: of the parameters of some parts, or of what else is listed."""
    if found[2] and found[2].startswith("suite: "):
        head, rows = SUITE_TABLES[found[2].removeprefix("suite: ")]()
    elif found[2] == "forms of disposition":
        head = "| form | Content-Disposition |\n|---|---|"
        rows = [f"| `{name}` | {_values(form(_EXAMPLE))} |" for name, form in FORMS.items()]
    elif found[2] == "faults of the seed":
        head = "| fault | what the seed does |\n|---|---|"
        rows = [f"| `peer={name}` | {does} |" for name, does in PEER_FAULTS.items()]
        rows += [f"| `peer={name}:OFFSET` | {does} |" for name, does in OFFSET_FAULTS.items()]
    elif found[2] == "faults of the tracker":
        head = "| fault | what comes from the tracker |\n|---|---|"
        rows = [f"| `tracker={name}` | {what} |" for name, what in TRACKER_FAULTS.items()]
    elif found[2] == "profiles":
        head = "| profile | parameters |\n|---|---|"
        rows = [f"| `{name}` | `{parameters}` |" for name, parameters in PROFILES.items()]
    elif found[2] == "conditions":
        head = "| after the `@` | on which requests |\n|---|---|"
        rows = ["| `2`, `2-`, `2-4` | the second one; from the second one on; the second to the fourth |"]
        rows += [f"| `{name}{each.takes and ':'}{each.takes}` | {each.help} |" for name, each in CONDITIONS.items()]
    else:
        head = "| parameter | takes | |\n|---|---|---|"
        takes = {each.name: each.kind.takes.replace("|", r"\|") for each in PARAMETERS.values()}
        wanted = [each for each in PARAMETERS.values() if each.part.__name__ in found[1].split(", ")]
        rows = [f"| `{each.name}` | {takes[each.name]} | {each.help} |" for each in wanted]
    opening = found[0].partition("\n")[0]
    return "\n".join([opening, head, *rows, "<!-- end -->"])


def _values(values: Iterable[bytes]) -> str:
    """Return the values of a field as code, with their bytes that are no UTF-8 escaped, and long names cut."""
    texts = [value.decode("utf-8", "backslashreplace") for value in values]
    return " and ".join(f"`{_LONG.sub('xxx...', text)}`" for text in texts)


if __name__ == "__main__":
    main()
