"""The gallery of faults is true: real clients do, at each fault, what docs/gallery.md says."""

from __future__ import annotations

import pytest

import gallery
from processes import tool


def test_gallery() -> None:
    """Exit statuses, files and requests are the same; a client of the same version says the same, too."""
    for name in ("bash", *gallery.CLIENTS):
        tool(name)
    committed, exhibits = gallery.PAGE.read_text(), gallery.exhibits()
    versions = gallery.named_versions(committed)
    other = [client for client, version in versions.items() if gallery.version(client) != version]
    made = gallery.page(exhibits, gallery.observe(exhibits), versions.values())
    assert gallery.without_words(made, other) == gallery.without_words(committed, other)


@pytest.mark.parametrize("client", gallery.CLIENTS)
def test_without_words(client: str) -> None:
    """Of a client of another version what it says is left out, and nothing else."""
    page = gallery.PAGE.read_text()
    left = set(page.splitlines()) - set(gallery.without_words(page, [client]).splitlines())
    assert left
    assert not [line for line in left if line.startswith(("$", "# ", "|")) or line in page.partition("\n## ")[0]]
    assert gallery.without_words(page, []) == page.rstrip("\n")
