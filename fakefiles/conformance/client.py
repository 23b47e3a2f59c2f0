"""What a client is: a name, its commands, and what it claims to do."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakefiles.conformance.capabilities import CAPABILITIES, OF_COMMANDS
from fakefiles.conformance.case import Case

#: What commands may contain, and what stands for it in a run; each is a variable of their environment, too.
PLACEHOLDERS = {
    "url": "the URL to fetch, or the magnet link",
    "file": "the path where the file has to be",
    "dir": "the folder of the file, which is the working directory",
    "name": "the name of the file in that folder",
    "url2": "the second URL, of clients that fetch a pair",
    "file2": "the path where the second file has to be",
    "size": "the size of the file in bytes",
    "sha256": "the SHA-256 of the file, in hexadecimal digits",
    "user": "the name for a login",
    "password": "the password for a login",
    "origin": "the scheme, the host and the port of the server",
    "python": "the Python that runs the suite",
    "examples": "the folder of the example clients",
}
#: The login of the cases that have one.
USER, PASSWORD = "me", "secret"

_MARKS = ("{url}", "$URL", "${URL}")
_NAMES = ("{file}", "{name}", "$FILE", "$NAME", "${FILE}", "${NAME}")
_PACKAGE = Path(__file__).parents[1]


class ClientError(ValueError):
    """A client cannot be run as it is described. The text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client that is a command, or a callable.

    - `command`: the command line, with placeholders. `commands`: other ones, by the capability that they are for.
    - `can`: its capabilities. `partial`: where it keeps a partial file.
    - `version`: the command that prints its version. `environment`: more variables; `settings`: files in its home.
    - `install`: how one gets it. `about`: a line about the preset.
    - `call`: the callable, of a URL and a path, instead of a command.
    """

    name: str
    command: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    can: tuple[str, ...] = ()
    partial: str = "{file}"
    version: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    install: str = ""
    about: str = ""
    call: Callable[[str, str], Any] | None = None

    def __post_init__(self) -> None:
        for name in (*self.can, *self.commands):
            if name not in CAPABILITIES:
                raise ClientError(f"no capability is called {name!r}; there are {', '.join(CAPABILITIES)}")
        if self.call is None:
            _check_command(self.command, ())
        for name, command in self.commands.items():
            _check_command(command, CAPABILITIES[name].placeholders)

    @property
    def capabilities(self) -> frozenset[str]:
        """All that the client can, with what has a command of its own, and what every command can."""
        return frozenset([*self.can, *self.commands, *(OF_COMMANDS if self.call is None else ())])

    def command_for(self, case: Case) -> list[str]:
        """Return the words of the command for a case, with placeholders."""
        return words_of(self._text_for(case))

    def names_itself(self, case: Case) -> bool:
        """Whether the command for a case is not told the name of the file."""
        return self.call is None and not any(mark in self._text_for(case) for mark in _NAMES)

    def _text_for(self, case: Case) -> str:
        return next((self.commands[name] for name in case.needs if name in self.commands), self.command)


def words_of(command: str) -> list[str]:
    """Return the words of a command line. Raises ClientError if it ends within quotes."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ClientError(f"the command is not well formed: {str(error).lower()}") from None


def client_of(*command: str, name: str = "", **fields: Any) -> Client:
    """Return a client that is a command: its words, or one text with all of them. Raises ClientError if it is wrong."""
    text = command[0] if len(command) == 1 else shlex.join(command)
    words = words_of(text)
    return Client(name or (os.path.basename(words[0]) if words else ""), text, **fields)  # noqa: PTH119  it is a word


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its placeholders replaced; other braces stay."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def common_values() -> dict[str, str]:
    """Return the placeholders that are the same in all cases."""
    folders = (_PACKAGE / "conformance" / "clients", _PACKAGE.parent / "examples" / "clients")
    examples = next((str(folder) for folder in folders if folder.is_dir()), str(folders[0]))
    return {"user": USER, "password": PASSWORD, "python": sys.executable, "examples": examples}


def _check_command(command: str, placeholders: tuple[str, ...]) -> None:
    if not words_of(command):
        raise ClientError("there is no command; write it after --, like -- curl -o {file} {url}")
    if not any(mark in command for mark in _MARKS):
        raise ClientError("the command has no {url}; write {url} where the URL belongs, or $URL in a script of sh -c")
    for placeholder in placeholders:
        if placeholder not in command and f"${placeholder.strip('{}').upper()}" not in command:
            raise ClientError(f"the command for this has no {placeholder}: {command}")
