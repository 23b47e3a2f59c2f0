"""Many clients at once: so many workers, each of which makes one visit after the other, of a kind drawn by lot."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count
from random import Random

from benchmarks.traffic import KINDS, PATIENT
from benchmarks.traffic.line import TornError, WrongAnswerError
from benchmarks.traffic.visit import Kind, Visit, Where

_WORKERS = 64
_PATIENT_WORKERS = 24
# A visit that takes longer has failed: seconds.
_LONGEST = 150
# The share of a processor that all clients may use: the machine is busy then, but answers.
_SHARE = 0.6
_CREDIT = 0.5  # seconds of processor time that may be saved up
_MOST_FAILURES = 1000  # different ones that are kept


class Governor:
    """Keeps this process below a share of a processor, for as long as everybody asks it before he begins."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._credit = 0.0
        self._last = self._now()

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.monotonic(), time.process_time()

    async def turn(self) -> None:
        """Wait until there is processor time to spend."""
        while True:
            now, used = self._now()
            earned = self._share * (now - self._last[0]) - (used - self._last[1])
            self._credit, self._last = min(_CREDIT, self._credit + earned), (now, used)
            if self._credit >= 0:
                return
            await asyncio.sleep(0.02)


class Crowd:
    """All clients. `visits` counts their visits by kind, `checked` the bytes compared; `failures` what was wrong.

    `open`: whether new visits begin. `dawdle`, `idle` and `waves` are those of Visit.
    """

    def __init__(self, where: Where, seed: int, *, dawdle: float = 1, idle: float = 75, waves: int = 200) -> None:
        self.visits: Counter[str] = Counter()
        self.checked = 0
        self.failures: Counter[str] = Counter()
        self._where = where
        self._seed = seed
        self._tempers = (dawdle, idle, waves)
        self._numbers = count(1)
        self._alone = asyncio.Lock()
        self._governor = Governor(_SHARE)
        self.open = False

    async def come(self, seconds: float) -> None:
        """Come, again and again, for so long. Those who wait until the server ends their connections stay longer."""
        self.open = True
        lots = self.lots(KINDS, _WORKERS) + self.lots(PATIENT, _PATIENT_WORKERS)
        workers = [asyncio.ensure_future(self._work(*lot)) for lot in lots]
        try:
            await asyncio.sleep(seconds)
            self.open = False
            await asyncio.gather(*workers)
        finally:
            self.open = False  # for a worker that misses its cancellation: wait_for() may swallow it
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def lots(self, kinds: Mapping[str, Kind], workers: int) -> list[tuple[Random, Iterator[Kind]]]:
        """Return the luck of each worker, and the kinds that it will draw."""

        def draw(luck: Random) -> Iterator[Kind]:
            while True:
                yield from luck.choices([*kinds.values()], [kind.share for kind in kinds.values()], k=100)

        seeds = [f"{self._seed} {next(self._numbers)}" for _ in range(workers)]
        return [(Random(f"{seed} visit"), draw(Random(seed))) for seed in seeds]  # noqa: S311  no secrets

    async def _work(self, luck: Random, kinds: Iterator[Kind]) -> None:
        await asyncio.sleep(luck.random())
        for kind in kinds:
            await self._governor.turn()
            if not self.open:
                return
            await self.visit(kind, luck)

    async def visit(self, kind: Kind, luck: Random, *, tls: bool | None = None, tag: str = "") -> None:
        """Make one visit of a kind; if something is wrong with it, add that to the failures."""
        tls = luck.random() < 0.5 if tls is None else tls
        if kind.alone:
            async with self._alone:
                await self._visit(kind, luck, tls, tag)
        else:
            await self._visit(kind, luck, tls, tag)

    async def _visit(self, kind: Kind, luck: Random, tls: bool, tag: str) -> None:  # noqa: FBT001
        visit = Visit(self._where, tls, luck, next(self._numbers), tag or kind.name, *self._tempers)
        try:
            await asyncio.wait_for(kind.visit(visit), _LONGEST)
        except asyncio.TimeoutError:
            self._fail(kind, visit, f"no end after {_LONGEST} s")
        except (WrongAnswerError, TornError, OSError, ValueError, LookupError) as error:
            self._fail(kind, visit, f"{type(error).__name__}: {error}")
        self.visits[kind.name] += 1
        self.checked += visit.checked

    def _fail(self, kind: Kind, visit: Visit, what: str) -> None:
        text = f"{kind.name}, {'TLS' if visit.tls else 'HTTP'}: {what}"
        if text in self.failures or len(self.failures) < _MOST_FAILURES:
            self.failures[text] += 1
