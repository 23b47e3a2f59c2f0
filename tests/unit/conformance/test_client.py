"""client.py: commands, their placeholders, and what is wrong with them."""

from __future__ import annotations

import pytest

from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.client import (
    PLACEHOLDERS,
    Client,
    ClientError,
    client_of,
    common_values,
    filled,
)


def test_client_of() -> None:
    """A command is its words, or one text; its name is that of its program."""
    assert client_of("curl", "-o", "{file}", "{url}") == Client("curl", "curl -o '{file}' '{url}'")
    assert client_of("/usr/bin/curl {url}", name="mine", can=("resume",)) == Client(
        "mine", "/usr/bin/curl {url}", can=("resume",)
    )
    assert client_of("/usr/bin/curl {url}").name == "curl"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ((), "there is no command"),
        (("",), "there is no command"),
        (("curl", "{file}"), r"the command has no \{url\}"),
        (("curl '{url}",), "not well formed: no closing quotation"),
    ],
)
def test_wrong_commands(command: tuple[str, ...], error: str) -> None:
    """The error is one line that says what would be right."""
    with pytest.raises(ClientError, match=error):
        client_of(*command)


def test_url_in_a_script() -> None:
    """A script of a shell may have the URL from its environment."""
    assert client_of("sh", "-c", 'curl "$URL"').name == "sh"
    assert client_of("sh", "-c", 'curl "${URL}"').name == "sh"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"can": ("fly",)}, "no capability is called 'fly'; there are resume, "),
        ({"commands": {"fly": "curl {url}"}}, "no capability is called 'fly'"),
        ({"commands": {"pair": "curl {url}"}}, r"has no \{url2\}"),
        ({"commands": {"login": "curl {file}"}}, r"has no \{url\}"),
    ],
)
def test_wrong_fields(fields: dict[str, object], error: str) -> None:
    """Capabilities are known ones, and their commands have what they need."""
    with pytest.raises(ClientError, match=error):
        Client("x", "curl {url}", **fields)  # type: ignore[arg-type]


def test_capabilities() -> None:
    """A client can what it claims, what has a command of its own, and as a command it is a process."""
    client = Client("x", "x {url}", {"pair": "x {url} {url2} $FILE2"}, ("resume",))
    assert client.capabilities == {"resume", "pair", "process"}
    assert Client("x", call=lambda _, __: None).capabilities == frozenset()


def test_command_for() -> None:
    """A case gets the command of what it needs, if there is one."""
    client = Client("x", "x {file} {url}", {"names": "y {dir} {url}"})
    plain, named = chosen(["plain-download"])[0], chosen(["name-is-taken"])[0]
    assert client.command_for(plain) == ["x", "{file}", "{url}"]
    assert client.command_for(named) == ["y", "{dir}", "{url}"]
    assert not client.names_itself(plain)
    assert client.names_itself(named)
    assert not Client("x", call=lambda _, __: None).names_itself(plain)


def test_filled() -> None:
    """Placeholders are replaced, and other braces stay."""
    assert filled("{url} {x} {}", {"url": "u"}) == "u {x} {}"
    assert common_values().keys() <= PLACEHOLDERS.keys()
