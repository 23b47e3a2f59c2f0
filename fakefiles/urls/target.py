"""Which file a URL names, and how it is to be delivered: /{size}, /{size}/{name}, their sidecars, and the query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from fakefiles.behaviour.faults import Faults
from fakefiles.behaviour.gate import Gate
from fakefiles.behaviour.lies import Lies
from fakefiles.behaviour.occasions import When
from fakefiles.files.content import Content
from fakefiles.files.digests import Algorithm
from fakefiles.files.errors import NotAllowedError, NotFoundError, RequestError
from fakefiles.files.kinds import ONES, SEEDED, find_content, takes_seed
from fakefiles.files.sidecars import Sidecar, split_suffix
from fakefiles.files.units import MAX_SIZE, parse_size
from fakefiles.files.virtual_file import VirtualFile
from fakefiles.transfer.body import MAX_PIECE, Framing
from fakefiles.transfer.pacing import Pace
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.profiles import PROFILES

_HELP = "ask for /{size} or /{size}/{name}, like /700m or /700m/ubuntu.iso"
# Of these, one at most: one that is said replaces another that is only a default.
_RIVALS = (frozenset({"rate", "duration"}), frozenset({"fail", "every", "chance"}))
_PLAIN_PACE, _NO_FAULTS, _NO_LIES, _NO_GATE, _ALWAYS = Pace(), Faults(), Lies(), Gate(), When()
_PARTS = {"pace": _PLAIN_PACE, "faults": _NO_FAULTS, "lies": _NO_LIES, "gate": _NO_GATE, "when": _ALWAYS}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator of a server decides.

    `max_size` is in bytes. `kind` and `seed` say what content a URL has that says nothing of it; `contents` are kinds
    beside our own, by name. `defaults` is a query that each URL has, as far as it says nothing else; `profiles` are
    queries by name. Without `faults`, a URL may not make the server misbehave.
    """

    max_size: int = MAX_SIZE
    kind: str = "ones"
    seed: int | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)
    defaults: str = ""
    faults: bool = True
    profiles: Mapping[str, str] = field(default_factory=lambda: PROFILES)

    @property
    def content(self) -> Content:
        """The default content. Raises RequestError when there is no such kind, or it takes no seed."""
        return find_content(self.kind, self.seed, self.contents)

    def check(self) -> None:
        """Raise RequestError when something of it could not be served."""
        find_content(self.kind, self.seed, self.contents)
        _check("the defaults", self.defaults, self)
        if not self.faults and "redirect" in _with_profile(_pairs(self.defaults), self):
            raise RequestError("the defaults: redirect= leads to URLs with redirect=, which --no-faults refuses")
        for name, parameters in self.profiles.items():
            if "profile" in dict(parse_qsl(parameters)):
                raise RequestError(f"the profile {name}: it names another profile")
            _check(f"the profile {name}", parameters, self)


@dataclass(frozen=True, slots=True)
class Options:
    """What the query decides; its fields and those of its parts are the parameters. `chunk_size` is in bytes.

    `sidecar` is whether a name like x.sha256 means a sidecar of x; `digest` is one to send, though it takes time.
    `tag` marks the request in the journal. `seed` is that of the lots. `asked` are the parameters that the URL itself
    has, rather than a default or a profile.
    """

    content: Content = ONES
    chunk_size: int = MAX_PIECE
    framing: Framing = Framing.LENGTH
    sidecar: bool = True
    digest: Algorithm | None = None
    tag: str = ""
    seed: int = 0
    pace: Pace = _PLAIN_PACE
    faults: Faults = _NO_FAULTS
    lies: Lies = _NO_LIES
    gate: Gate = _NO_GATE
    when: When = _ALWAYS
    asked: Collection[str] = field(default=(), compare=False)

    @property
    def changing(self) -> bool:
        """Whether answers differ from what, or when, they should be, so that no cache may keep them."""
        return not (self.faults is _NO_FAULTS and self.lies is _NO_LIES and self.gate is _NO_GATE)

    @property
    def plain(self) -> bool:
        """Whether nothing is out of the ordinary."""
        return not self.changing and self.pace is _PLAIN_PACE and self.when is _ALWAYS

    @property
    def counted(self) -> bool:
        """Whether the answer depends on how many requests there were before."""
        return self.when is not _ALWAYS or bool(self.pace.jitter) or self.lies.etag == "rotate"

    def behaving(self) -> Options:
        """Return what is left when nothing is to go wrong: the pace, and the gate."""
        return replace(self, faults=_NO_FAULTS, lies=_NO_LIES)


class Target(NamedTuple):
    """What a URL names: a file, or with `sidecar` what is beside it; and the options of its query."""

    file: VirtualFile
    options: Options
    sidecar: Sidecar | None = None


def parse_target(path: Sequence[str], query: str, settings: Settings) -> Target:
    """Return what the unquoted segments of a path name, under a query that is still percent-encoded.

    Raises NotFoundError when the path does not begin with a size, RequestError when the size or the query is wrong.
    """
    first, *rest = path
    if not "0" <= first[:1] <= "9":
        raise NotFoundError(f"no such file; {_HELP}")
    options = parse_query(query, settings) if query or settings.defaults else Options(settings.content)
    stem, sidecar = split_suffix(path[-1]) if options.sidecar and len(path) <= 2 else (path[-1], None)  # noqa: PLR2004
    size = parse_size(first if rest else stem, settings.max_size)
    if len(rest) > 1 or rest == [""]:
        raise NotFoundError(f"a file has one name and no folders; {_HELP}")
    if sidecar and options.digest:
        raise RequestError(f"a {sidecar.what} has no digest of its own; leave out digest=")
    name = stem if rest or sidecar else ""
    return Target(VirtualFile(size, options.content, name), options, sidecar)


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
    profile = settings.profiles.get(values["profile"])
    if profile is None:
        raise RequestError(f"profile is one of {', '.join(settings.profiles)}")
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
    parsed.pop("defaults", None)
    parts = {name: _part(default, parsed) for name, default in _PARTS.items()}
    seed = parsed.get("seed")
    lots = parts["when"].chance is not None or bool(parts["pace"].jitter)
    content = _content(parsed.pop("content", settings.kind), seed, settings, lots=lots)
    options = Options(content, **parsed, **parts, asked=frozenset(own))
    _check_together(options)
    return options


def _part(default: Any, parsed: dict[str, Any]) -> Any:
    """Take what belongs to a part out of the parsed parameters; return the part: the default if nothing does."""
    fields = {name: parsed.pop(name) for name in tuple(parsed) if PARAMETERS[name].part is type(default)}
    return type(default)(**fields) if fields else default


def _content(kind: str, seed: int | None, settings: Settings, *, lots: bool) -> Content:
    """Return the content that a URL asks for; the default kind has the default seed. With `lots` a seed is for them."""
    if takes_seed(kind, settings.contents):
        default = settings.seed if kind == settings.kind else None
        return find_content(kind, default if seed is None else seed, settings.contents)
    content = find_content(kind, None, settings.contents)
    if seed is not None and not lots:
        raise RequestError(f"a seed goes with {SEEDED}, chance= or jitter= only")
    return content


def _check_together(options: Options) -> None:
    """Raise RequestError when parts of the options make no sense beside each other."""
    faults, lies = options.faults, options.lies
    gzip = lies.encoding == "gzip"
    lies_of_a_file = replace(lies, type="") if faults.status is not None else lies
    nonsense = {
        "status= and refuse= send no file to lie about": (faults.status is not None or faults.refuse)
        and lies_of_a_file != _NO_LIES,
        "fail=, every= and chance= need something that goes wrong, like status=503": options.when is not _ALWAYS
        and (faults, lies) == (_NO_FAULTS, _NO_LIES),
        "length= goes with framing=length": lies.length and options.framing is not Framing.LENGTH,
        "lastchunk= goes with framing=chunked": lies.lastchunk and options.framing is not Framing.CHUNKED,
        "encoding=gzip has no length: leave out framing=length": gzip
        and "framing" in options.asked
        and options.framing is Framing.LENGTH,
        "encoding=gzip has no length that a duration= could divide: say rate=": gzip and options.pace.duration,
        "digest= is of the file, not of its encoding=gzip: leave out one of them": gzip and options.digest,
    }
    for message, so in nonsense.items():
        if so:
            raise RequestError(message)


def _check(what: str, query: str, settings: Settings) -> None:
    """Raise RequestError when a query cannot stand under all URLs."""
    try:
        parse_query(query, replace(settings, defaults="", faults=True))
        names = [name for name in _pairs(query) if PARAMETERS[name].names_file]
    except RequestError as error:
        raise RequestError(f"{what}: {error}") from None
    if names:
        raise RequestError(f"{what}: {names[0]}= is for a URL only")


def tag_of(query: str) -> str:
    """Return the tag in a query string that may be wrong otherwise, or nothing."""
    return dict(parse_qsl(query)).get("tag", "") if "tag=" in query else ""
