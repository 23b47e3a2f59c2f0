"""swarm.py: what goes wrong in a swarm, as parameters."""

from __future__ import annotations

from typing import Any

import pytest

from fakefiles.behaviour.breaks import Breaks, Stall
from fakefiles.behaviour.parameter import parameters_of
from fakefiles.behaviour.swarm import OFFSET_FAULTS, PEER_FAULTS, TRACKER_FAULTS, PeerFault, Swarm, TrackerFault
from fakefiles.files.errors import RequestError
from fakefiles.files.units import parse_offset

PARAMETERS = {each.name: each for each in parameters_of(Swarm)}
HALF = parse_offset("50%")


@pytest.mark.parametrize("kind", PEER_FAULTS)
def test_peer_faults(kind: str) -> None:
    """What is done to every peer has a name, and breaks nothing at an offset."""
    fault = PARAMETERS["peer"].read(kind)
    assert fault == PeerFault(kind, None, kind)
    assert fault.breaks == Breaks()
    fault.check(0)


@pytest.mark.parametrize(
    ("kind", "breaks"),
    [
        ("stall", Breaks(stall=(Stall(HALF),))),
        ("close", Breaks(close=(HALF,))),
        ("reset", Breaks(reset=(HALF,))),
        ("flip", Breaks(flip=(HALF,))),
    ],
)
def test_faults_at_an_offset(kind: str, breaks: Breaks) -> None:
    """They are those of HTTP."""
    fault = PARAMETERS["peer"].read(f"{kind}:50%")
    assert (fault.kind, fault.text, fault.breaks) == (kind, f"{kind}:50%", breaks)
    assert kind in OFFSET_FAULTS


@pytest.mark.parametrize(
    ("text", "size", "fits"),
    [("close:10", 10, True), ("close:11", 10, False), ("flip:9", 10, True), ("flip:10", 10, False)],
)
def test_check(text: str, size: int, fits: bool) -> None:  # noqa: FBT001
    """An offset lies in the torrent, and a byte that is flipped is one of it."""
    fault = PARAMETERS["peer"].read(text)
    if fits:
        fault.check(size)
    else:
        with pytest.raises(RequestError, match=r"^peer= lies beyond the end of the torrent, which has 10 bytes"):
            fault.check(size)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        *((kind, TrackerFault(kind)) for kind in TRACKER_FAULTS if kind != "slow"),
        ("slow", TrackerFault("slow", 5)),
        ("slow:200ms", TrackerFault("slow", 0.2)),
    ],
)
def test_tracker_faults(text: str, fault: TrackerFault) -> None:
    """Only one of them has something more to say."""
    assert PARAMETERS["tracker"].read(text) == fault


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("peer", "", "peer is one of choke, hash, silent, "),
        ("peer", "choke:5", "peer is one of choke"),
        ("peer", "close", "peer is one of choke"),
        ("peer", "hold:5", "peer is one of choke"),
        ("peer", "close:x", "peer is "),
        ("tracker", "", "tracker is one of failure, 503, garbage, slow, warning, dictionaries, empty; slow may have"),
        ("tracker", "503:5s", "tracker is one of failure"),
        ("tracker", "slow:x", "tracker is "),
        ("tracker", "slow:", "tracker is "),
    ],
)
def test_refused(name: str, text: str, message: str) -> None:
    """An error says what there is."""
    with pytest.raises(RequestError, match=f"^{message}"):
        PARAMETERS[name].read(text)


def test_how_they_are_written() -> None:
    """Help has all of them."""
    takes: dict[str, Any] = {name: each.kind.takes for name, each in PARAMETERS.items()}
    assert takes["peer"].split("|") == [*PEER_FAULTS, *(f"{kind}:OFFSET" for kind in OFFSET_FAULTS)]
    assert takes["tracker"] == "failure|503|garbage|slow[:DURATION]|warning|dictionaries|empty"
