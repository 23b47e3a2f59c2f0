"""The answer to HEAD where head= wants another one than GET gets."""

from __future__ import annotations

from dataclasses import replace

from fakefiles.behaviour.head import Head
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import UNCACHEABLE, Answer, line_of_text


def instead_of_head(head: Head) -> Answer | None:
    """Return the answer to HEAD that is an error, or that never comes; None if it is much like that of GET."""
    faults = [f"head={head.head}"]
    if head.hangs:
        return Answer(200, {}, refusal=Refusal.HANG, faults=faults)
    if (status := head.status) is None:
        return None
    headers = {"Cache-Control": UNCACHEABLE}
    if status == 405:  # noqa: PLR2004
        headers["Allow"] = "GET, OPTIONS"  # a 405 must have it (RFC 9110, 15.5.6)
    return line_of_text(status, f"{status}, as the URL wants it for HEAD", headers, faults)


def with_length(reply: Answer, head: Head, told: list[str]) -> Answer:
    """Return an answer to HEAD with the Content-Length that head= wants; `told` are its faults, this one is added.

    It has no body any more, so that nothing else is added about the length. The connection stays open: whatever is said
    of it, no body follows (RFC 9112, 6.3).
    """
    length = head.length(reply.body.length) if reply.body else None
    if length is None:
        return reply
    told.append(f"head={head.head}")
    headers = {**reply.headers, "Content-Length": length} if length else reply.headers
    return replace(reply, headers=headers, body=None)
