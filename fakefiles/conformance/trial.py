"""Carries out one case with one client, and returns the evidence."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.request import ProxyHandler, build_opener
from uuid import uuid4

from fakefiles.conformance.call import Call
from fakefiles.conformance.case import Case
from fakefiles.conformance.client import Client, common_values, filled
from fakefiles.conformance.evidence import Ender, Ending, Evidence, Found, Run
from fakefiles.conformance.folder import Folder
from fakefiles.conformance.process import MARK_VARIABLE, ClientProcess
from fakefiles.conformance.watch import Requests, Watch, release
from fakefiles.files.digests import update
from fakefiles.testing.journal_client import JournalClient
from fakefiles.transfer.record import TransferRecord
from fakefiles.urls.settings import Settings
from fakefiles.verification import verifier

#: Seconds for one run of a client, by default.
LIMIT = 30.0

# Variables that would lead a client elsewhere than to the server, or to the settings of whoever runs the suite.
_NOT_OURS = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
# Seconds between two looks at whether all has to stop; and in which the server must tell a link.
_LOOK = 0.25
_PATIENCE = 60.0


class Attempt(Protocol):
    """One client at work."""

    def ending(self, timeout: float) -> Ending | None:
        """Return how it ended; None if it has not, after `timeout` seconds."""

    def signal(self, number: int) -> None:
        """Send it a signal, if it is a process."""

    def end(self, ender: Ender) -> Ending:
        """End it."""


@dataclass(slots=True)
class Trial:
    """One case with one client, in a new folder `top`. `server` is the origin of the server, without a slash.

    `stopped`: when it is set, the client is ended. `limit`: seconds for each run.
    """

    case: Case
    client: Client
    server: str
    journal: JournalClient
    top: Path
    limit: float = LIMIT
    stopped: threading.Event = field(default_factory=threading.Event)
    _mark: str = field(init=False)
    _tag: str = field(init=False)
    _folder: Folder = field(init=False)
    _values: dict[str, str] = field(init=False)
    _commands: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._mark = uuid4().hex[:12]
        self._tag = f"{self.case.slug}~{self._mark}"
        url = self.server + self.case.target(self._mark, self._tag)
        second = self.case.second_target(self._tag)
        self._folder = Folder(self.top, self.case, url, self.server + second if second else "")
        self._values = {
            **common_values(),
            "url": url,
            "file": str(self._folder.file),
            "dir": str(self._folder.work),
            "name": self.case.local_name,
            "url2": self._folder.second_url,
            "file2": str(self._folder.work / "b.bin"),
            "size": str(self.case.bytes),
            "origin": self.server,
        }

    def carry_out(self) -> Evidence:
        """Carry out the case. Raises StartError if the client cannot be started, ServerError if the server is gone."""
        self._prepare()
        requests = Requests(self.journal, self._tag)
        runs: list[Run] = []
        while len(runs) < self.case.runs and not (runs and runs[-1].success) and not self.stopped.is_set():
            endings = self._run(requests, first=not runs)
            runs.append(self._look(endings))
        try:
            return Evidence(
                tuple(runs),
                requests.settled(),
                requests.count,
                self._folder.outside(self._mark),
                not self.case.keeps or self._folder.kept(),
                tuple(self._commands),
                self._folder.url,
                requests.lost,
            )
        finally:
            self._folder.remove_outside(self._mark)

    def _prepare(self) -> None:
        self._folder.prepare(Path(filled(self.client.partial, self._values)))
        if self.case.linked:
            self._values["url"] = _link_at(self._folder.url)
        for name, text in self.client.settings.items():
            path = self._folder.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(filled(text, self._values), encoding="utf-8")

    def _run(self, requests: Requests, *, first: bool) -> list[Ending]:
        """Run the client once, or several of it at once; return how they ended."""
        attempts: list[Attempt] = []
        act = partial(self._act, attempts) if first else None
        watch = Watch(requests, act, self.case.together) if self.case.held else None
        deadline = time.monotonic() + self.limit
        try:
            attempts.append(self._attempt(first=first))
            while watch and first and len(attempts) < self.case.together:
                self._wait_until_held(watch, attempts[0], deadline)
                attempts.append(self._attempt(first=first))
            return [self._ending(attempt, deadline) for attempt in attempts]
        finally:
            for attempt in attempts:
                attempt.end(Ender.PLAN)
            if watch:
                watch.stop()

    def _wait_until_held(self, watch: Watch, attempt: Attempt, deadline: float) -> None:
        """Wait until a transfer is held; not if its client has ended, or the time is over."""
        while attempt.ending(0) is None and time.monotonic() < deadline:
            if watch.first.wait(_LOOK):
                return

    def _act(self, attempts: Sequence[Attempt], held: Sequence[TransferRecord]) -> None:
        """Do what the case wants when transfers are held."""
        if self.case.held.startswith("SIG"):
            for attempt in attempts:
                attempt.signal(signal.Signals[self.case.held])
        elif self.case.held == "drop":
            self.journal.drop(self._tag)
        else:
            if self.case.held == "change":
                self.journal.change({"tag": self._tag})
            release(held)

    def _ending(self, attempt: Attempt, deadline: float) -> Ending:
        while not self.stopped.is_set() and time.monotonic() < deadline:
            ending = attempt.ending(min(_LOOK, deadline - time.monotonic()))
            if ending is not None:
                return ending
        return attempt.end(Ender.PLAN if self.stopped.is_set() else Ender.LIMIT)

    def _attempt(self, *, first: bool) -> Attempt:
        if self.client.call is not None:
            return Call(self.client.call, self._values, self.limit, partial(self.journal.drop, self._tag))
        words = self.client.command_for(self.case)
        values = self._values
        if any("sha256" in word.lower() for word in words):
            values = {**values, "sha256": _sha256(self._folder.url)}
        command = [filled(word, values) for word in words]
        self._commands.append(shlex.join(command))
        full_from = self.case.full_from if first else None
        return ClientProcess(command, self._folder.work, self._environment(values), full_from)

    def _environment(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of the client: those of this process, but its settings are its own."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name.lower() not in _NOT_OURS and not name.startswith("XDG_")
        }
        home, temporary = str(self._folder.home), str(self._folder.temporary)
        return {
            **inherited,
            **{name.upper(): value for name, value in values.items()},
            "HOME": home,
            "TMPDIR": temporary,
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            **{name: filled(text, values) for name, text in self.client.environment.items()},
            MARK_VARIABLE: f"{self._mark}-{len(self._commands)}",
        }

    def _look(self, endings: Sequence[Ending]) -> Run:
        folder, case = self._folder, self.case
        path = folder.newest() if self.client.names_itself(case) else folder.file
        file = folder.found(path, folder.url) if path else None
        second_path = folder.work / "b.bin"
        second: Found | None = folder.found(second_path, folder.second_url) if case.second is not None else None
        return Run(tuple(endings), file, second, folder.others(path, second_path if second else None))


def _link_at(url: str) -> str:
    """Return the link in the text at a URL of the server."""
    with build_opener(ProxyHandler({})).open(url, timeout=_PATIENCE) as response:
        text: bytes = response.read()
    return text.decode().strip()


def _sha256(url: str) -> str:
    """Return the SHA-256 of the file that a URL denotes, in hexadecimal digits."""
    file = verifier.denoted_files(url, Settings())[0]
    hash_ = hashlib.sha256()
    update(hash_, file, 0, file.size)
    return hash_.hexdigest()
