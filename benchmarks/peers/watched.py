"""fakefiles with a socket that tells what nobody sees from outside: `watched.py SOCKET [options of fakefiles]`.

On the UNIX socket, each line is the name of one of ANSWERS, and its answer is a line of JSON. The product has no such
socket: here its site is taken note of when it is made. Looking changes nothing: only `collect` collects garbage.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import ServerFactory
from twisted.protocols.basic import LineOnlyReceiver

import fakefiles.daemon.tap
from fakefiles.daemon.cli import serve_command
from fakefiles.serving.site import FakeFilesSite, site

_TAG = re.compile(rb"\btag=(\w+)")


def look(site: FakeFilesSite) -> dict[str, Any]:
    """Return what goes on: the figures, and what the timers call and which connections are open, in words."""
    timers: Any = site.reactor.getDelayedCalls()
    return {
        "live": len(site.live),
        "connections": len(site.connections),
        "timers": len(timers),
        "listeners": site.journal.listening,
        "timers call": Counter(_name_of(timer.func) for timer in timers),
        "connections are": Counter(_state_of(channel) for channel in site.connections),
    }


def objects(_: FakeFilesSite) -> dict[str, int]:
    """Return how many objects there are of each type, of those that the garbage collector knows; the most come first.

    Those that were there when the server began to run are not among them: it has frozen them.
    """
    return dict(Counter(_type_of(each) for each in gc.get_objects()).most_common())


def collect(_: FakeFilesSite) -> int:
    """Collect all garbage that is in cycles; return how many objects that were."""
    return gc.collect()


ANSWERS: dict[str, Callable[[FakeFilesSite], Any]] = {answer.__name__: answer for answer in (look, objects, collect)}


def _type_of(each: object) -> str:
    return f"{type(each).__module__}.{type(each).__qualname__}"


def _name_of(function: Any) -> str:
    return getattr(function, "__qualname__", "") or _type_of(function)


def _state_of(channel: Any) -> str:
    """Return what a connection does, and the tag of its request, which names the kind of its client."""
    below = getattr(channel.transport, "transport", channel.transport)
    words = ["TLS" if channel.secure else "plain", "answering" if channel.answering else "waiting"]
    words += ["closing"] if getattr(below, "disconnecting", False) else []
    return " ".join([*words, *{tag[1].decode() for request in channel.requests if (tag := _TAG.search(request.uri))}])


class Watched(LineOnlyReceiver):
    """A connection of whoever watches."""

    delimiter = b"\n"
    factory: Any

    def lineReceived(self, line: bytes) -> None:
        """Answer."""
        self.sendLine(json.dumps(ANSWERS[line.decode()](self.factory.site)).encode())


def watch(path: str) -> None:
    """Have the next site of the command watched, through a UNIX socket."""

    def watched_site(*, reactor: Any, **keywords: Any) -> FakeFilesSite:
        factory: Any = ServerFactory.forProtocol(Watched)
        factory.noisy = False
        factory.site = site(reactor=reactor, **keywords)
        reactor.listenUNIX(path, factory)
        made: FakeFilesSite = factory.site
        return made

    vars(fakefiles.daemon.tap)["site"] = watched_site


if __name__ == "__main__":
    watch(sys.argv[1])
    serve_command(sys.argv[2:])
