"""Public names that are loaded on first use, so that importing a package costs nothing that is not used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package (PEP 562): it imports the module in `homes` where a public name lives.

    It raises AttributeError for any other name.
    """

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(homes[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load


def deferred(module: str, name: str) -> Callable[..., Any]:
    """Return a function that calls another one, of a module that is imported at the first call.

    A registry that names what a room above it does can so list it, and costs nothing until it is used.
    """

    def call(*arguments: Any) -> Any:
        return getattr(import_module(module), name)(*arguments)

    call.__qualname__ = f"{module}.{name}"
    return call
