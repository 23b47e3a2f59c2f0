"""The parameters of a URL and the settings of a server as keywords, for type checkers; written by tools/derive.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    rate: int | str | Sequence[str] | None
    duration: float | str | Sequence[str] | None
    delay: float | str | Sequence[str] | None
    jitter: float | str | Sequence[str] | None
    bucket: str | Sequence[str] | None
    drip: int | str | Sequence[str] | None
    reset: int | str | Sequence[str] | None
    close: int | str | Sequence[str] | None
    stall: int | str | Sequence[str] | None
    hold: int | str | Sequence[str] | None
    flip: int | str | Sequence[str] | None
    cut: int | str | Sequence[str] | None
    refuse: str | Sequence[str] | None
    status: int | str | Sequence[str] | None
    retry_after: float | str | Sequence[str] | None
    ranges: str | Sequence[str] | None
    length: str | Sequence[str] | None
    etag: str | Sequence[str] | None
    modified: str | Sequence[str] | None
    type: str | Sequence[str] | None
    encoding: str | Sequence[str] | None
    lastchunk: bool | str | Sequence[str] | None
    partial: str | Sequence[str] | None
    content_range: str | Sequence[str] | None
    several: int | str | Sequence[str] | None
    suffix: int | str | Sequence[str] | None
    at_end: int | str | Sequence[str] | None
    head: int | str | Sequence[str] | None
    change: int | str | None
    change_size: int | str | None
    ifrange: str | Sequence[str] | None
    limit: int | None
    limit_by: str | None
    over: str | None
    disposition: str | Sequence[str] | None
    filename: str | Sequence[str] | None
    header: str | Sequence[str] | None
    coding: str | Sequence[str] | None
    negotiate: bool | str | Sequence[str] | None
    digest_lie: str | Sequence[str] | None
    early: int | str | Sequence[str] | None
    http: str | Sequence[str] | None
    reused: str | Sequence[str] | None
    chunks: str | Sequence[str] | None
    skew: float | str | Sequence[str] | None
    auth: str | None
    user: str | None
    password: str | None
    token: str | None
    redirect: int | str | None
    redirect_code: int | None
    redirect_to: str | None
    redirect_host: str | None
    location: str | None
    signed: int | str | None
    expired: str | None
    leak: str | None
    signature: str | None
    v: str | None
    piece: int | str | None
    sources: str | None
    mirrors: str | None
    links: bool | str | None
    dial: bool | str | None
    peer: str | Sequence[str] | None
    tracker: str | Sequence[str] | None
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
    cors: bool | None
    peer_port: int | None
    peer_hosts: tuple[str, ...] | None
    udp_port: int | None
    credentials: bool | None
