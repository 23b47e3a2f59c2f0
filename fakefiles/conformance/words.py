"""What a case is, in words for people: its set-up, what is right, and how to see it by hand."""

from __future__ import annotations

from collections.abc import Iterator

from fakefiles.conformance.capabilities import CAPABILITIES
from fakefiles.conformance.case import Before, Case
from fakefiles.conformance.catalogue import GROUPS, link_url, rule_name, rule_url, rules
from fakefiles.conformance.verdicts import Level
from fakefiles.urls.parameters import PARAMETERS

# The server command to see a case by hand, what one with a sidecar needs besides, and where the server then is.
_SERVER = "fakefiles --port 8000"
_SEED = " --peer-port 6881"
_ORIGIN = "http://localhost:8000"

# A client for torrents, magnets and metalinks, which stays on the machine.
_SWARM_CLIENT = (
    "aria2c --enable-dht=false --enable-dht6=false --bt-enable-lpd=false --enable-peer-exchange=false"
    " --follow-torrent=mem --follow-metalink=mem --seed-time=0"
)

_BYTES = {"right": "right bytes", "stale": "bytes of another version", "garbage": "garbage"}
_PLACES = {"partial": "the partial file", "file": "the file"}
_ACTIONS = {
    "drop": "all its connections are reset",
    "release": "the transfer goes on",
    "change": "the file is another one from then on",
}
_LEVELS = {
    Level.MUST: "a failure",
    Level.SHOULD: "a warning",
    Level.MAY: "noted, and no failure",
}


def set_up(case: Case) -> str:
    """Return the set-up of a case, in sentences; "" if there is nothing special."""
    return " ".join(_set_up(case))


def _set_up(case: Case) -> Iterator[str]:
    if case.before:
        yield _before(case.before)
    if case.second is not None:
        yield "The client fetches a second file on the same connection."
    if case.together > 1:
        yield f"{case.together} processes of the client run at once."
    if case.held:
        what = _ACTIONS.get(case.held) or f"the client gets {case.held}"
        yield f"When the transfer is held, {what}."
    if case.disk:
        yield f"In the first run, no file can grow beyond {case.disk}."
    if case.runs > 1:
        yield f"The client runs up to {case.runs} times, until it succeeds."


def _before(before: Before) -> str:
    size = before.size if before.size.endswith("%") else f"{before.size} bytes"
    percent = int(before.size[:-1]) if before.size.endswith("%") else 0
    more = ", and garbage behind them" if before.bytes == "right" and percent > 100 else ""  # noqa: PLR2004
    return f"Before, {_PLACES[before.at]} has {size} of {_BYTES[before.bytes]}{more}."


def right_outcome(case: Case) -> str:
    """Return what a client has to do, in sentences."""
    return " ".join(_right_outcome(case))


def _right_outcome(case: Case) -> Iterator[str]:
    if case.outcome == "file":
        yield f"The client must end with the file; if it does not, that is {case.failure.name}, {_LEVELS[case.level]}."
    else:
        yield "The client must end with the file, or fail and say so."
    if case.about_second:
        yield "Only the second file counts."
    if case.keeps:
        yield "If it fails, the good bytes that were there must still be there."
    yield f"More than {case.most_requests} requests are too many."
    if case.most_sent is not None:
        yield f"{case.most_sent:g} times the file is enough to send."
    if case.most_memory:
        yield f"{case.most_memory} of memory are enough."
    if case.least_wait is not None:
        yield f"The next try has to wait for {case.least_wait:g} s."


def url_by_hand(case: Case) -> str:
    """Return the URL of a case on a server that somebody has started by hand."""
    return _ORIGIN + case.target("by-hand", case.slug)


def server_by_hand(case: Case) -> str:
    """Return the command that starts the server for the case."""
    return _SERVER + _SEED if case.suffix else _SERVER


def by_hand(case: Case) -> list[str]:
    """Return commands that show the case with curl, or with aria2c, and what came of it."""
    url = url_by_hand(case)
    lines = [_in_a_swarm(case, url)] if case.suffix else _with_curl(case, url)
    return [*lines, f"fakefiles verify a.bin '{url}'", f"curl -s '{_ORIGIN}/-/journal?tag={case.slug}'"]


def _in_a_swarm(case: Case, url: str) -> str:
    source = f"\"$(curl -s '{url}')\"" if case.linked else f"'{url}'"
    return f"{_SWARM_CLIENT} {source}"


def _with_curl(case: Case, url: str) -> list[str]:
    lines = []
    if case.before and case.before.bytes == "right":
        plain = f"{_ORIGIN}/{case.size}/{case.local_name}?content=ruler"
        lines.append(f"curl -s '{plain}' | head -c {min(case.before.length(case.bytes), case.bytes)} > a.bin")
    elif case.before:
        lines.append(f"head -c {case.before.length(case.bytes)} /dev/zero > a.bin")
    options = " -C -" if "resume" in case.needs else ""
    lines.append(f"curl -fSL{options} -o a.bin '{url}'")
    if case.second is not None:
        lines[-1] += f" -o b.bin '{_ORIGIN}{case.second_target(case.slug)}'"
    return lines


def parameters_of(case: Case) -> list[str]:
    """Return what the parameters of the URL do, one line each."""
    pairs = [pair.partition("=") for pair in case.query.split("&") if pair]
    return [f"{name}={value}: {PARAMETERS[name].help}" for name, _, value in pairs]


def explain(case: Case) -> str:
    """Return all that there is to know about a case, as text for a terminal."""
    lines = [f"{case.slug} ({GROUPS[case.group].lower()})", ""]
    lines += [f"The server: {case.server}", f"The mistake: {case.mistake}"]
    lines += [f"The set-up: {words}" for words in filter(None, [set_up(case)])]
    lines += [f"It needs a client that {CAPABILITIES[name].does}." for name in case.needs]
    lines += [f"What is right: {right_outcome(case)}"]
    lines.append(f"It counts only if this comes about: {', '.join(case.came)}.")
    lines += ["", "What the standards say:"]
    lines += [f"  {rule_name(section)}: {rules()[section]}\n    {rule_url(section)}" for section in case.rfc]
    lines += ["", "By hand:", f"  $ {server_by_hand(case)} &", *(f"  $ {line}" for line in by_hand(case))]
    lines += [f"  {line}" for line in parameters_of(case)]
    lines += ["", "Clients that had this:", *(f"  {link_url(link)}" for link in case.links)]
    return "\n".join(lines)
