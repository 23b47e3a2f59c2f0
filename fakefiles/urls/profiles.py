"""Profiles: common situations by name, each a query string."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import OFF, Kind

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Situation:
    """Parameters that refer to a query string kept elsewhere: a profile, or the defaults of the server."""

    profile: str = parameter(
        Kind("NAME", str), "Use the parameters of this situation, unless the URL has its own.", default=""
    )
    defaults: str = parameter(OFF, "Leave out the defaults of the server.", default="", url_only=True)


PROFILES: Mapping[str, str] = MappingProxyType(
    {
        "slow-dsl": "rate=128k&delay=60ms&jitter=20ms",
        "flaky-mobile": "rate=256k&delay=150ms&jitter=80ms&stall=30%:2s&reset=60%&chance=0.5",
        "train": "rate=512k&delay=80ms&stall=50%:20s",
        "captive-portal": "status=200&type=text/html",
        "overloaded": "delay=1s&status=503&retry_after=1&chance=0.5",
        "bad-mirror": "flip=20%,80%",
        "short-mirror": "close=50%",
        "no-resume": "ranges=off&framing=chunked",
        "changing-file": "etag=rotate&ranges=lie",
        "dead-proxy": "refuse=close&fail=2",
    }
)


def parse_profiles(text: str) -> dict[str, str]:
    """Return the profiles in the text of a TOML file, whose lines are like train = "rate=64k&stall=50%:20s".

    The strings are not parsed here: check_settings() does. Raises ValueError, with one line, if it is no TOML or has
    other things in it.
    """
    # tomllib is in the standard library since 3.11.
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    profiles: dict[str, Any] = toml.loads(text)
    for name, parameters in profiles.items():
        if not _NAME.fullmatch(name) or not isinstance(parameters, str):
            raise ValueError(f'{name!r} is no profile; write lines like train = "rate=64k&delay=50ms"')
    return profiles
