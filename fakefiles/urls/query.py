"""Parses the query of a URL into options, from three sources: the URL, then its profile, then the server's defaults."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from fakefiles.behaviour.schedule import Scheduled
from fakefiles.files.content import Content
from fakefiles.files.errors import NotAllowedError, RequestError
from fakefiles.files.kinds import SEEDED, find_content, takes_seed
from fakefiles.urls.contradictions import check
from fakefiles.urls.options import PARTS, Options
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.settings import Settings

# At most one parameter of a group may be given. One in the URL also replaces another one in the defaults or a profile.
_RIVALS = (frozenset({"rate", "duration"}), frozenset({"fail", "every", "chance"}))

# The most values in a query: then thousands need not be parsed.
_MOST_VALUES = 100
# What redirects by itself, and which parameter it adds to the URL.
_LEADS = {"redirect": "redirect", "signed": "signature"}
# To look for similar names takes time. So it is done for a few unknown parameters only, and not for one with a longer
# name, which resembles none of ours.
_MOST_GUESSES = 3
_LONGEST_GUESSED = 40


# The values of each parameter in a query, in their order.
_Values = dict[str, list[str]]


def parse_query(query: str, settings: Settings) -> Options:
    """Return the options of a query string, which is still percent-encoded; the server's defaults fill the gaps.

    Raises RequestError if the query is malformed, or if a parameter is unknown, repeated or wrong, or contradicts
    another one. Raises NotAllowedError if it asks for a fault and the server has --no-faults.
    """
    own = _pairs(query)
    if not settings.faults and any(PARAMETERS[name].misbehaves for name in own):
        raise no_faults()
    values = _with_profile(own, settings)
    if settings.defaults and "defaults" not in own:
        values = _merged(_with_profile(_pairs(settings.defaults), settings), values)
    parsed, scheduled = _read(values)
    return _options(parsed, scheduled, own, settings)


def no_faults() -> NotAllowedError:
    """Return the error to raise if a server with --no-faults is asked to misbehave."""
    return NotAllowedError("this server was started with --no-faults; it is never slow, broken or lying")


def _pairs(query: str) -> _Values:
    """Return the values of the parameters of a query, by name. Raises RequestError if one is unknown."""
    if not query:
        return {}
    if query.count("&") >= _MOST_VALUES:
        raise RequestError(f"too many query parameters; there are {', '.join(PARAMETERS)}")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise RequestError("malformed query; write ?name=value&name=value") from None
    values: _Values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if unknown := values.keys() - PARAMETERS.keys():
        # Never echo what the client sent (it could be markup); our own names that resemble it are safe.
        guessed = sorted(name for name in unknown if len(name) <= _LONGEST_GUESSED)[:_MOST_GUESSES]
        meant = dict.fromkeys(match for name in guessed for match in get_close_matches(name, PARAMETERS, 1))
        question = f" (did you mean {', '.join(meant)}?)" if meant else ""
        raise RequestError(f"{len(unknown)} unknown query parameter(s){question}; there are {', '.join(PARAMETERS)}")
    return values


def _read(values: _Values) -> tuple[dict[str, Any], list[Scheduled]]:
    """Return the parsed parameters: those that always apply, by name, and those with schedules.

    Raises RequestError if one is wrong, or is repeated without schedules.
    """
    parsed: dict[str, Any] = {}
    scheduled = []
    for name, texts in values.items():
        for text in texts:
            value, when = PARAMETERS[name].read_scheduled(text)
            if when is not None:
                scheduled.append(Scheduled(name, value, when, PARAMETERS[name].repeatable))
            elif PARAMETERS[name].repeatable:
                parsed[name] = (*parsed.get(name, ()), *value)
            elif name in parsed:
                raise RequestError("a query parameter is repeated; give each once, or with schedules, like 503@1")
            else:
                parsed[name] = value
    for name in [each for each in parsed if PARAMETERS[each].needs and PARAMETERS[each].needs not in parsed]:
        # Like retry_after=3 beside status=503@1: it applies when that does.
        whens = [each.when for each in scheduled if each.name == PARAMETERS[name].needs]
        scheduled += [Scheduled(name, parsed[name], when) for when in whens]
        if whens:
            del parsed[name]
    return parsed, scheduled


def _with_profile(values: _Values, settings: Settings) -> _Values:
    """Return the parameters, with those of the profile filled in that they name, if any."""
    if "profile" not in values:
        return values
    situations = settings.situations
    profile = situations.get(values["profile"][0])
    if profile is None:
        raise RequestError(f"profile is one of {', '.join(situations)}")
    return _merged(_pairs(profile), {name: value for name, value in values.items() if name != "profile"})


def _merged(lower: _Values, upper: _Values) -> _Values:
    """Return both; `upper` wins, also over the rivals (see _RIVALS) of its parameters in `lower`."""
    rivals = {rival for group in _RIVALS if group & upper.keys() for rival in group}
    return {name: value for name, value in lower.items() if name not in rivals} | upper


def _options(
    parsed: dict[str, Any], scheduled: Sequence[Scheduled], own: Collection[str], settings: Settings
) -> Options:
    """Return the options made of parsed parameters. Raises RequestError if some contradict each other."""
    for group in _RIVALS:
        if len(group & parsed.keys()) > 1:
            raise RequestError(f"of {', '.join(sorted(group))} only one can be; leave out the others")
    parsed.pop("defaults", None)  # parse_query has obeyed it already
    parts = {name: _part(default, parsed) for name, default in PARTS.items()}
    seed = parsed.get("seed")
    draws = parts["when"].chance is not None or parts["pace"].jitter or any(each.when.draws for each in scheduled)
    content = _content(parsed.pop("content", settings.content), seed, settings, draws=bool(draws))
    options = Options(content, **parsed, **parts, scheduled=tuple(scheduled), asked=frozenset(own))
    check(options)
    return options


def _part(default: Any, parsed: dict[str, Any]) -> Any:
    """Move the parameters of a part out of `parsed`; return the part made of them, or the default if there are none."""
    fields = {name: parsed.pop(name) for name in tuple(parsed) if PARAMETERS[name].part is type(default)}
    return type(default)(**fields) if fields else default


def _content(kind: str, seed: int | None, settings: Settings, *, draws: bool) -> Content:
    """Return the content of this kind. Without a seed in the URL, the server's default kind has the default seed.

    With `draws`, chance= or jitter= use the seed, so that it is allowed for every kind of content.
    """
    if takes_seed(kind, settings.contents):
        default = settings.seed if kind == settings.content else None
        return find_content(kind, default if seed is None else seed, settings.contents)
    content = find_content(kind, None, settings.contents)
    if seed is not None and not draws:
        raise RequestError(f"a seed goes with {SEEDED}, chance= or jitter= only")
    return content


def checked_settings(**keywords: Any) -> Settings:
    """Return Settings with these fields; a keyword that is None is ignored.

    Raises RequestError if the server could not work with them, TypeError if there is no such setting.
    """
    settings = Settings(**{name: value for name, value in keywords.items() if value is not None})
    check_settings(settings)
    return settings


def check_settings(settings: Settings) -> None:
    """Raise RequestError if the content, the defaults, a profile, or who may use /-/, is wrong in the settings."""
    settings.check_control()
    find_content(settings.content, settings.seed, settings.contents)
    _check("the defaults", settings.defaults, settings)
    leads = _LEADS.keys() & _with_profile(_pairs(settings.defaults), settings).keys()
    for name in () if settings.faults else sorted(leads):
        raise RequestError(f"the defaults: {name}= leads to URLs with {_LEADS[name]}=, which --no-faults refuses")
    for name, parameters in settings.situations.items():
        if "profile" in dict(parse_qsl(parameters)):
            raise RequestError(f"the profile {name}: it names another profile")
        _check(f"the profile {name}", parameters, settings)


def _check(what: str, query: str, settings: Settings) -> None:
    """Raise RequestError, beginning with `what`, if a query is wrong or has parameters that only a URL may have."""
    try:
        parse_query(query, replace(settings, defaults="", faults=True))
        names = [name for name in _pairs(query) if PARAMETERS[name].url_only]
    except RequestError as error:
        raise RequestError(f"{what}: {error}") from None
    if names:
        raise RequestError(f"{what}: {names[0]}= is for a URL only")


def tag_of(query: str) -> str:
    """Return the tag in a query string, "" if there is none; the rest of the query may be wrong."""
    return dict(parse_qsl(query)).get("tag", "") if "tag=" in query else ""
