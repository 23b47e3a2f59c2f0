"""A file that does not exist: its size and content, and what tells one version of it from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fakefiles.files.content import Content

#: The Last-Modified of a file, in seconds since the epoch: 2001-09-09 01:46:40 UTC, on every replica.
LAST_MODIFIED = 1_000_000_000
LAST_MODIFIED_TEXT = "Sun, 09 Sep 2001 01:46:40 GMT"


@dataclass(frozen=True, slots=True)
class VirtualFile:
    """A file of `size` bytes of `content`; `name` is what the URL calls it, or empty.

    `modified`: when, in seconds since the epoch.
    """

    size: int
    content: Content
    name: str = ""
    modified: int = LAST_MODIFIED

    @property
    def etag(self) -> str:
        """The strong entity tag, quoted: it changes when, and only when, the bytes do (RFC 9110, 8.8.3)."""
        return f'"{self.content.identity}-{self.size}"'
