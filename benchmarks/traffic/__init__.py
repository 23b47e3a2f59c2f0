"""The traffic of the soak: kinds of clients, good and bad; each sees to it that the server does what it promises."""

from __future__ import annotations

from benchmarks.traffic import downloads, faults, rude

#: Those that end by themselves, by name.
KINDS = {kind.name: kind for kind in (*downloads.KINDS, *faults.KINDS, *rude.KINDS)}
#: Those that stay for as long as they are let.
PATIENT = {kind.name: kind for kind in rude.PATIENT}
