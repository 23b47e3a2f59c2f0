"""The fields that a URL spells out for its answers: Content-Disposition, and any others."""

from __future__ import annotations

from dataclasses import replace

from fakefiles.http.answers import Answer
from fakefiles.urls.options import Options

# What has no file to name (RFC 6266, 1): a client that has it, or wanted what there is not.
_NAMELESS = (304, 412, 416)


def with_spelled_fields(reply: Answer, options: Options, name: str) -> Answer:
    """Return an answer with the fields that the options of its URL spell out, for a file of this name.

    header= is in every answer, disposition= in those with the file or what comes instead. Of two with one name,
    header= wins.
    """
    fields = options.fields.header
    names = {field.name.lower() for field in fields}
    faults = [f"header={field.name.decode('ascii')}" for field in fields]
    disposition = [] if reply.status in _NAMELESS else options.disposition.fields(name)
    if disposition:
        faults = [f"disposition={options.disposition.disposition}", *faults]
    overriding = [*(each for each in disposition if each.name.lower() not in names), *fields]
    return replace(reply, overriding=overriding, faults=[*reply.faults, *faults])
