"""The verdicts on a client, and what they mean for the result of a case."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a verdict is about."""

    SAFETY = "safety"
    SERVICE = "service"
    MEASURED = "measured"


class Verdict(Enum):
    """What can be wrong with a client: a name, what it is about, and one sentence."""

    CORRUPT = (Kind.SAFETY, "The client says success, and the file is not the file.")
    LOST = (Kind.SAFETY, "A good file, or the good part of one, is destroyed.")
    NAME = (Kind.SAFETY, "The client has written outside of its folder.")
    STUCK = (Kind.SERVICE, "This run and every later one fail, until somebody deletes a file.")
    HANG = (Kind.SERVICE, "The client does not end.")
    LOOP = (Kind.SERVICE, "The client asks again and again, and makes no progress.")
    REFUSE = (Kind.SERVICE, "The client fails where it could have had the file.")
    WASTE = (Kind.MEASURED, "The client fetches again what it had.")
    MEM = (Kind.MEASURED, "The client takes memory in proportion to the file.")
    MANNERS = (Kind.MEASURED, "The client does not wait as the server asks it to, or asks as it must not.")

    def __init__(self, kind: Kind, means: str) -> None:
        self.kind = kind
        self.means = means


class Level(Enum):
    """How much it matters, by the RFC, that a client fails where it need not."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class Status(Enum):
    """The result of a case: a word, and one sentence."""

    PASS = ("pass", "The client did well. What was measured may still be worth a look.")
    WARN = ("warn", "The client does not do what it should. With --strict, this is a failure.")
    FAIL = ("fail", "The client is not safe, or does not do what it must.")
    VOID = ("void", "What the case is about did not come about, so it says nothing.")
    NOT_APPLICABLE = ("n/a", "The case needs something that the client does not claim to do.")
    NOT_RUN = ("not run", "The run was stopped before.")

    def __init__(self, word: str, means: str) -> None:
        self.word = word
        self.means = means
