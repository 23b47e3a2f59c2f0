"""Answers that are given again and again are decided once."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask

# The most answers that are kept, and the longest target and field of a request, in bytes, that are kept with them.
_MOST = 1000
_LONGEST = 200


class AnswerCache:
    """Answers by the requests that they are for: by all of a request that an answer may depend on."""

    def __init__(self) -> None:
        self._answers: dict[Ask, Answer] = {}

    def recall(self, ask: Ask) -> Answer | None:
        """Return the answer to an equal request, if it is kept."""
        return self._answers.get(ask)

    def keep(self, ask: Ask, answer: Answer) -> None:
        """Keep an answer that is the same at any time: one that any cache may keep, and of which no part has a state.

        Only requests that have no fields but Host are worth it: the others seldom come twice.
        """
        if not answer.lasting or len(ask.fields) > 1 or _length(ask) > _LONGEST:
            return
        if len(self._answers) >= _MOST:
            self._answers.clear()
        self._answers[ask] = answer


def _length(ask: Ask) -> int:
    return len(ask.target) + sum(len(value) for _, value in ask.fields)
