"""/-/change: changes files by hand."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import DONE, Backstage, Page, query_of


def _change(backstage: Backstage, ask: Ask) -> Answer:
    query = query_of(ask, "path", "tag")
    backstage.occasions.change(tag=query.get("tag"), path=query.get("path"))
    return DONE


PAGES = (
    Page(
        "/-/change",
        "POST: from now on, files with change= are another version",
        {"POST": _change},
        misbehaves=True,
    ),
)
