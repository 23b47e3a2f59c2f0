"""What the requests get that come while as many as a URL allows are being served."""

from __future__ import annotations

from collections.abc import Hashable

from fakefiles.behaviour.substitute import Refusal
from fakefiles.http.answers import UNCACHEABLE, Answer, line_of_text, page_of_html
from fakefiles.http.messages import later
from fakefiles.http.places import place_of_file
from fakefiles.http.request import Ask
from fakefiles.urls.options import Options

_REFUSALS = {"reset": Refusal.RESET, "hang": Refusal.HANG}
_TEXT = "too many requests at the same time, as the URL wants it"


def crowd_of(ask: Ask, options: Options) -> Hashable:
    """Return under what a request is counted among those that are being served."""
    if options.limits.limit_by == "tag":
        return options.tag
    return place_of_file(ask, options.tag, "").key


def turned_away(options: Options) -> Answer:
    """Return what a request beyond the limit of its URL gets."""
    over, headers = options.limits.over or "503", {"Cache-Control": UNCACHEABLE}
    faults = [f"over={over}"]
    if over in _REFUSALS:
        return Answer(503, headers, close=True, refusal=_REFUSALS[over], faults=faults)
    if over == "html":
        return page_of_html(200, "Too many downloads at the same time", headers, faults)
    return later(line_of_text(int(over), f"{over}: {_TEXT}", headers, faults), options.substitute.retry_after)
