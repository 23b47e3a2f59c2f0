"""words.py: cases in words."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.conformance.case import Before, Case
from fakefiles.conformance.catalogue import chosen
from fakefiles.conformance.verdicts import Level
from fakefiles.conformance.words import by_hand, explain, parameters_of, right_outcome, server_by_hand, set_up


def case(**fields: Any) -> Case:
    """Return a case with these fields."""
    return Case(**{"slug": "a-case", "group": "plain", "server": "Does.", "mistake": "Fails.", **fields})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ""),
        ({"before": Before()}, "Before, the partial file has 50% of right bytes."),
        ({"before": Before(size="150%")}, "Before, the partial file has 150% of right bytes, and garbage behind them."),
        ({"before": Before("garbage", "10", "file")}, "Before, the file has 10 bytes of garbage."),
        ({"second": "", "needs": ("pair",)}, "The client fetches a second file on the same connection."),
        ({"together": 2}, "2 processes of the client run at once."),
        ({"held": "drop", "query": "hold=1"}, "When the transfer is held, all its connections are reset."),
        (
            {"held": "SIGINT", "query": "hold=1", "runs": 2},
            "When the transfer is held, the client gets SIGINT. The client runs up to 2 times, until it succeeds.",
        ),
        ({"disk": "50%"}, "In the first run, no file can grow beyond 50%."),
    ],
)
def test_set_up(fields: dict[str, Any], words: str) -> None:
    """Each part of the set-up is a sentence."""
    assert set_up(case(**fields)) == words


def test_right_outcome() -> None:
    """What is right, and what is measured."""
    assert right_outcome(case()) == (
        "The client must end with the file; if it does not, that is REFUSE, a failure."
        " More than 20 requests are too many."
    )
    everything = case(
        outcome="failure",
        level=Level.MAY,
        second="",
        needs=("pair",),
        about_second=True,
        keeps=True,
        most_sent=1.5,
        most_memory="1m",
        least_wait=2,
    )
    assert right_outcome(everything) == (
        "The client must end with the file, or fail and say so. Only the second file counts. If it fails, the good"
        " bytes that were there must still be there. More than 20 requests are too many. 1.5 times the file is enough"
        " to send. 1m of memory are enough. The next try has to wait for 2 s."
    )


def test_by_hand() -> None:
    """The commands make what is there before, run curl, and look at what came of it."""
    resumed = case(before=Before(size="150%"), needs=("resume",), query="ranges=off")
    url = "http://localhost:8000/100k/a.bin?content=ruler&ranges=off&tag=a-case"
    assert by_hand(resumed) == [
        "curl -s 'http://localhost:8000/100k/a.bin?content=ruler' | head -c 102400 > a.bin",
        f"curl -fSL -C - -o a.bin '{url}'",
        f"fakefiles verify a.bin '{url}'",
        "curl -s 'http://localhost:8000/-/journal?tag=a-case'",
    ]
    assert by_hand(case(before=Before("garbage", "10")))[0] == "head -c 10 /dev/zero > a.bin"
    assert "-o b.bin 'http://localhost:8000/100k/b.bin?" in by_hand(case(second="", needs=("pair",)))[0]


def test_by_hand_in_a_swarm() -> None:
    """The server has a seed, and the client is aria2c, which gets the URL of the torrent, or the link of the magnet."""
    torrent, magnet = case(needs=("torrent",), query="peer=choke"), case(needs=("magnet",))
    assert server_by_hand(torrent) == "fakefiles --port 8000 --peer-port 6881"
    client, verify, _ = by_hand(torrent)
    url = "http://localhost:8000/100k/a.bin.torrent?content=ruler&peer=choke&tag=a-case"
    assert client.startswith("aria2c --enable-dht=false ")
    assert client.endswith(f" '{url}'")
    assert verify == f"fakefiles verify a.bin '{url}'"
    assert by_hand(magnet)[0].endswith(
        " \"$(curl -s 'http://localhost:8000/100k/a.bin.magnet?content=ruler&tag=a-case')\""
    )


def test_parameters() -> None:
    """Each parameter of the URL is explained, by the text that help has."""
    assert parameters_of(case(query="close=50%@1&ranges=off")) == [
        "close=50%@1: Close the connection there (FIN).",
        "ranges=off: Offer no ranges, ignore them, hide them, or serve wrong ones.",
    ]


def test_explain() -> None:
    """It has all: sentences, set-up, needs, rules, commands, and links."""
    text = explain(chosen(["complete-file-416-text"])[0])
    assert text.startswith(
        "complete-file-416-text (416, complete and oversized partial files, empty files)\n\nThe server: "
    )
    for part in (
        "The mistake: The client appends the text to the file.",
        "The set-up: Before, the partial file has 100% of right bytes.",
        "It needs a client that continues a partial file that it finds.",
        "It counts only if this comes about: status 416.",
        "RFC 9110 15.5.17: 416 says",
        "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.17",
        "$ fakefiles --port 8000 &",
        "https://github.com/curl/curl/issues/1163",
    ):
        assert part in text
