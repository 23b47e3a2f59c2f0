"""All parameters of URLs, collected from the parts that declare them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fakefiles.behaviour.change import Change
from fakefiles.behaviour.limits import Limits
from fakefiles.behaviour.links import Signed
from fakefiles.behaviour.login import Login
from fakefiles.behaviour.occasions import When
from fakefiles.behaviour.parameter import Parameter, parameters_of
from fakefiles.behaviour.redirects import Redirects
from fakefiles.urls.options import PARTS, Options
from fakefiles.urls.profiles import Situation

# What comes before the file is not counted with the requests that reach it; the others say themselves when they apply,
# or are for all requests.
_UNSCHEDULED = {Change, Limits, Login, Redirects, Signed, When, Situation}


def _collected() -> dict[str, Parameter]:
    """Return all parameters by name, in the order of the help."""
    parts = [*map(type, PARTS.values()), Situation]
    own = parameters_of(Options, misbehaves=False)
    others = [each for part in parts for each in parameters_of(part, scheduled=part not in _UNSCHEDULED)]
    return {each.name: each for each in [*own, *others]}


#: All parameters of a file's URL, by name.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType(_collected())
