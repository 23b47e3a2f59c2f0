"""Which version of a file that changes a request gets, and how its answer tells the journal."""

from __future__ import annotations

from dataclasses import replace

from fakefiles.behaviour.change import Change
from fakefiles.behaviour.occasions import Occasions
from fakefiles.http.answers import Answer
from fakefiles.http.places import place_of
from fakefiles.http.request import Ask
from fakefiles.urls.target import Target


def edition_of(ask: Ask, target: Target, occasions: Occasions) -> int:
    """Return the version that a request for a file that changes gets, and count the request.

    All methods count together, so that HEAD and GET agree. A sidecar is that of the version that was sent last; a
    request for it does not count.
    """
    place = place_of(ask, target.options.tag, "")
    if target.sidecar:
        place = place._replace(path=place.path.removesuffix(target.sidecar.suffix))
        number = max(occasions.counted(place), 1)
    else:
        number = occasions.next(place, 0).number
    return target.options.change.edition(number, called=occasions.changed(place))


def of_edition(reply: Answer, edition: int, change: Change) -> Answer:
    """Return the answer, which says which version it is about; the second one is noted as a fault."""
    faults = [f"change={change.change}", *reply.faults] if edition > 1 else reply.faults
    return replace(reply, edition=edition, faults=faults)
