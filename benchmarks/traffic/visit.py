"""What a client of the soak is given: where the server is, its luck, and how long it may take its time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from benchmarks.traffic.line import Line
from fakefiles.files.content import Content
from fakefiles.urls.settings import Settings
from fakefiles.urls.url_for import path_for
from fakefiles.verification.verifier import denoted_files

#: A version that the journal never reaches.
NEVER = 10**17


class Where(NamedTuple):
    """The ports of the server."""

    plain: int
    tls: int


@dataclass
class Visit:
    """One visit of one client.

    `tls`: it comes over TLS. `number`: no other visit has it. `tag`: that of its URLs. `dawdle`: the seconds that it
    takes where it takes its time. `idle`: the seconds that it stays where it has nothing to do. `waves`: how many
    connections come in a wave. `checked` counts the bytes that were compared.
    """

    where: Where
    tls: bool
    random: Random
    number: int
    tag: str
    dawdle: float
    idle: float
    waves: int
    checked: int = field(default=0)

    @asynccontextmanager
    async def line(self, *, small: bool = False) -> AsyncIterator[Line]:
        """Connect; the connection is closed afterwards, and by force after an error."""
        line = await Line.open(self.where.tls if self.tls else self.where.plain, tls=self.tls, small=small)
        try:
            yield line
        except BaseException:
            line.vanish()
            raise
        finally:
            self.checked += line.checked
            await line.close()

    def url(self, size: int | str, name: str = "", **options: Any) -> str:
        """Return the path and the query of a file."""
        return path_for(size, name, {"tag": self.tag, **options}, Settings())

    def own_url(self, size: int | str, **options: Any) -> str:
        """Return the same, for a file that nobody else asks for."""
        return self.url(size, f"{self.number}.bin", **options)

    def content(self) -> dict[str, Any]:
        """Return parameters of a content, any one."""
        kind = self.random.choice(["ones", "zeros", "ruler", "random"])
        return {"content": kind, "seed": self.random.randrange(1000)} if kind == "random" else {"content": kind}

    async def whole(self, line: Line, url: str, *fields: str) -> None:
        """Download all of a file, and check it."""
        line.ask(url, *fields)
        head = await line.head()
        head.expect(200)
        content, size = file_of(url)
        await line.check(head, content, 0, size)


def file_of(url: str) -> tuple[Content, int]:
    """Return the content and the size of the file that a URL denotes, whatever happens to it on its way."""
    file = denoted_files(url, Settings())[0]
    return file.content, file.size


class Kind(NamedTuple):
    """A kind of traffic, by the name of its function; of two kinds, that with twice the share comes twice as often.

    `alone`: no two of this kind come at a time. So the most that they need is the same in the first minute and later.
    """

    visit: Callable[[Visit], Coroutine[Any, Any, None]]
    share: float = 1
    alone: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.visit.__name__
