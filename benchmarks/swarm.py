"""How fast torrents are hashed and seeded to libtorrent, and what peers cost that never read. Prints Markdown tables.

Run `python -m benchmarks.swarm`, in a few minutes, on Linux, with libtorrent installed. All stays on loopback, and in
/dev/shm.
"""

from __future__ import annotations

import platform
import re
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.peers import Mode, Peer, Place
from benchmarks.servers import Server
from fakefiles.bittorrent.sidecars import abouts_of, torrent_hashing
from fakefiles.files.digests import result_of
from fakefiles.urls.settings import Settings

ROUNDS = 3
PEERS = 200
BLOCK, PIECE, MIB = 1 << 14, 1 << 20, 1 << 20
# libtorrent, on loopback only: what it does beside that would cost time, or leave the machine.
_SETTINGS: Any = {
    **dict.fromkeys(("enable_dht", "enable_lsd", "enable_upnp", "enable_natpmp", "enable_outgoing_utp"), False),
    "listen_interfaces": "127.0.0.1:0",
}
_HANDSHAKE = b"\x13BitTorrent protocol" + bytes(5) + b"\x10\0\x04"
_INTERESTED = struct.pack(">IB", 1, 2)


def _command(place: Place, _mode: Mode) -> list[str]:
    code = "from fakefiles.daemon.cli import main; main()"
    return [sys.executable, "-c", code, "--port", str(place.port), "--peer-port", "0", "--quiet"]


@contextmanager
def running() -> Iterator[Server]:
    """Run a server with a seed."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Peer("fakefiles", _command), Mode(), Path(folder))
        try:
            yield server
        finally:
            server.stop()


def got(server: Server, target: str) -> bytes:
    """Return what a URL has."""
    with urlopen(f"http://127.0.0.1:{server.port}{target}", timeout=60) as response:
        data: bytes = response.read()
    return data


def seeding(server: Server, kind: str, source: str) -> tuple[float, float]:
    """Return the MiB/s at which libtorrent gets 1 GiB, and the seconds of processor time that the server takes."""
    import libtorrent

    parameters: Any = libtorrent.load_torrent_buffer(got(server, f"/1g/x.torrent?content={kind}&sources={source}"))
    session: Any = libtorrent.session(_SETTINGS)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:  # a disk would be measured, too
        parameters.save_path = folder
        cpu, started = server.cpu(), time.perf_counter()
        handle = session.add_torrent(parameters)
        while not handle.status().is_seeding:
            time.sleep(0.002)
        figures = 1024 / (time.perf_counter() - started), server.cpu() - cpu
        session.remove_torrent(handle)
    return figures


def silent(kind: str, step: int) -> float:
    """Return the KiB that a peer costs that asks for every `step`-th block, as many as it may, and never reads."""
    with running() as server:
        magnet = got(server, f"/1g/x.magnet?content={kind}&piece={PIECE}").decode()
        found = re.search(r"btih:(\w+).*x\.pe=127\.0\.0\.1:(\d+)", magnet)
        assert found
        hello = _HANDSHAKE + bytes.fromhex(found[1]) + b"-XX0000-............" + _INTERESTED
        asked = [divmod(number * step * BLOCK, PIECE) for number in range(500)]
        requests = b"".join(struct.pack(">IBIII", 13, 6, piece, begin, BLOCK) for piece, begin in asked)
        peers, before = [], 0
        for number in range(PEERS + 1):
            if number == 1:
                time.sleep(1)
                before = server.memory()  # with all that is loaded for the first one
            peers.append(socket.socket())
            peers[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
            peers[-1].connect(("127.0.0.1", int(found[2])))
            peers[-1].sendall(hello + requests)
        time.sleep(3)
        grown = server.memory() - before
        for peer in peers:
            peer.close()
    return grown / PEERS / 1024


def hashing(target: str) -> float:
    """Return the seconds of processor time that it takes to hash a torrent."""
    (about,) = abouts_of(target, Settings())
    started = time.process_time()
    result_of(torrent_hashing(about).steps(about.file))
    return time.process_time() - started


def spread(figures: list[float], form: str) -> str:
    """Return the median of some figures, with the extremes."""
    median, *extremes = (format(each, form) for each in (statistics.median(figures), min(figures), max(figures)))
    return f"{median} ({' - '.join(extremes)})"


def main() -> None:
    """Measure, and print the tables."""
    print("| 1 GiB to libtorrent | from | MiB/s | CPU-s/GiB |\n|---|---|---|---|")
    with running() as server:
        for kind in ("ones", "ruler", "random"):
            rounds: dict[str, list[tuple[float, float]]] = {"tracker": [], "web": []}
            for _ in range(ROUNDS):
                for source, figures in rounds.items():  # interleaved: others use the machine, too
                    figures.append(seeding(server, kind, source))
            for source, figures in rounds.items():
                speed, cpu = (list(each) for each in zip(*figures, strict=True))
                name = "the seed" if source == "tracker" else "the web seed"
                print(f"| `{kind}` | {name} | {spread(speed, '.0f')} | {spread(cpu, '.2f')} |", flush=True)
    print(f"\n| {PEERS} peers that ask for 500 blocks and never read | KiB each |\n|---|---|")
    for kind in ("ones", "random"):
        for step, how in ((1, "one after another"), (2, "every second one")):
            print(f"| `{kind}`, {how} | {silent(kind, step):.0f} |", flush=True)
    print("\n| hashing of a torrent | CPU-s |\n|---|---|")
    for target in ("/1g/x?content=ruler", "/1g/x?content=random", "/8t/x?piece=64m", "/8t/x?v=2&piece=64m"):
        for version in ("1", "2") if target.startswith("/1g") else ("",):
            whole = f"{target}&v={version}" if version else target
            print(f"| `{whole}` | {spread([hashing(whole) for _ in range(ROUNDS)], '.2f')} |", flush=True)
    print(f"\nPython {platform.python_version()}, {platform.system()} {platform.machine()}.")


if __name__ == "__main__":
    main()
