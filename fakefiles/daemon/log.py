"""The log of the `fakefiles` command and of the servers of tests; twistd and twist have logs of their own."""

from __future__ import annotations

import re
from typing import IO, Any, cast

from twisted.logger import (
    FilteringLogObserver,
    ILogFilterPredicate,
    ILogObserver,
    LogEvent,
    PredicateResult,
    textFileLogObserver,
)

# Twisted's Port logs this line without an address, and twice for 127.0.0.1 and ::1. The service logs a better one.
_STARTING = re.compile(r"(FakeFilesSite( \(TLS\))?|Peers|UdpTracker) starting on ")
# The tls: endpoint of Twisted logs here that a client sent no server name (SNI). It then uses its first certificate.
_CERTIFICATES = "twisted.protocols._sni"


def observer(stream: IO[Any]) -> ILogObserver:
    """Return an observer that writes the log to a stream, without two useless lines of Twisted (see above)."""
    return cast(
        "ILogObserver", FilteringLogObserver(textFileLogObserver(stream), [cast("ILogFilterPredicate", _worth_a_line)])
    )


def _worth_a_line(event: LogEvent) -> Any:
    in_vain = _STARTING.match(event.get("log_text", "")) or (
        event.get("log_namespace") == _CERTIFICATES and "name" in event and not event["name"]
    )
    return PredicateResult.no if in_vain else PredicateResult.maybe
