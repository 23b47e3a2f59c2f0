"""call.py: a callable as a client."""

from __future__ import annotations

import threading

import pytest

from fakefiles.conformance.call import Call
from fakefiles.conformance.evidence import Ender, Ending

VALUES = {"url": "http://x/", "file": "/y"}


def test_success() -> None:
    """It gets the URL and the path, in this thread."""
    got: list[object] = []
    call = Call(lambda *arguments: got.extend([*arguments, threading.current_thread()]), VALUES, 30.0, bool)
    assert got == ["http://x/", "/y", threading.current_thread()]
    ending = call.ending(1.0)
    assert (ending.status, ending.ender, ending.success) == (0, Ender.ITSELF, True)
    call.signal(9)
    assert call.end(Ender.LIMIT) == ending


def test_failure() -> None:
    """Whatever it raises is a failure, with the words of the exception."""

    def fail(_: str, __: str) -> None:
        raise ValueError("no")

    ending = Call(fail, VALUES, 30.0, bool).ending(0)
    assert (ending.status, ending.output) == (1, "ValueError: no")


def test_interrupt() -> None:
    """What is no failure of the client goes on."""

    def interrupt(_: str, __: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Call(interrupt, VALUES, 30.0, bool)


def test_late() -> None:
    """After the limit its transfers are ended, again and again, and the end is that of the limit."""
    shaken = threading.Semaphore(0)

    def wait(_: str, __: str) -> None:
        shaken.acquire()
        shaken.acquire()

    ending = Call(wait, VALUES, 0.01, shaken.release).ending(0)
    assert isinstance(ending, Ending)
    assert (ending.ender, ending.success) == (Ender.LIMIT, False)
