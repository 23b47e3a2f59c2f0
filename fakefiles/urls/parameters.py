"""All parameters of URLs, collected from the parts that declare them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fakefiles.behaviour.parameter import Parameter, parameters_of
from fakefiles.urls.options import PARTS, Options
from fakefiles.urls.profiles import Situation


def _collected() -> dict[str, Parameter]:
    """Return all parameters by name, in the order of the help."""
    parts = [*map(type, PARTS.values()), Situation]
    own = parameters_of(Options, misbehaves=False)
    return {each.name: each for each in [*own, *(each for part in parts for each in parameters_of(part))]}


#: All parameters of a file's URL, by name.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType(_collected())
