"""versions.py: is a client installed, and which version."""

from __future__ import annotations

import sys

import pytest

from fakefiles.conformance.client import Client, ClientError
from fakefiles.conformance.versions import check_installed, version_of


def client(version: str = "", command: str = "{python} {url}", **fields: str) -> Client:
    """Return a client that tells its version so."""
    return Client("x", command, version=version, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "version"),
    [
        ("", ""),
        ("{python} -c 'print(\"x 1.2.3-rc1 (linux)\")'", "1.2.3-rc1"),
        ("{python} -c 'import sys; print(\"v22.1\", file=sys.stderr)'", "22.1"),
        ("{python} -c 'print(\"no number\")'", ""),
        ("{python} -c 'print(\"1.2\"); raise SystemExit(1)'", ""),
        ("/no/such/program", ""),
        ("{python} --version", ".".join(map(str, sys.version_info[:3]))),
    ],
)
def test_version_of(command: str, version: str) -> None:
    """It is the first number with a point, on either output, if the command succeeds."""
    assert version_of(client(command)) == version


def test_installed() -> None:
    """A client whose programs are there, and which tells its version if it can, is installed."""
    check_installed(client())
    check_installed(client("{python} --version"))
    with pytest.raises(
        ClientError, match=r"client x cannot be started: /no/such cannot be found, .*; to install it: buy"
    ):
        check_installed(client(command="/no/such {url}", install="buy"))
    with pytest.raises(ClientError, match=r"cannot be started: it does not tell its version$"):
        check_installed(client("{python} -c 'raise SystemExit(1)'"))
