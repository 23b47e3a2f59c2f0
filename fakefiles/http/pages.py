"""The server's own pages: the help page at /, and /-/health."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from fakefiles._version import __version__
from fakefiles.urls.parameters import PARAMETERS


class Page(NamedTuple):
    """A page: its media type and its text."""

    media_type: str
    text: str


HEALTH = Page("text/plain; charset=utf-8", "ok\n")

_EXAMPLES = {
    "700m/ubuntu.iso": "700 MiB, called ubuntu.iso",
    "1.5GiB?content=ruler": "one and a half GiB of lines that say their own offset",
    "100m/data.bin.sha256?content=random": "the checksum file of 100 MiB of random bytes",
}


def find_page(path: Sequence[str], mount: str) -> Page | None:
    """Return the page at a path, given as unquoted segments, or None.

    `mount` is the relative URL from the page to the root of the files, for its links.
    """
    if not any(path):
        return _index(mount) if len(path) <= 1 else None
    return HEALTH if list(path) == ["-", "health"] else None


def _index(mount: str) -> Page:
    examples = "\n".join(
        f'<li><a href="{escape(mount + url)}"><code>/{escape(url)}</code></a>: {what}</li>'
        for url, what in _EXAMPLES.items()
    )
    page = _TEMPLATE.format(version=__version__, examples=examples, parameters=_PARAMETERS)
    return Page("text/html; charset=utf-8", page)


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
... .sha256        its checksum file; also .sha512 .sha1 .md5
?rate=1m&amp;close=9m  parameters, all of which are below
/-/journal         the last requests, in JSON, if the server keeps them
/-/health          ok</pre>
<p>k m g t p count in 1024s, as do KiB MiB &hellip;; kB MB &hellip; count in 1000s.</p>
<ul>
{examples}
</ul>
<h2>Parameters</h2>
<p>SIZE is as in the path. DURATION is seconds, or has a unit: 0.5, 200ms, 2m, 1h.
OFFSET is a place in the file, in bytes or per cent: 1m, 50%.</p>
<dl>
{parameters}
</dl>
</html>
"""
