"""What a client may be able to do beyond fetching a file. A preset or an option says which of it a client claims."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capability:
    """A name; what the client does, as it goes on after "The client"; and what the command for it must contain.

    `suffix`: that of the sidecar whose URL the client gets, instead of that of the file. `linked`: whether it gets, in
    place of that URL, the link that stands there.
    """

    name: str
    does: str
    placeholders: tuple[str, ...] = ()
    suffix: str = ""
    linked: bool = False


_ALL = [
    Capability("resume", "continues a partial file that it finds"),
    Capability("retry", "tries again by itself when a transfer breaks"),
    Capability("connections", "fetches one file over several connections"),
    Capability("pieces", "reads a file in pieces, each by a range of its own"),
    Capability("suffix", "asks for the last bytes of a file first"),
    Capability("several", "asks for several ranges at once"),
    Capability("digest", "compares the file with a digest", ()),
    Capability("revalidate", "asks whether a file that it has is still current"),
    Capability("names", "names the file itself, from the URL or from Content-Disposition", ("{dir}",)),
    Capability("pair", "fetches two files on one connection", ("{url2}", "{file2}")),
    Capability("login", "logs in", ("{user}", "{password}")),
    Capability("torrent", "downloads what the torrent at a URL describes", suffix=".torrent"),
    Capability("magnet", "downloads what a magnet link leads to", suffix=".magnet", linked=True),
    Capability("metalink", "downloads what the metalink at a URL describes", suffix=".meta4"),
    Capability("process", "is a process of its own, which can be killed"),
]

#: All capabilities, by name.
CAPABILITIES = {capability.name: capability for capability in _ALL}
#: What every client can that is a command.
OF_COMMANDS = ("process",)
