"""From the query of a URL to its options: its own parameters, those of its profile, and the server's defaults."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import parse_qsl

from fakefiles.files.content import Content
from fakefiles.files.errors import NotAllowedError, RequestError
from fakefiles.files.kinds import SEEDED, find_content, takes_seed
from fakefiles.urls.options import PARTS, Options
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.settings import Settings

# Of these, one at most: one that is said replaces another that is only a default.
_RIVALS = (frozenset({"rate", "duration"}), frozenset({"fail", "every", "chance"}))


def parse_query(query: str, settings: Settings) -> Options:
    """Return the options of a query string, still percent-encoded, on top of the defaults.

    Raises RequestError when it is malformed, when a parameter is unknown, repeated or has a wrong value, or when some
    make no sense together.
    """
    own = _pairs(query)
    if not settings.faults and any(PARAMETERS[name].misbehaves for name in own):
        raise NotAllowedError("this server was started with --no-faults; it is never slow, broken or lying")
    values = _with_profile(own, settings)
    if settings.defaults and "defaults" not in own:
        values = _merged(_with_profile(_pairs(settings.defaults), settings), values)
    parsed = {name: PARAMETERS[name].read(value) for name, value in values.items()}
    return _options(parsed, own, settings)


def _pairs(query: str) -> dict[str, str]:
    """Return the parameters of a query, of which each is known and stands there once."""
    if not query:
        return {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise RequestError("malformed query; write ?name=value&name=value") from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise RequestError("a query parameter is repeated; give each once")
    if unknown := values.keys() - PARAMETERS.keys():
        # What the client sent is never repeated, but what it may have meant can be said.
        meant = [match for name in sorted(unknown) for match in get_close_matches(name, PARAMETERS, 1)]
        question = f" (did you mean {', '.join(meant)}?)" if meant else ""
        raise RequestError(f"{len(unknown)} unknown query parameter(s){question}; there are {', '.join(PARAMETERS)}")
    return values


def _with_profile(values: dict[str, str], settings: Settings) -> dict[str, str]:
    """Return the parameters on top of those of the profile that they name, if they do."""
    if "profile" not in values:
        return values
    situations = settings.situations
    profile = situations.get(values["profile"])
    if profile is None:
        raise RequestError(f"profile is one of {', '.join(situations)}")
    return _merged(_pairs(profile), {name: value for name, value in values.items() if name != "profile"})


def _merged(lower: dict[str, str], upper: dict[str, str]) -> dict[str, str]:
    """Return both, but of the lower no rivals of the upper."""
    rivals = {rival for group in _RIVALS if group & upper.keys() for rival in group}
    return {name: value for name, value in lower.items() if name not in rivals} | upper


def _options(parsed: dict[str, Any], own: Collection[str], settings: Settings) -> Options:
    """Return the options that parsed parameters are. Raises RequestError when some make no sense together."""
    for group in _RIVALS:
        if len(group & parsed.keys()) > 1:
            raise RequestError(f"of {', '.join(sorted(group))} only one can be; leave out the others")
    parsed.pop("defaults", None)  # it has had its effect
    parts = {name: _part(default, parsed) for name, default in PARTS.items()}
    seed = parsed.get("seed")
    draws = parts["when"].chance is not None or bool(parts["pace"].jitter)
    content = _content(parsed.pop("content", settings.content), seed, settings, draws=draws)
    options = Options(content, **parsed, **parts, asked=frozenset(own))
    options.check()
    return options


def _part(default: Any, parsed: dict[str, Any]) -> Any:
    """Take what belongs to a part out of the parsed parameters; return the part: the default if nothing does."""
    fields = {name: parsed.pop(name) for name in tuple(parsed) if PARAMETERS[name].part is type(default)}
    return type(default)(**fields) if fields else default


def _content(kind: str, seed: int | None, settings: Settings, *, draws: bool) -> Content:
    """Return the content that a URL asks for; the default kind has the default seed.

    With `draws`, chance or jitter draw from the seed: then any kind may have one.
    """
    if takes_seed(kind, settings.contents):
        default = settings.seed if kind == settings.content else None
        return find_content(kind, default if seed is None else seed, settings.contents)
    content = find_content(kind, None, settings.contents)
    if seed is not None and not draws:
        raise RequestError(f"a seed goes with {SEEDED}, chance= or jitter= only")
    return content


def checked_settings(**keywords: Any) -> Settings:
    """Return the settings that keywords are, of which None is as good as leaving one out.

    Raises RequestError when something of them could not be served, and TypeError when there is no such setting.
    """
    settings = Settings(**{name: value for name, value in keywords.items() if value is not None})
    check_settings(settings)
    return settings


def check_settings(settings: Settings) -> None:
    """Raise RequestError when something that an operator wants could not be served."""
    find_content(settings.content, settings.seed, settings.contents)
    _check("the defaults", settings.defaults, settings)
    if not settings.faults and "redirect" in _with_profile(_pairs(settings.defaults), settings):
        raise RequestError("the defaults: redirect= leads to URLs with redirect=, which --no-faults refuses")
    for name, parameters in settings.situations.items():
        if "profile" in dict(parse_qsl(parameters)):
            raise RequestError(f"the profile {name}: it names another profile")
        _check(f"the profile {name}", parameters, settings)


def _check(what: str, query: str, settings: Settings) -> None:
    """Raise RequestError when a query cannot stand under all URLs."""
    try:
        parse_query(query, replace(settings, defaults="", faults=True))
        names = [name for name in _pairs(query) if PARAMETERS[name].url_only]
    except RequestError as error:
        raise RequestError(f"{what}: {error}") from None
    if names:
        raise RequestError(f"{what}: {names[0]}= is for a URL only")


def tag_of(query: str) -> str:
    """Return the tag in a query string that may be wrong otherwise, or nothing."""
    return dict(parse_qsl(query)).get("tag", "") if "tag=" in query else ""
