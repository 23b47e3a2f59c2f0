"""upload.py: the queue of one peer, and the pieces that it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice

import pytest

from fakefiles.behaviour.swarm import PeerFault
from fakefiles.bittorrent.upload import Upload
from fakefiles.bittorrent.wire import BlockRequest
from fakefiles.files.kinds import RULER
from fakefiles.files.units import parse_offset
from fakefiles.transfer.body import Cut, Hold, Note, Pause, Piece, Take
from fakefiles.transfer.bucket import Bucket
from fakefiles.transfer.shaping import in_turn, paced, sliced
from fakefiles.transfer.span import Span

BLOCK, PIECE, SIZE = 16384, 65536, 200_000


class Queue:
    """An Upload, and the spans that it has noted."""

    def __init__(self) -> None:
        self.noted: list[Span] = []
        self.upload = Upload(RULER, SIZE, PIECE, self.noted.append)

    def ask(self, *blocks: int) -> None:
        """Queue some blocks by their numbers."""
        for block in blocks:
            self.upload.add(requested(block))


def requested(block: int) -> BlockRequest:
    """Return the request for a block by its number."""
    return BlockRequest(block // 4, block % 4 * BLOCK, BLOCK)


def sent(block: int) -> bytes:
    """Return the message with a block."""
    return requested(block).head() + RULER.read(block * BLOCK, BLOCK)


def taken(pieces: Iterator[Piece], count: int) -> list[Piece]:
    """Return the next pieces."""
    return list(islice(pieces, count))


@pytest.fixture
def queue() -> Queue:
    """Return an empty queue."""
    return Queue()


@pytest.mark.parametrize(
    ("request_", "span"),
    [
        (BlockRequest(0, 0, BLOCK), Span(0, BLOCK)),
        (BlockRequest(1, 5, 1), Span(PIECE + 5, PIECE + 6)),
        (BlockRequest(3, 0, SIZE - 3 * PIECE), Span(3 * PIECE, SIZE)),
        (BlockRequest(0, 0, PIECE), Span(0, PIECE)),
        (BlockRequest(0, 0, 0), None),
        (BlockRequest(0, PIECE, 1), None),
        (BlockRequest(0, PIECE - 1, 2), None),
        (BlockRequest(3, 0, SIZE - 3 * PIECE + 1), None),
        (BlockRequest(4, 0, 1), None),
        (BlockRequest(2**32 - 1, 0, BLOCK), None),
        (BlockRequest(0, 2**32 - 1, 2**32 - 1), None),
    ],
)
def test_span_of(queue: Queue, request_: BlockRequest, span: Span | None) -> None:
    """A request is for bytes of one piece that the torrent has."""
    assert queue.upload.span_of(request_) == span


def test_blocks_in_order(queue: Queue) -> None:
    """Several go out in one piece, with the messages between them; then nothing, until more is wanted."""
    pieces = queue.upload.pieces([], None)
    assert taken(pieces, 2) == [Hold(), Hold()]
    queue.ask(3, 0)
    queue.upload.add(lambda: b"message")
    queue.ask(1)
    assert queue.upload.waiting == 4
    assert taken(pieces, 2) == [sent(3) + sent(0) + b"message" + sent(1), Hold()]
    assert queue.noted == [Span(3 * BLOCK, 4 * BLOCK), Span(0, BLOCK), Span(BLOCK, 2 * BLOCK)]
    assert queue.upload.waiting == 0


def test_pieces_have_a_limit(queue: Queue) -> None:
    """No piece is larger than a block may be: so much stays in memory if the peer never reads."""
    pieces = queue.upload.pieces([], None)
    for size in (PIECE, 1, PIECE, PIECE - 1, PIECE, 1, 1, PIECE):
        queue.upload.add(BlockRequest(0, 0, size))
    queue.upload.add(partial(bytes, BLOCK))
    queue.ask(0, 1, 2)
    found = [piece for piece in taken(pieces, 10) if isinstance(piece, bytes)]
    assert all(len(piece) < 2**17 + 200 for piece in found)
    assert sum(map(len, found)) == 5 * PIECE + 2 + 4 * BLOCK + 11 * 13


def test_messages_are_made_when_they_go(queue: Queue) -> None:
    """A queue of them takes no memory."""
    made: list[bytes] = []

    def message() -> bytes:
        made.append(bytes(2**14))
        return made[-1]

    for _ in range(100):
        queue.upload.add(message)
    pieces = queue.upload.pieces([], None)
    assert made == []
    taken(pieces, 1)
    assert len(made) < 10


@pytest.mark.parametrize("instead", [None, b"rejected"])
def test_cancel(queue: Queue, instead: bytes | None) -> None:
    """A block that waits does not go out, but a message, if there is one; one that does not wait changes nothing."""
    queue.ask(0, 1, 0)
    message = None if instead is None else lambda: instead
    queue.upload.cancel(requested(0), message)
    queue.upload.cancel(requested(7), message)
    assert taken(queue.upload.pieces([], None), 1) == [(instead or b"") + sent(1) + sent(0)]
    queue.upload.cancel(requested(0), message)
    assert queue.upload.waiting == 0


def fault(kind: str, offset: int) -> PeerFault:
    """Return a fault at an offset."""
    return PeerFault(kind, parse_offset(str(offset)))


class TestMarks:
    """What happens at an offset."""

    @pytest.mark.parametrize(("offset", "before"), [(BLOCK, 0), (BLOCK + 7, 7), (2 * BLOCK - 1, BLOCK - 1)])
    def test_in_the_block(self, queue: Queue, offset: int, before: int) -> None:
        """The block goes out up to there; after an end, nothing more of it comes."""
        queue.ask(0, 1, 2)
        pieces = queue.upload.pieces(fault("close", offset).breaks.marks(SIZE), None)
        head, data, head_1, *rest = taken(pieces, 3 + bool(before) + 2)
        assert (head, data) == (requested(0).head(), RULER.read(0, BLOCK))
        assert head_1 == requested(1).head()
        assert rest[:-2] == ([RULER.read(BLOCK, before)] if before else [])
        assert rest[-2:] == [Note(f"close@{offset}"), Cut()]
        assert queue.upload.waiting == 2  # it, and the one behind it
        assert taken(pieces, 1) == [requested(2).head()]

    def test_a_stall(self, queue: Queue) -> None:
        """After a wait, the rest of the block comes, and what waits behind it; then nothing, until more is wanted."""
        queue.ask(1, 2)
        pieces = queue.upload.pieces(fault("stall", BLOCK + 5).breaks.marks(SIZE), None)
        assert taken(pieces, 5) == [
            requested(1).head(),
            RULER.read(BLOCK, 5),
            Note(f"stall@{BLOCK + 5}"),
            Pause(None),
            RULER.read(BLOCK + 5, BLOCK - 5),
        ]
        assert queue.upload.waiting == 2
        queue.upload.add(lambda: b"message")
        assert taken(pieces, 4) == [requested(2).head(), RULER.read(2 * BLOCK, BLOCK), b"message", Hold()]
        assert queue.upload.waiting == 0
        assert [span.start for span in queue.noted] == [BLOCK, BLOCK + 5, 2 * BLOCK]

    def test_a_stall_at_the_end(self, queue: Queue) -> None:
        """Nothing is left of the block then."""
        queue.upload.add(BlockRequest(3, 0, SIZE - 3 * PIECE))
        pieces = queue.upload.pieces(fault("stall", SIZE).breaks.marks(SIZE), None)
        assert taken(pieces, 5)[2:] == [Note(f"stall@{SIZE}"), Pause(None), Hold()]

    def test_at_the_end(self, queue: Queue) -> None:
        """What is behind the last byte happens after the last block."""
        queue.upload.add(BlockRequest(3, 0, SIZE - 3 * PIECE))
        pieces = queue.upload.pieces(fault("reset", SIZE).breaks.marks(SIZE), None)
        _, data, *events = taken(pieces, 4)
        assert data == RULER.read(3 * PIECE, SIZE - 3 * PIECE)
        assert events == [Note(f"reset@{SIZE}"), Cut(reset=True)]

    def test_a_block_that_is_under_way(self, queue: Queue) -> None:
        """It counts until it is sent, and it is too late to cancel it."""
        queue.ask(0, 1)
        pieces = queue.upload.pieces(fault("stall", 5).breaks.marks(SIZE), None)
        taken(pieces, 2)
        queue.upload.cancel(requested(0), None)
        assert queue.upload.waiting == 2


def test_pace(queue: Queue) -> None:
    """A shape slows all bytes down, and the heads of blocks as well."""
    bucket = Bucket(1000)
    queue.ask(0)
    shape = in_turn([partial(sliced, most=10_000), partial(paced, bucket=bucket)])
    pieces = queue.upload.pieces([], shape)
    assert taken(pieces, 6) == [
        Take(bucket, 13),
        requested(0).head(),
        Take(bucket, 10_000),
        RULER.read(0, 10_000),
        Take(bucket, 6384),
        RULER.read(10_000, 6384),
    ]
    assert queue.noted == [Span(0, 10_000), Span(10_000, BLOCK)]
