"""Caches answers that are the same at any time, so that popular ones are decided once."""

from __future__ import annotations

from fakefiles.files.content import Literal
from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask

# The most answers kept; the most bytes of a request's target and fields, together, that are kept as a key. They bound
# the memory that a client with ever new URLs can fill.
_MOST = 1000
_LONGEST = 200
# The most bytes of a body that are kept; those of other files are made when they are sent.
_LARGEST = 4096


class AnswerCache:
    """Answers by their requests: an Ask has all of a request that its answer may depend on."""

    def __init__(self) -> None:
        self._answers: dict[Ask, Answer] = {}

    def recall(self, ask: Ask) -> Answer | None:
        """Return the cached answer to an equal request, or None."""
        return self._answers.get(ask)

    def clear(self) -> None:
        """Forget all answers."""
        self._answers.clear()

    def keep(self, ask: Ask, answer: Answer) -> None:
        """Keep an answer if it is lasting, takes little memory, and its request is short; do nothing otherwise.

        Requests with another field besides Host are not kept: they seldom come twice (a Range, say).
        """
        if not answer.lasting or len(ask.fields) > 1 or _length(ask) > _LONGEST or _is_large(answer):
            return
        if len(self._answers) >= _MOST:
            # All at once: to remember which was used last would cost every request something.
            self._answers.clear()
        self._answers[ask] = answer


def _is_large(answer: Answer) -> bool:
    """Return whether the bytes of the body are in memory, and many: those of a metalink with thousands of pieces."""
    content = answer.body.content if answer.body else None
    return isinstance(content, Literal) and len(content.data) > _LARGEST


def _length(ask: Ask) -> int:
    return len(ask.target) + sum(len(value) for _, value in ask.fields)
