"""/-/drop: resets connections by hand."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import DONE, Backstage, Page, query_of
from fakefiles.transfer.record import End


def _drop(backstage: Backstage, ask: Ask) -> Answer:
    tag = query_of(ask, "tag").get("tag")
    for exchange in list(backstage.live.values()):
        if tag in {None, exchange.record.tag}:
            exchange.drop(End.FAULT)
    return DONE


PAGES = (
    Page("/-/drop", "POST: reset the connections on which something is being sent", {"POST": _drop}, misbehaves=True),
)
