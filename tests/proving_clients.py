"""The clients that prove the suite: the perfect one, and for each case the wrong one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from fakefiles.conformance.client import Client
from fakefiles.conformance.presets import presets

_HERE = Path(__file__).parent
_PRESET = presets([_HERE / "perfect_client.toml"])["perfect"]


def perfect() -> Client:
    """Return the perfect client, with all capabilities."""
    return _client("perfect_client.py", "perfect")


def wrong(slug: str) -> Client:
    """Return the wrong client of a case."""
    return _client(f"wrong_clients.py {slug}", f"wrong-{slug}")


def _client(program: str, name: str) -> Client:
    def filled(command: str) -> str:
        return command.replace("{here}/perfect_client.py", f"{shlex.quote(str(_HERE))}/{program}")

    commands = {capability: filled(command) for capability, command in _PRESET.commands.items()}
    return replace(_PRESET, name=name, command=filled(_PRESET.command), commands=commands)
