"""Which version of a client is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

from fakefiles.conformance.client import Client, ClientError, common_values, filled, words_of

# Seconds in which a client must tell its version.
_PATIENCE = 30
_VERSION = re.compile(r"\d+(?:\.\w+)+[\w.+~-]*|\d{4}\.\d+\S*")


def version_of(client: Client) -> str:
    """Return the version that a client tells; "" if it has no command for that, or tells none."""
    if not client.version:
        return ""
    words = [filled(word, common_values()) for word in words_of(client.version)]
    try:
        done = subprocess.run(  # noqa: S603  the command is the user's
            words, capture_output=True, text=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search(done.stdout + done.stderr)
    return found[0] if found and not done.returncode else ""


def check_installed(client: Client) -> None:
    """Raise ClientError if a program of the client cannot be found, or it cannot tell its version."""
    for command in (client.command, *client.commands.values()):
        word = filled(words_of(command)[0], common_values())
        if shutil.which(word) is None:
            raise _missing(client, f"{word} cannot be found, or not be run")
    if client.version and not version_of(client):
        raise _missing(client, "it does not tell its version")


def _missing(client: Client, what: str) -> ClientError:
    hint = f"; to install it: {client.install}" if client.install else ""
    return ClientError(f"the client {client.name} cannot be started: {what}{hint}")
