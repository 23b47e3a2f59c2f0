"""What a peer gets, in its order: blocks, and messages between them; as steps of a body that never ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from fakefiles.bittorrent.layout import BLOCK
from fakefiles.bittorrent.wire import BlockRequest
from fakefiles.files.content import Content
from fakefiles.transfer.body import Hold, Piece, Shape, Step, cut, read_all
from fakefiles.transfer.shaping import Mark, divided
from fakefiles.transfer.span import Span

#: The most requests of a peer that wait for their turn. We say half of it (BEP 10, reqq); clients ask for up to 496.
MOST_WAITING = 512
# The most bytes that go out at once, if nothing happens between the blocks.
_AT_ONCE = 1 << 17
# A message counts as so many bytes at least: to make one may cost more than to read a block.
_MESSAGE = 1 << 15

#: A message that is made when its turn comes: so a long queue of large ones takes no memory.
Message = Callable[[], bytes]


def _size_of(wanted: BlockRequest | Message) -> int:
    """Return how many bytes will go out, roughly: messages may be as long as a block."""
    return wanted.length if isinstance(wanted, BlockRequest) else BLOCK


class Upload:
    """The queue of what a peer has asked for, and the pieces that it becomes: a Hold where the queue is empty.

    `content` has all bytes of the torrent, `size` of them; `piece` is the size of a piece in bytes. `progress` is told
    which spans go out.
    """

    def __init__(self, content: Content, size: int, piece: int, progress: Callable[[Span], object]) -> None:
        self._content = content
        self._size = size
        self._piece = piece
        self._progress = progress
        self._queue: deque[BlockRequest | Message] = deque()
        self._under_way = False

    @property
    def waiting(self) -> int:
        """How many blocks and messages wait for their turn, or have not been sent completely."""
        return len(self._queue) + self._under_way

    def span_of(self, request: BlockRequest) -> Span | None:
        """Return the bytes that a request is for; None if there are no such bytes in one piece."""
        start = request.piece * self._piece + request.begin
        stop = start + request.length
        whole = request.begin + request.length <= self._piece
        return Span(start, stop) if request.length and whole and stop <= self._size else None

    def add(self, wanted: BlockRequest | Message) -> None:
        """Queue a block, which must exist, or a message."""
        self._queue.append(wanted)

    def cancel(self, request: BlockRequest, instead: Message | None) -> bool:
        """Send no longer a block that waits, but a message instead, if there is one; return whether it has waited."""
        try:
            place = self._queue.index(request)  # much faster than a loop: a peer may cancel thousands at once
        except ValueError:
            return False
        if instead is None:
            del self._queue[place]
        else:
            self._queue[place] = instead
        return True

    def stop(self) -> None:
        """Forget what waits, and whom to tell: both lead back to the session, and no cycle may be left."""
        self._queue.clear()
        self._progress = _unheeded

    def pieces(self, marks: Sequence[Mark], shape: Shape | None) -> Iterator[Piece]:
        """Yield the pieces for ever; with what happens at the marks, and slowed down by the shape."""
        if not marks and shape is None:
            return self._large_pieces()
        steps = self._steps(marks)
        shaped = steps if shape is None else shape(steps)
        return cut(shaped, self._content, _AT_ONCE, self._note)

    def _note(self, _: int, span: Span | None) -> None:
        if span is not None:
            self._progress(span)

    def _large_pieces(self) -> Iterator[Piece]:
        """Yield pieces that have several blocks: each write costs, and each turn of the reactor."""
        queue, size = self._queue, 0
        parts: list[bytes | memoryview] = []
        while True:
            if not queue or (parts and size + _size_of(queue[0]) > _AT_ONCE):
                yield b"".join(parts) if parts else Hold()
                parts, size = [], 0
                continue
            wanted = queue.popleft()
            if isinstance(wanted, BlockRequest):
                size += self._add_row(wanted, _AT_ONCE - size, parts)
            else:
                parts.append(wanted())
                size += max(len(parts[-1]), _MESSAGE)

    def _add_row(self, first: BlockRequest, most: int, parts: list[bytes | memoryview]) -> int:
        """Add a block, and those that wait behind it and follow it in the file, up to so many bytes; return how many.

        Peers ask for block after block, and to read several at once costs little more than to read one.
        """
        queue, blocks = self._queue, [first]
        start = stop = first.piece * self._piece + first.begin
        stop += first.length
        while queue and isinstance(following := queue[0], BlockRequest):
            begin = following.piece * self._piece + following.begin
            if begin != stop or stop + following.length - start > most:
                break
            stop += following.length
            blocks.append(queue.popleft())  # type: ignore[arg-type]
        row, at = memoryview(read_all(self._content, start, stop - start)), 0
        for block in blocks:
            parts += block.head(), row[at : at + block.length]
            at += block.length
        self._progress(Span(start, stop))
        return stop - start

    def _steps(self, marks: Sequence[Mark]) -> Iterator[Step]:
        while True:
            if not self._queue:
                yield Hold()
                continue
            wanted = self._queue.popleft()
            if not isinstance(wanted, BlockRequest):
                yield wanted()
                continue
            self._under_way = True
            start = wanted.piece * self._piece + wanted.begin
            block = Span(start, start + wanted.length)
            yield wanted.head()
            yield from divided(block, [mark for mark in marks if self._lies_in(mark, block)])
            self._under_way = False

    def _lies_in(self, mark: Mark, block: Span) -> bool:
        """Return whether a mark happens in a block: in whichever has its offset.

        Those of HTTP happen strictly inside of an answer, so that a client that resumes gets past them; a peer does not
        resume, and blocks begin at round offsets, where most marks are.
        """
        return block.start <= mark.offset < block.stop or mark.offset == block.stop == self._size


def _unheeded(_: Span) -> None:
    """Tell nobody: the peer has left."""
