"""Answers that are given again and again: what depends on nothing but the request line and Host is decided once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twisted.web.http import Request

    from fakefiles.http.answers import Answer

#: The request headers on which answers depend, beside Host. A request that has none of them can be recalled.
DECISIVE = frozenset(
    {
        b"Authorization",
        b"If-Match",
        b"If-Modified-Since",
        b"If-None-Match",
        b"If-Range",
        b"If-Unmodified-Since",
        b"Range",
        b"Want-Digest",
        b"Want-Repr-Digest",
    }
)
# So many answers, to targets of so many bytes, are kept at most.
_MOST = 1000
_LONGEST = 200

Key = tuple[bytes, bytes, bytes, bytes]


def key_of(request: Request) -> Key | None:
    """Return what the answer to a request depends on, or None if it is more than a key holds."""
    host = b""
    for name, values in request.requestHeaders.getAllRawHeaders():
        if name in DECISIVE:
            return None
        if name == b"Host":
            host = b",".join(values)
    if len(request.uri) + len(host) > _LONGEST:
        return None
    return request.method, request.uri, request.clientproto, host


class Memory:
    """Answers by the keys of the requests that they are for."""

    def __init__(self) -> None:
        self._answers: dict[Key, Answer] = {}

    def recall(self, key: Key | None) -> Answer | None:
        """Return the answer to a request of that key, if it is kept."""
        return self._answers.get(key) if key else None

    def keep(self, key: Key | None, answer: Answer) -> None:
        """Keep an answer, if it is always the same: one that any cache may keep, and of which no part has a state."""
        if key is None or not answer.lasting:
            return
        if len(self._answers) >= _MOST:
            self._answers.clear()
        self._answers[key] = answer
