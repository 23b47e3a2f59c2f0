"""The twisted.web Resource: makes plain values of a request, and sends the answer that the plan gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from twisted.internet.defer import CancelledError
from twisted.python.failure import Failure
from twisted.web.http import RESPONSES
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from fakefiles.content import Content, find_content
from fakefiles.delivery import MAX_PIECE
from fakefiles.hasher import Hasher
from fakefiles.plan import Answer, Ask, answer
from fakefiles.producer import BodyProducer
from fakefiles.sizes import MAX_SIZE
from fakefiles.target import Settings

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime
    from twisted.web.server import Request

# A body up to this many bytes goes out in the turn that asked for it, without a producer.
_AT_ONCE = 4096
# Encrypted, a piece lies in several buffers at once: to stay within the same memory it is smaller.
_TLS_PIECE = 1 << 16


class FakeFiles(Resource):
    """Serves virtual files at whatever place of a resource tree it is put.

    `max_size`, in bytes, is the largest file it serves. `content` and `seed` are those of a URL that names none;
    `contents` are kinds of your own, by name. `reactor` drives the transfers: the global one by default.
    Raises RequestError when there is no such content, or it takes no seed.

    Its answers are already what their headers say: do not wrap it in an EncodingResourceWrapper.
    """

    isLeaf = True

    def __init__(
        self,
        *,
        max_size: int = MAX_SIZE,
        content: str = "ones",
        seed: int | None = None,
        contents: Mapping[str, Content] | None = None,
        reactor: Any = None,
    ) -> None:
        super().__init__()
        if reactor is None:
            from twisted.internet import reactor
        find_content(content, seed, contents or {})  # raises now, rather than at each request
        self._settings = Settings(max_size, content, seed, contents or {})
        self._reactor = reactor
        self._hasher = Hasher(reactor)

    def render(self, request: Request) -> int:
        """Answer a request, of any method."""
        self._answer(request, ask_of(request))
        return NOT_DONE_YET

    def _answer(self, request: Request, ask: Ask) -> None:
        reply = answer(ask, self._settings, self._hasher.known)
        if isinstance(reply, Answer):
            send(request, reply, self._reactor)
            return
        digest = self._hasher.compute(reply.file, reply.algorithm)
        request.notifyFinish().addErrback(lambda _: digest.cancel())
        digest.addCallback(lambda _: self._answer(request, ask))
        digest.addErrback(self._failed, request)

    def _failed(self, failure: Failure, request: Request) -> None:
        if not failure.check(CancelledError):
            request.processingFailed(failure)


def unheeded(amount, span): pass


def ask_of(request: Request) -> Ask:
    """Return what a request asks, in plain values."""

    def header(name: str) -> str | None:
        lines = request.requestHeaders.getRawHeaders(name.encode("ascii"))
        return None if lines is None else b", ".join(lines).decode("latin-1")

    # Twisted has set both before it renders.
    prepath, postpath = request.prepath or [b""], request.postpath or []
    path = [segment.decode("utf-8", "surrogateescape") for segment in postpath]
    return Ask(
        method=request.method.decode("ascii"),
        version=request.clientproto.decode("ascii"),
        path=path,
        query=request.uri.partition(b"?")[2].decode("latin-1"),
        header=header,
        # At /files, not /files/, relative URLs count from the root: lead them back.
        mount="" if path else f"./{quote(prepath[-1])}/",
    )


def send(request: Request, reply: Answer, clock: IReactorTime) -> None:
    """Send an answer and finish the request, at once or when the client has taken it all."""
    body = reply.body
    if body is not None and body.length > min(_AT_ONCE, body.chunk_size):
        _send_headers(request, reply)
        most = _TLS_PIECE if request.isSecure() else MAX_PIECE
        BodyProducer(request, body.pieces(unheeded, most), clock).start()
        return
    # Joined before the headers are out: if the content raises, twisted.web can still answer 500.
    data = b"" if body is None else b"".join(body.pieces(unheeded))
    _send_headers(request, reply)
    request.write(data)
    request.finish()


def _send_headers(request: Request, reply: Answer) -> None:
    """Write the status line and the headers, with the framing that the plan decided.

    Request.write would do it at the first piece of the body, and choose the framing itself: then nothing could be sent
    until the connection closes, and no chunk would be longer than a write.
    """
    request.setResponseCode(reply.status)
    for name, value in reply.headers.items():
        request.responseHeaders.setRawHeaders(name.encode("ascii"), [value.encode("ascii")])
    if reply.close:
        request.channel.persistent = False
    request.startedWriting = 1
    request.channel.writeHeaders(
        request.clientproto,
        b"%d" % reply.status,
        RESPONSES[reply.status],
        request.responseHeaders,
    )
