"""Which options make no sense together. Each of them has a line that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fakefiles.behaviour.redirects import LOOP
from fakefiles.files.errors import RequestError
from fakefiles.transfer.framing import Framing
from fakefiles.urls.options import PARTS, UNSCHEDULED, Options

# What is wrong, by the text that says so.
_Nonsense = Mapping[str, object]
# The parts that say something about a file, which is not sent with status= and refuse=.
_OF_A_FILE = ("lies", "partial", "head", "if_range", "false_digests", "codings")


def check(options: Options) -> None:
    """Raise RequestError if parts of the options contradict each other.

    Values with schedules are compared with those that apply to the same requests, with the others of their part, and
    with what can have no schedule, like framing=. What has another schedule may contradict them: what comes instead of
    the file goes before what happens in it.
    """
    _check(options)
    if not options.scheduled:
        return
    usual = {name: default for name, default in PARTS.items() if name not in UNSCHEDULED or name == "when"}
    for text in {each.when.text for each in options.scheduled}:
        values = {each.name: each.value for each in options.scheduled if each.when.text == text}
        _check(replace(options, **{**usual, **options.parts_with(values)}))


def _check(options: Options) -> None:
    for look in (_when, _pace, _instead, _framing, _http_1_0, _gzip, _codings, _ranges, _redirects):
        for message, so in look(options).items():
            if so:
                raise RequestError(message)


def _when(options: Options) -> _Nonsense:
    bare = options.when != PARTS["when"] and not options.misbehaving
    return {"fail=, every= and chance= need something that goes wrong, like status=503": bare}


def _pace(options: Options) -> _Nonsense:
    both = options.pace.duration is not None and options.pace.rate is not None
    return {"of duration, rate only one can be; leave out the others": both}


def _instead(options: Options) -> _Nonsense:
    substitute = options.substitute
    instead = substitute.status is not None or substitute.refuse
    parts = {name: getattr(options, name) for name in _OF_A_FILE}
    if substitute.status is not None:
        parts["lies"] = replace(options.lies, type="")  # the body is a line of text, of any type
    return {
        "status= and refuse= send no file in which something could happen at an offset": instead
        and options.breaks != PARTS["breaks"],
        "status= and refuse= send no file to lie about": instead and parts != {name: PARTS[name] for name in parts},
        "refuse= sends no answer that could have a header= or a disposition=": substitute.refuse and options.has_fields,
        "retry_after= goes with status= or with limit= and over=503 or 429": substitute.retry_after is not None
        and substitute.status is None
        and not options.limits.may_say_when,
    }


def _framing(options: Options) -> _Nonsense:
    lies, chunks = options.lies, options.message.chunks
    return {
        "length= goes with framing=length": lies.length and options.framing is not Framing.LENGTH,
        "chunks= goes with framing=chunked": chunks and options.framing is not Framing.CHUNKED,
        "chunks=trailer comes behind the last chunk: leave out lastchunk=": chunks == "trailer" and lies.lastchunk,
        "lastchunk= goes with framing=chunked": lies.lastchunk and options.framing is not Framing.CHUNKED,
    }


def _http_1_0(options: Options) -> _Nonsense:
    http, length = options.message.http, options.lies.length
    chunks = options.framing is Framing.CHUNKED or (length and length.kind == "both")
    return {
        "HTTP/1.0 has no chunks: leave out http=, or framing=chunked and length=both": http and chunks,
        "HTTP/1.0 has no answers before the answer: leave out http= or early=": http and options.message.early,
    }


def _codings(options: Options) -> _Nonsense:
    coding, encoding = options.codings.coding, options.lies.encoding
    return {
        "of coding= and encoding= only one can be: leave out one of them": coding and encoding,
        "digest= is of the file, not of its coding=: leave out one of them": coding and options.digest,
        "negotiate= needs a coding=, or encoding=gzip": options.codings.negotiate
        and not (coding or encoding == "gzip"),
    }


def _gzip(options: Options) -> _Nonsense:
    gzip, no_length = options.lies.encoding == "gzip", "encoding=gzip has no length"
    asks_length = "framing" in options.asked and options.framing is Framing.LENGTH
    return {
        f"{no_length}: leave out framing=length": gzip and asks_length,
        f"{no_length} that a duration= could divide: say rate=": gzip and options.pace.duration,
        "digest= is of the file, not of its encoding=gzip: leave out one of them": gzip and options.digest,
    }


def _ranges(options: Options) -> _Nonsense:
    if options.partial is PARTS["partial"]:
        return {}
    ranges, whole = options.lies.ranges, options.partial.partial is not None and options.partial.partial.kind == "whole"
    return {
        "partial=, content_range=, several=, suffix= and at_end= need ranges: leave out ranges=off, ranges=lie "
        "or encoding=gzip": options.partial.needs_ranges and not options.lies.serves_ranges,
        "partial=whole sends all of the file, which nothing could shift: leave out ranges=shift": whole
        and ranges is not None
        and ranges.kind == "shift",
    }


def _redirects(options: Options) -> _Nonsense:
    redirects, signed = options.redirects, options.signed.signed is not None
    return {
        "redirect_code=, redirect_host= and location= go with redirect=, redirect_to= or signed=": not signed
        and redirects.only_shaped,
        "redirect=loop never comes to the link of signed=; leave out one of them": signed
        and redirects.redirect == LOOP,
        "redirect_to= leads elsewhere than signed=; leave out one of them": signed and redirects.redirect_to,
    }
