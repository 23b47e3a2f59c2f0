"""Computes digests of large files in threads: once for all who ask for the same one, and only while somebody waits."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from fakefiles.files.digests import Algorithm, digest_if_small, update
from fakefiles.files.virtual_file import VirtualFile

# Bytes hashed in one go in a thread. That takes some milliseconds, so hashing stops soon after the last client leaves.
_SLICE = 1 << 23
# Slices hashed at the same time, over all files, so that digests take neither all threads nor all processors.
_SLOTS = 2
# The most digests kept; beyond that, the oldest one is dropped.
_CACHE = 4096

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
            # Thousands who have asked and left would otherwise get a slice hashed each, in vain.
            self.queued.cancel()


class Hasher:
    """Computes digests of files, each only once at a time, and keeps them. `reactor` provides IReactorThreads."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._slots = DeferredSemaphore(_SLOTS)
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()
        self._jobs: dict[_Key, _Job] = {}

    def known(self, file: VirtualFile, algorithm: Algorithm) -> bytes | None:
        """Return the digest if it is available at once, because it is kept or the file is small; else None."""
        digest = self._cache.get(_key(file, algorithm))
        return digest if digest is not None else digest_if_small(file, algorithm)

    def compute(self, file: VirtualFile, algorithm: Algorithm) -> Deferred[bytes]:
        """Return a Deferred of the digest. Cancel it if the digest is no longer wanted.

        It fails with whatever the file's content raises.
        """
        key = _key(file, algorithm)
        job = self._jobs.get(key)
        if job is not None:
            return job.wait()
        job = self._jobs[key] = _Job()
        waiter = job.wait()
        Deferred.fromCoroutine(self._hash(job, key, file, algorithm)).addBoth(self._done, key)
        return waiter

    async def _hash(self, job: _Job, key: _Key, file: VirtualFile, algorithm: Algorithm) -> bytes | None:
        """Hash the file slice by slice, and return the digest; None as soon as nobody waits any more.

        Raises CancelledError if nobody waits any more while the job is queued.
        """
        hash_, pool = algorithm.new(), self._reactor.getThreadPool()
        for start in range(0, file.size, _SLICE):
            if not job.waiters:
                return None
            stop = min(start + _SLICE, file.size)
            turn = job.queued = self._slots.acquire()
            await turn
            job.queued = None
            try:
                await deferToThreadPool(self._reactor, pool, update, hash_, file, start, stop)
            finally:
                self._slots.release()
        digest = self._cache[key] = hash_.digest()
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return digest

    def _done(self, result: bytes | Failure | None, key: _Key) -> None:
        for waiter in self._jobs.pop(key).waiters:
            # callback() with a Failure calls the errbacks. None and CancelledError come only if nobody waits.
            waiter.callback(result)  # type: ignore[arg-type]


def _key(file: VirtualFile, algorithm: Algorithm) -> _Key:
    return file.content.identity, file.size, algorithm.name
