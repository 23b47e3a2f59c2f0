"""What an answer says of the end of its body, and is not so, or is not usual: false lengths, and odd chunks."""

from __future__ import annotations

from dataclasses import replace

from fakefiles.behaviour.lies import Lie
from fakefiles.behaviour.message import TRAILER
from fakefiles.http.answers import Answer
from fakefiles.transfer.body import Body
from fakefiles.transfer.framing import Framing
from fakefiles.urls.options import Options


def falsely_framed(reply: Answer, options: Options, version: str, told: list[str]) -> Answer:
    """Return the answer to a request of this `version` with its lies about framing, and in `faults` all lies.

    `told` are the other ones. The connection is closed where client and server would not agree where the next answer
    begins, unless that is what the URL wants to see.
    """
    lies, message, body = options.lies, options.message, reply.body
    if body is None or not (lies.length or lies.lastchunk or message.chunks):
        return replace(reply, faults=told) if told else reply
    if lies.length:
        reply = _with_false_length(reply, lies.length, body, version, told)
    if lies.lastchunk:
        told.append(f"lastchunk={lies.lastchunk}")
    if message.chunks and version == "HTTP/1.1":
        told.append(f"chunks={message.chunks}")
        headers = {**reply.headers, **TRAILER} if message.chunks == "trailer" else reply.headers
        close = reply.close or message.chunks == "huge"
        reply = replace(reply, headers=headers, close=close, chunks=message.chunk_style)
    if lies.lastchunk:
        reply = replace(reply, close=True, chunks=reply.chunks._replace(last=b""))
    return replace(reply, faults=told)


def _with_false_length(reply: Answer, lie: Lie, body: Body, version: str, told: list[str]) -> Answer:
    """Return the answer with its false Content-Length, or with none; the lie is added to `told`."""
    headers, value = dict(reply.headers), lie.of_length(body.length)
    if lie.kind == "both" and version != "HTTP/1.1":
        # No other version has chunks: then the length is alone, and right.
        return replace(reply, headers={**headers, "Content-Length": value}, framing=Framing.LENGTH)
    told.append(f"length={lie}")
    if lie.kind == "twice":
        # A field that does not differ would be no lie: RFC 9110, 8.6 lets a client take two equal ones for one.
        headers["Content-Length"] = str(body.length)
        return replace(reply, headers=headers, more=(("Content-Length", value),), close=True)
    if lie.kind != "none":
        headers["Content-Length"] = value
    return replace(reply, headers=headers, close=lie.kind != "spill")
