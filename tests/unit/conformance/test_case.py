"""case.py: the schema of a case, and its URLs."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.conformance.case import Before, Case


def case(**fields: Any) -> Case:
    """Return a case with these fields."""
    return Case(**{"slug": "a-case", "group": "plain", "server": "Does.", "mistake": "Fails.", **fields})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"slug": "A case"}, "a slug is words in lower case"),
        ({"server": "does"}, "server is a sentence"),
        ({"mistake": "Fails"}, "mistake is a sentence"),
        ({"server": "Does.\nMore."}, "server is a sentence"),
        ({"outcome": "open"}, "outcome is one of file, failure"),
        ({"held": "SIGHUP"}, "held is one of nothing, SIGINT"),
        ({"needs": ("flying",)}, "needs is one of resume"),
        ({"came": ("rain",)}, "came: not a condition: 'rain'"),
        ({"never": ("rain",)}, "never is one of gzip-range"),
        ({"runs": 0}, "runs is a number from 1 to 3"),
        ({"runs": 4}, "runs is a number from 1 to 3"),
        ({"held": "drop"}, "held needs a hold="),
        ({"held": "SIGKILL", "query": "hold=50%"}, "a client that is killed needs another run"),
        ({"second": ""}, "go together"),
        ({"needs": ("pair",)}, "go together"),
        ({"about_second": True}, "about_second needs a second file"),
        ({"query": "clsoe=1"}, "did you mean close"),
        ({"size": "x"}, "no such file"),
        ({"second": "x=1", "needs": ("pair",)}, "unknown query parameter"),
        ({"disk": "half"}, "not an offset"),
        ({"most_memory": "much"}, "not a size"),
    ],
)
def test_schema(fields: dict[str, Any], error: str) -> None:
    """Whatever is wrong with a case is found when it is made."""
    with pytest.raises(ValueError, match=error):
        case(**fields)


def test_urls() -> None:
    """The URL has ruler unless the case says otherwise, the mark in place of {mark}, and the tag."""
    assert case().target("m", "t") == "/100k/a.bin?content=ruler&tag=t"
    assert case(query="close=1").target("m", "t") == "/100k/a.bin?content=ruler&close=1&tag=t"
    assert case(query="content=ones").target("m", "t") == "/100k/a.bin?content=ones&tag=t"
    marked = case(query="disposition=absolute&filename={mark}.bin")
    assert marked.target("m", "t") == "/100k/a.bin?content=ruler&disposition=absolute&filename=m.bin&tag=t"
    torrent = case(needs=("torrent",))
    assert (torrent.target("m", "t"), torrent.suffix) == ("/100k/a.bin.torrent?content=ruler&tag=t", ".torrent")
    assert (torrent.bytes, torrent.local_name, torrent.linked) == (102400, "a.bin", False)
    assert case(needs=("magnet",)).linked
    climbing = case(name="../../a.bin")
    assert climbing.target("m", "t").startswith("/100k/..%2F..%2Fa.bin?")
    assert climbing.local_name == "a.bin"


def test_second() -> None:
    """The second file has its own query, and the same tag."""
    assert case().second_target("t") == ""
    assert case(second="", needs=("pair",)).second_target("t") == "/100k/b.bin?content=ruler&tag=t"
    pair = case(second="reused=close", needs=("pair",))
    assert pair.second_target("t") == "/100k/b.bin?content=ruler&reused=close&tag=t"


def test_sizes() -> None:
    """Sizes are in bytes, or in per cent of the file."""
    assert case(size="1k").bytes == 1024
    assert case(size="1k", disk="50%").full_from == 512
    assert case().full_from is None
    assert Before(size="150%").length(1000) == 1500
    assert Before(size="2k").length(1000) == 2048


@pytest.mark.parametrize("fields", [{"bytes": "bad"}, {"at": "home"}, {"size": "much"}])
def test_before(fields: dict[str, str]) -> None:
    """A file that is there before has a schema, too."""
    with pytest.raises(ValueError, match=r"is one of|not a size"):
        Before(**fields)
