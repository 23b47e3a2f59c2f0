"""fakefiles without one of the things that are there to save processor time: `without.py NAME PORT`.

NAME is one of SAVINGS, or `nothing`. What it names is replaced before the server starts; the product has no switch.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import fakefiles.daemon.tap
from fakefiles.daemon.cli import serve_command
from fakefiles.serving import request_outlet, resource

#: What can be left out, by name: who has it, the name it has there, and what stands in its place.
SAVINGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    # The reactor has the two functions of Ticks itself.
    "ticks": (resource, "Ticks", lambda reactor: reactor),
    "garbage": (fakefiles.daemon.tap, "collect_less", lambda: None),
    "sockets": (request_outlet.RequestOutlet, "socket", lambda _outlet: None),
}


def leave_out(name: str) -> None:
    """Replace one of SAVINGS. Raises AttributeError when it is there no more."""
    owner, attribute, substitute = SAVINGS[name]
    getattr(owner, attribute)
    setattr(owner, attribute, substitute)


if __name__ == "__main__":
    if sys.argv[1] != "nothing":
        leave_out(sys.argv[1])
    serve_command(["--port", sys.argv[2], "--quiet"])
