"""What the server makes of If-Range, with which a client asks for a range only of the version that it knows."""

from __future__ import annotations

from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import one_of

_OBEYED = {"ignore": True, "never": False}


@dataclass(frozen=True, slots=True)
class IfRange:
    """How a URL treats If-Range. The field is the parameter of the URL."""

    ifrange: str = parameter(
        one_of("honour", *_OBEYED),
        "Obey If-Range, send the range in any case, or never.",
        default="honour",
    )

    def applies(self, honestly: bool) -> bool:  # noqa: FBT001  the only argument
        """Return whether a Range with an If-Range is obeyed; `honestly`: what RFC 9110, 13.1.5, says."""
        return _OBEYED.get(self.ifrange, honestly)
