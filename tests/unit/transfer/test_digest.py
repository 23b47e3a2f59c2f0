"""digest.py and hasher.py: the formats, and computing beside the reactor."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

import fakefiles
from doubles import Connection, ThreadedReactor, parse_response
from fakefiles.files.content import ONES, RULER, Random
from fakefiles.files.virtual_file import FakeFile
from fakefiles.serving.hasher import Hasher
from fakefiles.transfer.digest import (
    ALGORITHMS,
    SMALL,
    Algorithm,
    digest_field,
    digest_if_small,
    legacy_field,
    sidecar,
    wanted,
    wanted_legacy,
)

SHA256, SHA512, SHA1, MD5 = ALGORITHMS
LARGE = FakeFile(20 << 20, RULER)

WANTED: dict[str | None, list[Algorithm]] = {
    None: [],
    "": [],
    "sha-256=1": [SHA256],
    "sha-256=1, sha-512=10": [SHA512, SHA256],
    "sha-256=10,sha-512=1": [SHA256, SHA512],
    "sha-256=0, md5=3": [MD5],
    "crc32c=10, sha=1": [SHA1],
    "sha-256=1;x=y": [SHA256],
    "sha-256=1, sha-256=0": [],  # the last one counts (RFC 8941, 3.2)
    "sha-256=11": [],
    "sha-256": [],
    "sha-256=1,": [],
    "SHA-256=1": [],
    "sha-256=1.0": [],
    "sha-256=:YWJj:": [],
}
WANTED_LEGACY: dict[str | None, list[Algorithm]] = {
    None: [],
    "SHA-256": [SHA256],
    "sha-256;q=0.5, md5;q=1": [MD5, SHA256],
    "SHA-512;q=1, SHA-256;q=1, SHA;q=0.1": [SHA512, SHA256, SHA1],
    "MD5;q=0": [],
    "unixsum, SHA ; q=0.3": [SHA1],
    "SHA-256;q=2": [],
    "SHA-256;q=1.5": [],
    "SHA-256;q": [],
    ",": [],
    "SHA-256, ,MD5;Q=0.5,": [SHA256, MD5],
}


@pytest.mark.parametrize(("field", "algorithms"), WANTED.items(), ids=str)
def test_wanted(field: str | None, algorithms: list[Algorithm]) -> None:
    """Want-Repr-Digest is a dictionary of weights from 0 to 10 (RFC 9530, 4)."""
    assert wanted(field) == algorithms


@pytest.mark.parametrize(("field", "algorithms"), WANTED_LEGACY.items(), ids=str)
def test_wanted_legacy(field: str | None, algorithms: list[Algorithm]) -> None:
    """Want-Digest is a list with q values (RFC 3230, 4.3.1)."""
    assert wanted_legacy(field) == algorithms


def test_fields() -> None:
    """The examples of the RFCs, in their forms."""
    assert digest_field(SHA256, b"abc") == "sha-256=:YWJj:"
    assert legacy_field(SHA1, b"abc") == "SHA=YWJj"


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_small_files(algorithm: Algorithm) -> None:
    """A small file is hashed at once, a larger one is not."""
    small = FakeFile(SMALL, RULER)
    assert digest_if_small(small, algorithm) == hashlib.new(algorithm.name, RULER.read(0, SMALL)).digest()
    assert digest_if_small(FakeFile(SMALL + 1, RULER), algorithm) is None


def test_sidecar() -> None:
    """The text is coreutils', and its length is known without the digest."""
    file = FakeFile(100, ONES, "x.bin")
    checksum = sidecar(file, MD5, bytes(range(16)))
    assert checksum.content.read(0, 1000) == b"000102030405060708090a0b0c0d0e0f  x.bin\n"
    assert (checksum.name, checksum.size) == ("x.bin.md5", 40)
    assert sidecar(file, MD5, None).size == 40


def test_sidecars_have_tags_of_their_own() -> None:
    """Two checksum files that differ, if only in the name, differ in their ETag."""
    files = [FakeFile(100, ONES, name) for name in ("a", "b", "\udcff")]
    assert len({sidecar(file, algorithm, None).etag for file in files for algorithm in ALGORITHMS}) == 12


def test_sidecar_of_a_strange_name() -> None:
    """A line that holds an escaped name says so."""
    checksum = sidecar(FakeFile(1, ONES, "a\\b\nc"), MD5, bytes(16))
    assert checksum.content.read(0, 1000) == b"\\" + b"0" * 32 + b"  a\\\\b\\nc\n"


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
        digests = [hasher.compute(FakeFile(LARGE.size, Random(seed)), MD5) for seed in range(5)]
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
        digest: Deferred[Any] = hasher.compute(FakeFile(LARGE.size, Broken()), MD5)
        reactor.pool.run()
        failures: list[Any] = []
        digest.addErrback(failures.append)
        assert failures[0].check(LookupError)

    def test_bounded(self, reactor: ThreadedReactor, monkeypatch: pytest.MonkeyPatch) -> None:
        """The oldest digest is forgotten for a new one."""
        monkeypatch.setattr("fakefiles.serving.hasher._CACHE", 2)
        hasher = Hasher(reactor)
        files = [FakeFile(SMALL + 1 + number, ONES) for number in range(3)]
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
