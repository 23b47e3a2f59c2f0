"""/-/health: for monitors."""

from __future__ import annotations

from fakefiles.http.answers import Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import Backstage, Page, reading
from fakefiles.transfer.body import Body


def _health(_: Backstage, __: Ask) -> Answer:
    return Answer(200, {"Content-Type": "text/plain; charset=utf-8"}, Body.literal(b"ok\n"))


PAGES = (Page("/-/health", "ok", reading(_health), recorded=True),)
