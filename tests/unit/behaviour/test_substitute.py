"""substitute.py: what a URL asks for in place of its file, and which of that contradicts itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fakefiles.behaviour.substitute import Refusal, Substitute
from fakefiles.files.errors import RequestError

NONSENSE: list[tuple[dict[str, Any], str]] = [
    ({"retry_after": 1}, "retry_after= goes with status="),
    ({"refuse": Refusal.CLOSE, "status": 503}, "leave out one of them"),
]


@pytest.mark.parametrize(("fields", "message"), NONSENSE, ids=str)
def test_nonsense(fields: dict[str, Any], message: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(RequestError, match=re.escape(message)):
        Substitute(**fields)


@pytest.mark.parametrize("fields", [{}, {"refuse": Refusal.RESET}, {"status": 503}, {"status": 503, "retry_after": 0}])
def test_sense(fields: dict[str, Any]) -> None:
    """Each parameter alone is valid, and so is a status with retry_after=."""
    substitute = Substitute(**fields)
    assert {name: getattr(substitute, name) for name in fields} == fields
