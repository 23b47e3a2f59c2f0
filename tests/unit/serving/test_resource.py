"""resource.py: where a request enters."""

from __future__ import annotations

import pytest

from doubles import Connection

_ANNOUNCE = f"info_hash={'a' * 20}&peer_id={'b' * 20}&port=6881&left=1"


@pytest.mark.parametrize(
    ("target", "tag"),
    [
        ("/10?tag=mine", "mine"),
        ("/10?content=ruler&tag=a%3Ab", "a:b"),
        ("/with/tag=mine/10", "mine"),
        ("/with/content=ruler&tag=mine/10/a.bin?digest=md5", "mine"),
        (f"/announce?{_ANNOUNCE}&file=%2F10%2Fa.bin%3Ftag%3Dmine", "mine"),
        (f"/announce?{_ANNOUNCE}&file=%2F10%2Fa.bin%3Fcontent%3Druler%26tag%3Da%253Ab", "a:b"),
        (f"/scrape?file=%2F10%2Fa.bin%3Ftag%3Dmine&info_hash={'a' * 20}", "mine"),
        ("/10", ""),
        ("/10/tag=mine", ""),
        (f"/announce?{_ANNOUNCE}&file=%2F10%2Ftag%3Dmine", ""),
    ],
)
def test_tag(target: str, tag: str) -> None:
    """A record has the tag of its file, also if its query is in the path, or it is an announce."""
    client = Connection()
    client.get(target)
    [record] = client.site.journal.records()
    assert record.tag == tag
