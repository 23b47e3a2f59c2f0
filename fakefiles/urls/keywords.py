"""The parameters of a URL and the settings of a server as keywords, for type checkers; written by tools/derive.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from fakefiles.files.content import Content


class UrlOptions(TypedDict, total=False):
    """The parameters of a URL. None means to leave one out; True and False mean on and off."""

    content: str | None
    seed: int | None
    chunk_size: int | str | None
    framing: str | None
    sidecar: bool | str | None
    digest: str | None
    tag: str | None
    rate: int | str | None
    duration: float | str | None
    delay: float | str | None
    jitter: float | str | None
    bucket: str | None
    drip: int | str | None
    reset: int | str | None
    close: int | str | None
    stall: int | str | None
    hold: int | str | None
    flip: int | str | None
    refuse: str | None
    status: int | None
    retry_after: float | str | None
    ranges: str | None
    length: str | None
    etag: str | None
    modified: str | None
    type: str | None
    encoding: str | None
    lastchunk: bool | str | None
    auth: str | None
    user: str | None
    password: str | None
    redirect: int | None
    redirect_code: int | None
    fail: int | None
    every: int | None
    chance: float | str | None
    profile: str | None
    defaults: bool | str | None


class SettingsKeywords(TypedDict, total=False):
    """The settings of a server: the fields of Settings. None means to leave one out."""

    max_size: int | None
    content: str | None
    seed: int | None
    contents: Mapping[str, Content] | None
    defaults: str | None
    faults: bool | None
    profiles: Mapping[str, str] | None
    journal: int | None
    control: str | None
    hosts: tuple[str, ...] | None
    token: str | None
    credentials: bool | None
