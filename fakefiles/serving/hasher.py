"""Computes digests of large files beside the reactor: once for all who ask, no longer than somebody waits."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from fakefiles.files.digests import Algorithm, digest_if_small, update
from fakefiles.files.virtual_file import VirtualFile

# Hashed in one go, in a thread: some milliseconds, so that it soon takes note that nobody waits any more.
_SLICE = 1 << 23
# Slices at a time, of all files together: digests leave the other threads, and the processor, to others.
_SLOTS = 2
# The most digests kept.
_CACHE = 4096

_Key = tuple[str, int, str]


class Hasher:
    """Digests of files, computed once at most at any time, and kept. `reactor` provides IReactorThreads."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._slots = DeferredSemaphore(_SLOTS)
        self._cache: OrderedDict[_Key, bytes] = OrderedDict()
        self._waiting: dict[_Key, list[Deferred[bytes]]] = {}

    def known(self, file: VirtualFile, algorithm: Algorithm) -> bytes | None:
        """Return the digest if it can be had at once: it is kept, or the file is small."""
        digest = self._cache.get(_key(file, algorithm))
        return digest if digest is not None else digest_if_small(file, algorithm)

    def compute(self, file: VirtualFile, algorithm: Algorithm) -> Deferred[bytes]:
        """Return the digest when it is computed; cancel the Deferred when it is no longer wanted.

        It fails with what the file's content raises.
        """
        key = _key(file, algorithm)
        first = key not in self._waiting
        waiters = self._waiting.setdefault(key, [])
        waiter: Deferred[bytes] = Deferred(waiters.remove)
        waiters.append(waiter)
        if first:
            Deferred.fromCoroutine(self._hash(key, file, algorithm)).addBoth(self._done, key)
        return waiter

    async def _hash(self, key: _Key, file: VirtualFile, algorithm: Algorithm) -> bytes | None:
        """Hash slice after slice while somebody waits; return None when nobody does."""
        hash_, pool = algorithm.new(), self._reactor.getThreadPool()
        for start in range(0, file.size, _SLICE):
            if not self._waiting[key]:
                return None
            stop = min(start + _SLICE, file.size)
            await self._slots.run(deferToThreadPool, self._reactor, pool, update, hash_, file, start, stop)
        digest = self._cache[key] = hash_.digest()
        if len(self._cache) > _CACHE:
            self._cache.popitem(last=False)
        return digest

    def _done(self, result: bytes | Failure | None, key: _Key) -> None:
        for waiter in self._waiting.pop(key):
            # A Failure makes it fail; None comes only when nobody waits.
            waiter.callback(result)  # type: ignore[arg-type]


def _key(file: VirtualFile, algorithm: Algorithm) -> _Key:
    return file.content.identity, file.size, algorithm.name
