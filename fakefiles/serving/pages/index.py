"""/: the help page, for people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

from fakefiles._version import __version__
from fakefiles.behaviour.schedule import FORMS
from fakefiles.http.answers import NOSNIFF, Answer
from fakefiles.http.request import Ask
from fakefiles.serving.pages.page import Backstage, Page, reading
from fakefiles.transfer.body import Body
from fakefiles.urls.parameters import PARAMETERS
from fakefiles.urls.sidecars import SIDECARS

_EXAMPLES = {
    "700m/ubuntu.iso": "700 MiB, called ubuntu.iso",
    "1.5GiB?content=ruler": "one and a half GiB of lines that say their own offset",
    "100m/data.bin.sha256?content=random": "the checksum file of 100 MiB of random bytes",
}


def page(pages: Sequence[Page]) -> Page:
    """Return the help page, which lists these pages."""
    return Page("/", "", reading(partial(_index, pages)), recorded=True, open=True)


def _index(pages: Sequence[Page], _: Backstage, ask: Ask) -> Answer:
    # See Ask.mount.
    examples = "\n".join(
        f'<li><a href="{escape(ask.mount + url)}"><code>/{escape(url)}</code></a>: {what}</li>'
        for url, what in _EXAMPLES.items()
    )
    text = _TEMPLATE.format(
        version=__version__,
        examples=examples,
        sidecars=_sidecars(),
        pages="\n".join(f"{each.path:18} {escape(each.help)}" for each in pages if each.help),
        parameters=_PARAMETERS,
        conditions=", ".join(FORMS),
    )
    return Answer(200, {"Content-Type": "text/html; charset=utf-8", **NOSNIFF}, Body.literal(text.encode()))


def _sidecars() -> str:
    """Return a line for each kind of sidecars: the first suffix, what it is, and the other suffixes."""
    sorts: dict[str, list[str]] = {}
    for sidecar in SIDECARS.values():
        sorts.setdefault(sidecar.what, []).append(sidecar.suffix)
    return "\n".join(
        f"... {first:14} its {escape(what)}" + (f"; also {' '.join(others)}" if others else "")
        for what, (first, *others) in sorts.items()
    )


_PARAMETERS = "\n".join(
    f"<dt><code>{name}={escape(parameter.kind.takes)}</code></dt><dd>{escape(parameter.help)}</dd>"
    for name, parameter in PARAMETERS.items()
)


_TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>fakefiles</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }}</style>
<h1>fakefiles {version}</h1>
<p>This server sends files that do not exist, of any size, for tests of download clients.
Ranges, conditional requests and resuming work as on a real server.</p>
<pre>/{{size}}            /1024  /4k  /700m  /1.5GiB  /10MB  /0
/{{size}}/{{name}}     the same file under a name, which gives it a media type
{sidecars}
?rate=1m&amp;close=9m  parameters, all of which are below
{pages}</pre>
<p>k m g t p count in 1024s, as do KiB MiB &hellip;; kB MB &hellip; count in 1000s.</p>
<ul>
{examples}
</ul>
<h2>Parameters</h2>
<p>SIZE is as in the path. DURATION is seconds, or has a unit: 0.5, 200ms, 2m, 1h.
OFFSET is a place in the file, in bytes or per cent: 1m, 50%.
After an @, a parameter of speed, a fault or a lie says on which requests it applies: close=1m@1, rate=1k@2-4,
status=403@range. There come {conditions}.</p>
<dl>
{parameters}
</dl>
</html>
"""
