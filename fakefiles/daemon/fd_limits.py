"""How many connections a process can have: as many as the system lets it have descriptors, less a few for the rest."""

from __future__ import annotations

import resource

# Where the hard limit is none, or absurd, the soft one becomes this.
_ENOUGH = 1 << 20
# For what listens, for logs, for threads that hash, and for those who are told that there is no room.
_RESERVED = 100


def raise_limit() -> int:
    """Raise the soft limit on open descriptors to the hard one, as far as the system allows; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _ENOUGH if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):
        # macOS promises more than it gives.
        return soft
    return wanted


def most_connections(limit: int) -> int:
    """Return how many connections a process can have that may open `limit` descriptors."""
    return max(limit - _RESERVED, limit // 2)
