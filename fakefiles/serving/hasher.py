"""Hashes large files in threads: once for all who ask for the same result, and only while somebody waits."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from fakefiles.files.digests import Hashing, after_step, hashed_at_once
from fakefiles.files.virtual_file import VirtualFile

# Steps taken at the same time, over all files, so that hashing takes neither all threads nor all processors.
_SLOTS = 2
# The most results kept, and the most bytes of them: beyond that, the oldest ones are dropped. The hashes of the pieces
# of one file may be 10 MB.
_CACHE = 4096
_CACHED_BYTES = 1 << 25

_Key = tuple[str, int, str]


class _Job:
    """The hashing of a file, and who waits for it. It is `queued` while others have all slots."""

    def __init__(self) -> None:
        self.waiters: list[Deferred[bytes]] = []
        self.queued: Deferred[DeferredSemaphore] | None = None

    def wait(self) -> Deferred[bytes]:
        """Return a Deferred of the digest, for one more who waits."""
        # Deferred.cancel() calls its canceller with the Deferred.
        waiter: Deferred[bytes] = Deferred(self._leave)
        self.waiters.append(waiter)
        return waiter

    def _leave(self, waiter: Deferred[bytes]) -> None:
        self.waiters.remove(waiter)
        if not self.waiters and self.queued is not None:
            # Thousands who have asked and left would otherwise get a step hashed each, in vain.
            self.queued.cancel()


class Hasher:
    """Hashes files, each only once at a time, and keeps the results. `reactor` provides IReactorThreads."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._slots = DeferredSemaphore(_SLOTS)
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()
        self._cached_bytes = 0
        self._jobs: dict[_Key, _Job] = {}

    def known(self, file: VirtualFile, hashing: Hashing) -> bytes | None:
        """Return the result if it is available at once, because it is kept or quickly made; else None."""
        result = self._cache.get(_key(file, hashing))
        return result if result is not None else hashed_at_once(file, hashing)

    def compute(self, file: VirtualFile, hashing: Hashing) -> Deferred[bytes]:
        """Return a Deferred of the result. Cancel it if the result is no longer wanted.

        It fails with whatever the file's content raises.
        """
        key = _key(file, hashing)
        job = self._jobs.get(key)
        if job is not None:
            return job.wait()
        job = self._jobs[key] = _Job()
        waiter = job.wait()
        Deferred.fromCoroutine(self._hash(job, key, file, hashing)).addBoth(self._done, key)
        return waiter

    async def _hash(self, job: _Job, key: _Key, file: VirtualFile, hashing: Hashing) -> bytes | None:
        """Hash the file step by step, and return the result; None as soon as nobody waits any more.

        Raises CancelledError if nobody waits any more while the job is queued.
        """
        steps, pool = hashing.steps(file), self._reactor.getThreadPool()
        result: bytes | None = None
        while result is None:
            if not job.waiters:
                return None
            turn = job.queued = self._slots.acquire()
            await turn
            job.queued = None
            try:
                result = await deferToThreadPool(self._reactor, pool, after_step, steps)
            finally:
                self._slots.release()
        self._keep(key, result)
        return result

    def _keep(self, key: _Key, result: bytes) -> None:
        self._cache[key] = result
        self._cached_bytes += len(result)
        while len(self._cache) > _CACHE or (self._cached_bytes > _CACHED_BYTES and len(self._cache) > 1):
            self._cached_bytes -= len(self._cache.popitem(last=False)[1])

    def _done(self, result: bytes | Failure | None, key: _Key) -> None:
        for waiter in self._jobs.pop(key).waiters:
            # callback() with a Failure calls the errbacks. None and CancelledError come only if nobody waits.
            waiter.callback(result)  # type: ignore[arg-type]


def _key(file: VirtualFile, hashing: Hashing) -> _Key:
    return file.content.identity, file.size, hashing.name
