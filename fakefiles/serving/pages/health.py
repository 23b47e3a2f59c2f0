"""/-/health: for monitors."""

from __future__ import annotations

from fakefiles.http.answers import Answer, line_of_text
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import Backstage, Page, reading


def _health(_: Backstage, __: Ask) -> Answer:
    return line_of_text(200, "ok", {})


PAGES = (Page("/-/health", "ok", reading(_health), recorded=True, open=True),)
