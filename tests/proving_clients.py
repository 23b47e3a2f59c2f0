"""The clients that prove the suite: the perfect one, and for each case the wrong one."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from fakefiles.conformance.client import Client
from fakefiles.conformance.presets import presets
from perfect_swarm import PerfectSwarm
from wrong_registry import WRONG

# They register there; those that wait for long are first, so that others run meanwhile.
for _module in ("wrong_swarms", "wrong_clients"):
    import_module(_module)

_HERE = Path(__file__).parent
_PRESET = presets([_HERE / "perfect_client.toml"])["perfect"]


def perfect() -> Client:
    """Return the perfect client, with all capabilities."""
    return _client("", "perfect")


def wrong(slug: str) -> Client:
    """Return the wrong client of a case."""
    program = "wrong_swarms.py" if issubclass(WRONG[slug].kind, PerfectSwarm) else "wrong_clients.py"
    return _client(f"{program} {slug}", f"wrong-{slug}")


def _client(program: str, name: str) -> Client:
    """Return the preset, with another program in all of its commands, if one is given."""

    def filled(command: str) -> str:
        command = re.sub(r"(?<=\{here\}/)perfect_\w+\.py", program, command) if program else command
        return command.replace("{here}", shlex.quote(str(_HERE)))

    commands = {capability: filled(command) for capability, command in _PRESET.commands.items()}
    return replace(_PRESET, name=name, command=filled(_PRESET.command), commands=commands)
