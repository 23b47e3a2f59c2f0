"""index.py: the page for people."""

from __future__ import annotations

import re

from twisted.internet.task import Clock
from twisted.web.resource import Resource
from twisted.web.server import Site

import fakefiles
from doubles import Connection
from fakefiles.serving.pages.registry import PAGES
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.sidecars import SIDECARS


def test_index() -> None:
    """People find the grammar, examples that work, all parameters, sidecars and pages at the root."""
    client = Connection()
    reply = client.get("/")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    page = reply.body.decode()
    links = re.findall(r'href="([^"]*)"', page)
    assert "700m/ubuntu.iso" in links
    assert all(client.get(f"/{link}", method="HEAD").status == 200 for link in links)
    assert re.findall(r"<dt><code>(\w+)=", page) == list(PARAMETERS)
    assert all(f" {suffix}" in page for suffix in SIDECARS)
    assert re.findall(r"^(/[-a]\S*|/scrape)", page, re.MULTILINE) == [each.path for each in PAGES if each.help]
    assert "<code>chance=NUMBER</code></dt><dd>Misbehave at random" in page


def test_links_below_another_root() -> None:
    """At /files, not /files/, the links lead to where the files are."""
    clock, root = Clock(), Resource()
    root.putChild(b"files", fakefiles.FakeFiles(reactor=clock))
    for target, link in (("/files", "./files/700m/ubuntu.iso"), ("/files/", "700m/ubuntu.iso")):
        assert f'href="{link}"' in Connection(Site(root, reactor=clock), clock).get(target).body.decode()
