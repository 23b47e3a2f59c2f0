"""Serve files that do not exist, to test download clients.

The names below are loaded on first use: `import fakefiles` alone imports no Twisted.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fakefiles._version import __version__

if TYPE_CHECKING:
    from fakefiles.resource import FakeFiles
    from fakefiles.server import site
    from fakefiles.verifier import Report, verify

__all__ = ["FakeFiles", "Report", "__version__", "site", "verify"]

_HOMES = {
    "FakeFiles": "fakefiles.resource",
    "Report": "fakefiles.verifier",
    "site": "fakefiles.server",
    "verify": "fakefiles.verifier",
}


def __getattr__(name: str) -> object:
    """Import a public name's module when the name is first used (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
