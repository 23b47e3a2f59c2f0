"""Serve files that do not exist, to test download clients.

The names below are loaded on first use: `import fakefiles` alone imports no Twisted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakefiles._lazy import lazily
from fakefiles._version import __version__

if TYPE_CHECKING:
    from fakefiles.serving.resource import FakeFiles
    from fakefiles.serving.site import site
    from fakefiles.verification.folder import FolderReport
    from fakefiles.verification.one_file import Report
    from fakefiles.verification.verifier import verify

__all__ = ["FakeFiles", "FolderReport", "Report", "__version__", "site", "verify"]

__getattr__ = lazily(
    __name__,
    {
        "FakeFiles": "fakefiles.serving.resource",
        "FolderReport": "fakefiles.verification.folder",
        "Report": "fakefiles.verification.one_file",
        "site": "fakefiles.serving.site",
        "verify": "fakefiles.verification.verifier",
    },
)
