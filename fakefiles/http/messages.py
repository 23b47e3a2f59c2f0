"""What a URL changes in the message around its file: whatever the answer is, this is the last to be put on it."""

from __future__ import annotations

from dataclasses import replace

from fakefiles.behaviour.dates import HttpDate, RetryAfter
from fakefiles.behaviour.message import Message
from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask


def dropped(ask: Ask, message: Message) -> Answer | None:
    """Return the end of a connection that has been used before, if the URL wants it to end; None to go on."""
    if message.reused is None or not ask.reused:
        return None
    return Answer(200, {}, close=True, refusal=message.reused, faults=[f"reused={message.reused.value}"])


def later(reply: Answer, again: RetryAfter | None) -> Answer:
    """Return the answer with the Retry-After that the URL wants, if it wants one (RFC 9110, 10.2.3)."""
    if again is None:
        return reply
    faults = [*reply.faults, f"retry_after={again.name}"] if again.name else reply.faults
    if again.date:
        return replace(reply, dates={**reply.dates, "Retry-After": again.date}, faults=faults)
    return replace(reply, headers={**reply.headers, "Retry-After": again.text}, faults=faults)


def around(reply: Answer, ask: Ask, message: Message) -> Answer:
    """Return the answer with the oddities of its message, and these in its `faults`."""
    told = []
    if message.early and ask.version == "HTTP/1.1":  # HTTP/1.0 has none (RFC 9110, 15.2)
        reply = replace(reply, before=message.heads_before)
        told.append(f"early={','.join(map(str, message.early))}")
    if reply.refusal in {None, Refusal.HEADERS}:  # else there is no head
        if (version := message.version_of(ask.version)) != ask.version:
            reply = replace(reply, version=version)
            told.append(f"http={message.http}")
        if message.skew:
            # The clock that is wrong has made all dates.
            dates = {name: date.later(message.skew) for name, date in {"Date": HttpDate(), **reply.dates}.items()}
            reply = replace(reply, dates=dates)
            told.append(f"skew={message.skew}")
    return replace(reply, faults=[*told, *reply.faults]) if told else reply
