"""All parameters of URLs, collected from the parts that declare them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from fakefiles.behaviour.parameter import Parameter, parameters_of
from fakefiles.urls.options import BENIGN, PARTS, UNSCHEDULED, Options
from fakefiles.urls.profiles import Situation


def _collected() -> dict[str, Parameter]:
    """Return all parameters by name, in the order of the help."""
    found = [*parameters_of(Options, misbehaves=False)]
    for name, part in PARTS.items():
        found += parameters_of(type(part), misbehaves=name not in BENIGN, scheduled=name not in UNSCHEDULED)
    return {each.name: each for each in [*found, *parameters_of(Situation)]}


#: All parameters of a file's URL, by name.
PARAMETERS: Mapping[str, Parameter] = MappingProxyType(_collected())
