"""Results as a page of HTML that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TEMPLATE = Path(__file__).with_name("page.html")
_HOLE = "@DATA@"


def page(data: Mapping[str, Any]) -> str:
    """Return the page for results in the form of as_json()."""
    # In a script element, nothing but its end tag and comments have a meaning.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return _TEMPLATE.read_text(encoding="utf-8").replace(_HOLE, text)
