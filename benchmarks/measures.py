"""What is measured, one server at a time: each measure gives its figures of one round."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from benchmarks.client import raise_descriptor_limit
from benchmarks.clients import Task, ask, client, requests
from benchmarks.peers import Mode, Peer
from benchmarks.servers import Fleet, Server

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
LARGE = GIB  # the file of those downloads that never end

#: What a measure finds in one round, by quantity.
Figures = dict[str, float]


class Scale(NamedTuple):
    """How much is done: rounds, the bytes of a download, seconds of requests, probes and their time limit, stalls."""

    rounds: int
    download: int
    seconds: float
    probes: int
    limit: float
    stalled: int

    def sizes(self) -> set[int]:
        """Return the sizes of the files that are asked for."""
        return {1, 100 * KIB, self.download // 64, self.download, LARGE}


FULL = Scale(rounds=5, download=GIB, seconds=1, probes=100, limit=2, stalled=10_000)
QUICK = Scale(rounds=1, download=GIB // 8, seconds=0.3, probes=30, limit=0.7, stalled=1_000)

_SPARE_DESCRIPTORS = 100  # what a client has open besides its connections


@dataclass(frozen=True, slots=True)
class Measure:
    """Something to measure: with which peers, how the servers run, and `take`, which gives the figures of one round.

    `take` raises MeasureError, ServerError or OSError when the server does not do its part. `note` is for the reader.
    """

    name: str
    title: str
    peers: tuple[str, ...]
    take: Callable[[Fleet, Peer, Mode, Scale], Figures]
    mode: Mode = field(default=Mode())
    note: str = ""


def download(connections: int, content: str = "") -> Callable[[Fleet, Peer, Mode, Scale], Figures]:
    """Return what measures downloads, shared among connections: fast servers do several in the time."""

    def take(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
        server = fleet.server(peer, mode)
        task = Task("fetch", scale.download // connections, connections, content=content)
        cpu, client_cpu, seconds, gib = server.cpu(), 0.0, 0.0, 0.0
        while seconds < scale.seconds:
            report = ask(task, server)
            seconds += report["seconds"]
            client_cpu += report["cpu"]
            gib += scale.download / GIB
        return {
            "GiB/s": gib / seconds,
            "CPU-s/GiB": (server.cpu() - cpu) / gib,
            "client's CPU-s/GiB": client_cpu / gib,
            "both, CPU-s/GiB": (server.cpu() - cpu + client_cpu) / gib,
        }

    return take


def small(size: int, connections: int) -> Callable[[Fleet, Peer, Mode, Scale], Figures]:
    """Return what measures requests per second."""

    def take(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
        server = fleet.server(peer, mode)
        cpu = server.cpu()
        count, seconds = requests(server, size, connections, scale.seconds)
        return {"requests/s": count / seconds, "CPU-µs/request": 1e6 * (server.cpu() - cpu) / max(count, 1)}

    return take


def _first_bytes(server: Server, scale: Scale) -> Figures:
    milliseconds = [1000 * seconds for seconds in ask(Task("probe", 1, scale.probes, scale.limit), server)["seconds"]]
    return {"first byte, ms": statistics.median(milliseconds), "slowest, ms": max(milliseconds)}


def busy(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
    """Measure how soon a new client is answered while 64 others download as fast as they can, and the memory."""
    with fleet.fresh(peer, mode) as server, client(Task("load", LARGE, 64, scale.limit), server):
        return {**_first_bytes(server, scale), "memory, MiB": server.memory() / MIB}


def stalled(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
    """Measure what clients that never read cost, and how soon a new one is answered beside them."""
    count = min(scale.stalled, raise_descriptor_limit() - _SPARE_DESCRIPTORS)
    with fleet.fresh(peer, mode) as server:
        ask(Task("probe", 1, 3), server)
        memory, kernel = server.memory(), _socket_memory()
        with client(Task("hold", LARGE, count), server):
            return {
                "KiB each": (server.memory() - memory) / count / KIB,
                "kernel's KiB each": (_socket_memory() - kernel) / count / KIB,
                **_first_bytes(server, scale),
                "clients": count,
            }


def _socket_memory() -> int:
    """Return the bytes of TCP buffers in the system, whoever they belong to."""
    tcp = next(line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:"))
    return 4096 * int(tcp.split()[-1])


def fairness(fleet: Fleet, peer: Peer, mode: Mode, scale: Scale) -> Figures:
    """Measure how evenly 200 greedy downloads share."""
    with fleet.fresh(peer, mode) as server, client(Task("load", LARGE, 200, scale.limit), server) as running:
        time.sleep(scale.seconds)
    received = running.report["received"]
    return {"slowest/fastest": min(received) / max(received)}


def start(fleet: Fleet, peer: Peer, mode: Mode, _scale: Scale) -> Figures:
    """Measure the time from exec until the server listens."""
    with fleet.fresh(peer, mode) as server:
        return {"ms": 1000 * server.started_in, "memory, MiB": server.memory() / MIB}


_STREAMS = ("fakefiles", "nginx", "FastAPI", "FastAPI + uvloop", "http.server", "go-httpbin")
_FILES = (*_STREAMS, "twistd web")
_GENERATORS = ("fakefiles", "FastAPI", "FastAPI + uvloop", "http.server")
_OVER_TLS = ("fakefiles", "nginx", "FastAPI", "FastAPI + uvloop")
_ANSWERS = ("fakefiles", "bare Resource", "nginx", "FastAPI", "FastAPI + uvloop", "http.server", "go-httpbin")
_NAGLE = (
    "http.server sends the head and the body separately. In between it waits until the client has acknowledged the"
    " head."
)
_WIRE = (
    "The client drops the bytes that it receives: it does not copy them, nor decrypt TLS. On loopback, the kernel does"
    " part of a server's sending while the client reads, and charges it to the client. The last columns therefore add"
    " up both."
)

MEASURES = {
    measure.name: measure
    for measure in (
        Measure("ones-1", "Ones, one connection", _FILES, download(1), note=_WIRE),
        Measure("ones-64", "Ones, 64 connections", _FILES, download(64)),
        Measure("random-1", "Random, one connection", _GENERATORS, download(1, "random")),
        Measure("random-64", "Random, 64 connections", _GENERATORS, download(64, "random")),
        Measure("tls-1", "Ones over TLS, one connection", _OVER_TLS, download(1), Mode(tls=True)),
        Measure("tls-64", "Ones over TLS, 64 connections", _OVER_TLS, download(64), Mode(tls=True)),
        Measure("answers-1", "1 B, one kept connection", _ANSWERS, small(1, 1), note=_NAGLE),
        Measure("answers-32", "1 B, 32 kept connections", _ANSWERS, small(1, 32)),
        Measure(
            "answers-32-log",
            "1 B, 32 kept connections, an access log",
            _ANSWERS[:-1],
            small(1, 32),
            Mode(log=True),
        ),
        Measure("100k-1", "100 KiB, one kept connection", _STREAMS, small(100 * KIB, 1)),
        Measure("100k-64", "100 KiB, 64 kept connections", _STREAMS, small(100 * KIB, 64)),
        Measure(
            "busy",
            "The first byte of 1 B for a new client, while 64 clients download",
            _STREAMS,
            busy,
            note="The client stops waiting after a time limit. A figure at the limit means that there was no response"
            " in time.",
        ),
        Measure(
            "stalled",
            "Clients that never read",
            ("fakefiles", "nginx", "FastAPI", "FastAPI + uvloop", "go-httpbin"),
            stalled,
            note="KiB each is how much the memory of the server grew for each client. The kernel's KiB are its TCP"
            " buffers at both ends.",
        ),
        Measure("fair", "200 greedy downloads", _STREAMS, fairness),
        Measure("start", "From exec to listening", _FILES, start),
    )
}
