"""How many connections a process can have: one for each descriptor it may open, less a reserve."""

from __future__ import annotations

import resource

# The most descriptors asked for, where the hard limit is infinite or absurdly high.
_ENOUGH = 1 << 20
# The reserve: for listening sockets, logs and the reactor, and for clients that get the 503 of a full server.
_RESERVED = 100


def raise_limit() -> int:
    """Raise the soft limit on open descriptors to the hard one, if the system allows it; return the soft limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        # macOS reports a hard limit that it does not grant.
        return soft
    return wanted


def most_connections(limit: int) -> int:
    """Return how many connections a process can have if it may open `limit` descriptors."""
    return max(limit - _RESERVED, limit // 2)
