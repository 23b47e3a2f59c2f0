"""hasher.py: computing digests beside the reactor."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

import fakefiles
from doubles import Connection, ThreadedReactor, parse_response
from fakefiles.files.digests import BY_FIELD, SMALL
from fakefiles.files.kinds import ONES, RULER, Random
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.serving.hasher import Hasher

SHA256, MD5 = BY_FIELD["sha-256"], BY_FIELD["md5"]
LARGE = VirtualFile(20 << 20, RULER)


@pytest.fixture
def reactor() -> ThreadedReactor:
    """Return a reactor."""
    return ThreadedReactor()


class TestHasher:
    """Computing beside the reactor."""

    def test_digest(self, reactor: ThreadedReactor) -> None:
        """The digest is right, comes in slices, and is kept."""
        hasher = Hasher(reactor)
        assert hasher.known(LARGE, SHA256) is None
        digest = hasher.compute(LARGE, SHA256)
        assert reactor.pool.run() == 3
        assert digest.result == hashlib.sha256(RULER.read(0, LARGE.size)).digest()
        assert hasher.known(LARGE, SHA256) == digest.result
        assert hasher.known(LARGE, MD5) is None

    def test_once_for_all(self, reactor: ThreadedReactor) -> None:
        """Those who ask while it is computed get the one result."""
        hasher = Hasher(reactor)
        digests = [hasher.compute(LARGE, MD5) for _ in range(3)]
        assert reactor.pool.run() == 3
        assert len({digest.result for digest in digests}) == 1

    def test_cancelled_when_the_last_has_gone(self, reactor: ThreadedReactor) -> None:
        """It goes on while somebody waits, and no further."""
        hasher = Hasher(reactor)
        first, second = hasher.compute(LARGE, MD5), hasher.compute(LARGE, MD5)
        first.addErrback(lambda failure: failure.trap(CancelledError) and None)
        second.addErrback(lambda failure: failure.trap(CancelledError) and None)
        first.cancel()
        assert reactor.pool.run(1) == 1
        second.cancel()
        assert reactor.pool.run() == 1  # the slice that was under way
        assert hasher.known(LARGE, MD5) is None
        third = hasher.compute(LARGE, MD5)
        assert reactor.pool.run() == 3
        assert third.result == hasher.known(LARGE, MD5)

    def test_thousands_who_ask_and_leave(self, reactor: ThreadedReactor) -> None:
        """Whose turn has not come when they leave cost nothing; the others go on."""
        hasher = Hasher(reactor)
        digests = [hasher.compute(VirtualFile(LARGE.size, Random(seed)), MD5) for seed in range(1000)]
        for digest in digests[:-1]:
            digest.addErrback(lambda failure: failure.trap(CancelledError) and None)
            digest.cancel()
        assert reactor.pool.run() == 2 + 3  # two slices were under way
        assert digests[-1].result == hasher.known(VirtualFile(LARGE.size, Random(999)), MD5)

    def test_one_who_comes_back_in_time(self, reactor: ThreadedReactor) -> None:
        """Who asks before the computing has ended goes on with it."""
        hasher = Hasher(reactor)
        first = hasher.compute(LARGE, MD5).addErrback(lambda failure: failure.trap(CancelledError) and None)
        reactor.pool.run(1)
        first.cancel()
        second = hasher.compute(LARGE, MD5)
        assert reactor.pool.run() == 2
        assert second.result == hasher.known(LARGE, MD5)

    def test_no_more_than_two_slices_at_once(self, reactor: ThreadedReactor) -> None:
        """Many digests take turns."""
        hasher = Hasher(reactor)
        digests = [hasher.compute(VirtualFile(LARGE.size, Random(seed)), MD5) for seed in range(5)]
        assert len(reactor.pool.jobs) == 2
        assert reactor.pool.run() == 15
        assert len({digest.result for digest in digests}) == 5

    def test_content_that_fails(self, reactor: ThreadedReactor) -> None:
        """What the content raises reaches all who wait, and nothing is kept."""

        class Broken:
            identity = "broken"

            def read(self, offset: int, length: int) -> bytes:
                raise LookupError(offset, length)

        hasher = Hasher(reactor)
        digest: Deferred[Any] = hasher.compute(VirtualFile(LARGE.size, Broken()), MD5)
        reactor.pool.run()
        failures: list[Any] = []
        digest.addErrback(failures.append)
        assert failures[0].check(LookupError)

    def test_bounded(self, reactor: ThreadedReactor, monkeypatch: pytest.MonkeyPatch) -> None:
        """The oldest digest is forgotten for a new one."""
        monkeypatch.setattr("fakefiles.serving.hasher._CACHE", 2)
        hasher = Hasher(reactor)
        files = [VirtualFile(SMALL + 1 + number, ONES) for number in range(3)]
        for file in files:
            hasher.compute(file, MD5)
            reactor.pool.run()
        assert [hasher.known(file, MD5) is not None for file in files] == [False, True, True]


class TestOverHTTP:
    """Requests that wait for a digest."""

    GET = b"GET %b HTTP/1.1\r\nHost: test\r\n\r\n"

    def test_checksum_file(self, reactor: ThreadedReactor) -> None:
        """The answer comes when the digest is there; the connection goes on."""
        client = Connection(fakefiles.site(content="ruler", reactor=reactor), reactor)
        assert client.send(self.GET % b"/20m/x.sha256") == b""
        reactor.pool.run()
        response, _ = parse_response(client.read())
        assert response.body == hashlib.sha256(RULER.read(0, 20 << 20)).hexdigest().encode() + b"  x\n"
        assert client.get("/20m/x", "Want-Digest: SHA-256").headers["digest"].startswith("SHA-256=")

    def test_client_that_cannot_be_noticed_to_leave(self, reactor: ThreadedReactor) -> None:
        """While a digest is waited for and reading is paused, the idle timeout runs; an answer that begins ends it."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(self.GET % b"/20m?digest=md5" + self.GET % b"/1" * 1000)
        assert client.transport.producerState == "paused"
        reactor.pool.run()
        client.send(b"", most_turns=5)
        assert all(call.getTime() <= reactor.seconds() for call in reactor.getDelayedCalls())
        client.protocol.connectionLost(Failure(ConnectionError()))
        other = Connection(fakefiles.site(reactor=reactor), reactor)
        other.send(self.GET % b"/30m?digest=md5" + self.GET % b"/1" * 1000)
        reactor.pump([10] * 10)
        assert other.transport.disconnecting

    def test_name_of_any_bytes(self, reactor: ThreadedReactor) -> None:
        """A name that is no UTF-8 comes back as it was."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        assert client.get("/0/%FF%FE.md5").body.endswith(b"  \xff\xfe\n")

    def test_client_leaves(self, reactor: ThreadedReactor) -> None:
        """When the client leaves, the computing ends, and nothing is logged as an error."""
        client = Connection(fakefiles.site(reactor=reactor), reactor)
        client.send(self.GET % b"/1t.sha256")
        reactor.pool.run(2)
        client.protocol.connectionLost(Failure(ConnectionError()))
        assert reactor.pool.run() == 1

    def test_content_that_fails(self, reactor: ThreadedReactor, logged_failures: list[Any]) -> None:
        """Content that cannot be read is a server error, logged."""

        class Broken:
            identity = "broken"

            def read(self, offset: int, length: int) -> bytes:
                raise LookupError(offset, length)

        site = fakefiles.site(contents={"broken": Broken()}, reactor=reactor)
        client = Connection(site, reactor)
        client.send(self.GET % b"/20m.sha256?content=broken")
        reactor.pool.run()
        assert client.read().startswith(b"HTTP/1.1 500 ")
        assert logged_failures.pop().check(LookupError)
