"""The log of the processes that are ours from the start; twistd and twist have logs of their own."""

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

# Twisted's Port says only this, and too little: not where, and twice for 127.0.0.1 and ::1.
_STARTING = re.compile(r"FakeFilesSite( \(TLS\))? starting on ")
# Where the tls: endpoint of Twisted says that a client has named no host; it then serves its first certificate.
_CERTIFICATES = "twisted.protocols._sni"


def observer(stream: IO[Any]) -> ILogObserver:
    """Return what writes a log to a stream, less what Twisted says in vain of ports, and of clients without a name."""
    return cast(
        "ILogObserver", FilteringLogObserver(textFileLogObserver(stream), [cast("ILogFilterPredicate", _worth_a_line)])
    )


def _worth_a_line(event: LogEvent) -> Any:
    in_vain = _STARTING.match(event.get("log_text", "")) or (
        event.get("log_namespace") == _CERTIFICATES and "name" in event and not event["name"]
    )
    return PredicateResult.no if in_vain else PredicateResult.maybe
