"""settings.py: what an operator decides, and how it is said on the command line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import RULER, Random
from fakefiles.urls.profiles import PROFILES
from fakefiles.urls.settings import CONTROLS, OPTIONS, Settings

#: The options whose names are not those of their settings.
SPELLED = {
    "faults": "no-faults",
    "hosts": "control-host",
    "token": "control-token-file",
    "credentials": "show-credentials",
}


def test_options() -> None:
    """Each setting has an option with help, but for what only Python has, and for ports; flags are true or false."""
    without = {each.name for each in fields(Settings)} - OPTIONS.keys()
    assert without == {"contents", "peer_port", "udp_port", "peer_hosts"}
    for name, option in OPTIONS.items():
        assert option.name == SPELLED.get(name, name.replace("_", "-"))
        assert option.help.endswith(".")
        assert option.parse is not None or getattr(Settings(), name) is option.name.startswith("no-")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_size", "1k", 1024),
        ("content", "x", "x"),
        ("seed", "7", 7),
        ("defaults", "rate=1", "rate=1"),
        ("journal", "0", 0),
        ("control", "off", "off"),
        ("hosts", "a.example", ("a.example",)),
    ],
)
def test_parsers(name: str, text: str, value: object) -> None:
    """What the command line says becomes a value."""
    parse = OPTIONS[name].parse
    assert parse is not None
    assert parse(text) == value


def test_profiles(tmp_path: Path) -> None:
    """They are read from a file."""
    path = tmp_path / "profiles.toml"
    path.write_text('busy = "status=503"\n', encoding="utf-8")
    parse = OPTIONS["profiles"].parse
    assert parse is not None
    assert parse(str(path)) == {"busy": "status=503"}


@pytest.mark.parametrize("hosts", [(), ("a",), ("fake_files", "A-1.example."), ["127.0.0.1"]])
@pytest.mark.parametrize("control", CONTROLS)
def test_control(control: str, hosts: Any) -> None:
    """Who may use /-/ is one of three words; host names are names."""
    Settings(control=control, hosts=hosts).check_control()


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", ".a", "a b", "a:80", "[::1]", "http://a", "*", "a\n", "\u00e4", "a/"]
)
def test_bad_hosts(name: str) -> None:
    """What can be in no Host, or means more than a name, is an error; so is a string instead of several."""
    for hosts in ((name,), ("a", name)):
        with pytest.raises(RequestError, match="a control host is a name like fakefiles"):
            Settings(hosts=hosts).check_control()
    names: Any = "fakefiles"
    with pytest.raises(RequestError, match="a control host is a name like fakefiles"):
        Settings(hosts=names).check_control()


@pytest.mark.parametrize("token", ["a", "aA0-._~+/", "c2VjcmV0=="])
def test_token(tmp_path: Path, token: str) -> None:
    """It is what is in a file, without the space around it, and no part of what is shown of the settings."""
    path = tmp_path / "token"
    path.write_text(f" {token}\n")
    parse = OPTIONS["token"].parse
    assert parse is not None
    settings = Settings(token=parse(str(path)))
    settings.check_control()
    assert settings.token == token
    assert "token" not in repr(settings)


@pytest.mark.parametrize("token", ["a b", "a\nb", "=", "a=b", "\u00e4", " a", '"a"'])
def test_bad_token(token: str) -> None:
    """What no client could send is an error."""
    with pytest.raises(RequestError, match="a control token is one word"):
        Settings(token=token).check_control()


def test_default_content() -> None:
    """It is found by its name, with its seed."""
    assert Settings(content="ruler").default_content is RULER
    assert Settings(content="random", seed=7).default_content == Random(7)
    with pytest.raises(RequestError, match="content is one of"):
        _ = Settings(content="nothing").default_content


def test_situations() -> None:
    """The operator's own go before ours."""
    assert Settings().situations == PROFILES
    assert Settings(profiles={"train": "rate=1"}).situations == {**PROFILES, "train": "rate=1"}


def test_without_options() -> None:
    """The server then has ones, of up to 8 EiB less one byte, and keeps 1000 requests; help says so."""
    settings = Settings()
    assert (settings.max_size, settings.content, settings.seed) == (2**63 - 1, "ones", None)
    assert (settings.defaults, settings.faults, settings.journal) == ("", True, 1000)
    assert "Serve ones, zeros, ruler, random or gzip where" in OPTIONS["content"].help


def test_journal() -> None:
    """It has room for 999,999 requests."""
    parse = OPTIONS["journal"].parse
    assert parse is not None
    assert parse("999999") == 999_999
    for text in ("1000000", "-1"):
        with pytest.raises(RequestError, match=r"^a whole number from 0 to 999999$"):
            parse(text)
    assert OPTIONS["journal"].wrong == " is {error}"


@pytest.mark.parametrize(
    ("hosts", "host", "told"),
    [
        (("127.0.0.1",), "127.0.0.1", "127.0.0.1"),
        (("127.0.0.1",), "localhost", "127.0.0.1"),
        (("127.0.0.1",), "127.0.0.2", "127.0.0.1"),
        (("127.0.0.1",), "::1", "127.0.0.1"),
        (("127.0.0.1", "::1"), "::1", "::1"),
        (("::1", "127.0.0.1"), "127.0.0.9", "127.0.0.1"),
        (("127.0.0.1",), "192.0.2.1", ""),
        (("127.0.0.1",), "files.example.org", ""),
        (("192.0.2.1",), "192.0.2.1", "192.0.2.1"),
        (("192.0.2.1",), "127.0.0.1", ""),
        (("0.0.0.0",), "files.example.org", "files.example.org"),  # noqa: S104  nothing is bound
        (("",), "127.0.0.1", "127.0.0.1"),
        (("::",), "0.0.0.0", ""),  # noqa: S104  nothing is bound
        ((), "127.0.0.1", ""),
    ],
)
def test_seed_host(hosts: tuple[str, ...], host: str, told: str) -> None:
    """A client is told of the seed only where it can reach it."""
    assert Settings(peer_port=1, peer_hosts=hosts).seed_host(host) == told
