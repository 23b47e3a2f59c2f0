"""What a URL can ask for in place of its file: another status, or the end of the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from fakefiles.behaviour.dates import RETRY_AFTER, RetryAfter
from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import number, one_of
from fakefiles.files.errors import RequestError


class Refusal(str, Enum):
    """How a connection ends before the first byte of a body, or waits for it in vain."""

    CLOSE = "close"  # a FIN, without an answer
    RESET = "reset"  # an RST, without an answer
    HEADERS = "headers"  # a FIN, inside the headers
    HANG = "hang"  # no answer, and no end


@dataclass(frozen=True, slots=True)
class Substitute:
    """What a URL asks for in place of its file. The fields are the parameters of the URL.

    Raises RequestError if they contradict each other.
    """

    refuse: Refusal | None = parameter(
        one_of(*Refusal, into=Refusal), "End the connection before any answer or inside the headers, or never answer."
    )
    status: int | None = parameter(number(200, 599, "CODE"), "Answer with this status and one line of text.")
    retry_after: RetryAfter | None = parameter(RETRY_AFTER, "Send this Retry-After with the status.", needs="status")

    def __post_init__(self) -> None:
        if self.refuse and self.status is not None:
            raise RequestError("refuse= sends no answer that could have a status=; leave out one of them")
