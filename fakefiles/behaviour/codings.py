"""Files that are sent compressed, as a server has them on its disk: with a length, an ETag and ranges of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import one_of

# A member of Accept-Encoding (RFC 9110, 12.5.3), without spaces around it. No two parts can take the same characters.
_MEMBER = re.compile(r"([\w!#$%&'*+.^`|~-]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?", re.ASCII)
# The old name means the same (8.4.1.3).
_SAME = {"x-gzip": "gzip"}


@dataclass(frozen=True, slots=True)
class Codings:
    """The content coding that a URL asks for (RFC 9110, 8.4.1). The fields are the parameters of the URL."""

    coding: str = parameter(
        one_of("gzip", "x-gzip", "br", "zstd"), "Send the file compressed: with a length and ranges.", default=""
    )
    negotiate: str = parameter(
        one_of("on", keyword="bool | str"), "Compress only if Accept-Encoding has it.", default="", needs="coding"
    )

    def allows(self, coding: str, accept_encoding: str | None) -> bool:
        """Return whether a coding may be sent to a client with this Accept-Encoding, None if it sent none."""
        return not self.negotiate or accepts(coding, accept_encoding)


def accepts(coding: str, accept_encoding: str | None) -> bool:
    """Return whether Accept-Encoding has a coding, by its name or as "*", with a weight above 0 (RFC 9110, 12.5.3).

    A client that sends none would have to take any; no server relies on that. Malformed members are left out.
    """
    weights = {}
    for member in (accept_encoding or "").split(","):
        if match := _MEMBER.fullmatch(member.strip(" \t")):
            name = match[1].lower()
            weights[_SAME.get(name, name)] = float(match[2] or 1)
    return weights.get(_SAME.get(coding, coding), weights.get("*", 0)) > 0
