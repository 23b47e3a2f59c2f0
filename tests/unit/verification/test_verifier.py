"""verifier.py: what a URL denotes; sets of files are tested in test_folder.py."""

from __future__ import annotations

import pytest

from fakefiles.files.errors import RequestError
from fakefiles.files.kinds import ONES, RULER
from fakefiles.urls.settings import Settings
from fakefiles.verification.verifier import denoted, denoted_files

RULER_10 = [(10, RULER.identity)]


@pytest.mark.parametrize(
    ("url", "files"),
    [
        ("/10?content=ruler", RULER_10),
        ("https://example.org/tree/10/name?content=ruler", RULER_10),
        ("/10/x.torrent?content=ruler&v=2", RULER_10),
        ("/10.torrent?content=ruler&peer=choke", RULER_10),
        ("/10/x.magnet?content=ruler&tracker=503", RULER_10),
        ("/10/x.meta4?content=ruler&mirrors=localhost", RULER_10),
        ("/10/x.metalink?content=ruler", RULER_10),
        ("/10/x.md5?content=ruler&sidecar=off", RULER_10),
        ("/with/content=ruler/10/x", RULER_10),
        ("/with/content=ruler&rate=1k/10/x.torrent?tag=x", RULER_10),
        ("/tree/with/content%3Druler/10", RULER_10),
        ("/with/10", [(10, ONES.identity)]),
        ("/tree/x=y/10", [(10, ONES.identity)]),
        ("/set/10", [(10, ONES.identity)]),
        ("/set/1.bin=10,b:c=5/demo/1.bin?content=ruler", RULER_10),
        ("/set/1.bin=10,b:c=5/demo/b/c.torrent", [(5, ONES.identity)]),
        ("/10/x.torrent?content=ruler&change=2", [(10, "ruler"), (10, "ruler-v2")]),
    ],
)
def test_files(url: str, files: list[tuple[int, str]]) -> None:
    """Torrents, magnets and metalinks denote the file that they are of; so does a URL with its query in its path."""
    assert [(file.size, file.content.identity) for file in denoted_files(url, Settings())][:1] == files[:1]
    assert len(denoted_files(url, Settings())) == len(files)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("/10/x.sha256", "names a checksum file; leave out its suffix"),
        ("/set/a=10/x/a.md5", "names a checksum file"),
        ("/set/a=10", "a set is /set/"),
        ("/set/a=10/", "a set of files is no file"),
        ("/set", "the URL names no file"),
        ("/with/content=ruler", "the URL names no file"),
        ("/with/content=ruler/abc", "no such file"),
        ("/with/nothing=1/10", "unknown query parameter"),
        ("/with/seed=1&content=ones/10?seed=2", "a seed goes with content=random"),
        ("magnet:?xt=urn:btih:00", "not one of HTTP"),
        ("ftp://example.org/10", "not one of HTTP"),
        ("/set/a=10/x?change=2", "a set of files does not change"),
        ("/set/a=10/x/b", "the set has no such file"),
    ],
)
def test_none(url: str, message: str) -> None:
    """Anything else is refused, and the error says why."""
    with pytest.raises(RequestError, match=message):
        denoted(url, Settings())
