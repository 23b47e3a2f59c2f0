"""A download client that does everything right, as far as it can be known. It shows that every case can be passed.

    python perfect_client.py [--parts N] [--pieces] [--suffix] [--several] [--sha256 HEX] [--user NAME:PASSWORD]
        [--names] URL FILE [URL FILE]...

What it decides is in small methods, so that a wrong client is this one with a few lines changed (see wrong_clients.py).
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit

from perfect_wire import SILENCE, Answer, BrokenError, FailedError, Socket, ask

# Tries without any progress, and tries in all; redirects; seconds that it is willing to wait.
TRIES, MOST_TRIES, MOST_REDIRECTS, PATIENCE = 3, 30, 10, 5.0
# Bytes at the end of a partial file of unknown origin that are fetched again, and compared.
_OVERLAP = 16
_PIECE = 1 << 18


class RestartError(Exception):
    """What is there cannot be continued: begin again without a range."""


@dataclass
class Options:
    """What the command line says."""

    parts: int = 1
    pieces: bool = False
    suffix: bool = False
    several: bool = False
    sha256: str = ""
    user: str = ""
    names: bool = False
    described: str = ""


class Partial:
    """A partial file beside the final one, and what is known about it: the ETag of the file that it is a part of."""

    def __init__(self, file: Path) -> None:
        self.path = file.with_name(file.name + ".part")
        self._notes = file.with_name(file.name + ".part.json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def etag(self) -> str | None:
        """The ETag; "" if there was none; None if this program has not made the partial file."""
        try:
            return str(json.loads(self._notes.read_text())["etag"])
        except (OSError, ValueError, KeyError):
            return None

    def note(self, etag: str) -> None:
        self._notes.write_text(json.dumps({"etag": etag}))

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self._notes.unlink(missing_ok=True)

    def finish(self, file: Path) -> None:
        self._notes.unlink(missing_ok=True)
        os.replace(self.path, file)  # noqa: PTH105  atomic

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Yield whether no other process has the partial file."""
        lock = self.path.with_name(self.path.name + ".lock")
        with lock.open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
            lock.unlink(missing_ok=True)


class Perfect:
    """The client. One instance downloads one list of files."""

    silence = SILENCE
    tries = TRIES
    most_tries = MOST_TRIES
    most_redirects = MOST_REDIRECTS
    head_silence = 1.0
    least_for_parts = 1 << 21
    #: After which errors on a connection that was used before a new one is opened.
    worth_a_new_connection: tuple[type[Exception], ...] = (BrokenError,)

    def __init__(self, options: Options) -> None:
        self.options = options
        self._kept: dict[str, Socket] = {}

    # --- what a wrong client does otherwise

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        """Return the fields of a request for the rest of a partial file."""
        etag = partial.etag
        fields = {"Range": f"bytes={self.resume_at(partial)}-", "Accept-Encoding": "identity"}
        if etag and not etag.startswith("W/"):
            fields |= {"If-Range": etag, "If-Match": etag}
        return fields

    def resume_at(self, partial: Partial) -> int:
        """Return the first byte to ask for: of a partial file of unknown origin, the last bytes are compared."""
        if partial.etag is not None or self.is_complete(partial):
            return partial.size
        return max(0, partial.size - _OVERLAP)

    def is_complete(self, partial: Partial) -> bool:
        """Whether HEAD has said that the partial file has the size of the whole one."""
        return partial.size == self.size

    def check_206(self, answer: Answer, start: int, partial: Partial) -> int:
        """Return where a 206 ends, if it is the rest that was asked for. Raises RestartError if it is not."""
        given = answer.content_range
        if given is None or given[0] != start or "multipart" in answer.get("content-type"):
            raise RestartError("the 206 is not what was asked for")
        if answer.get("content-encoding") or answer.length not in {None, given[1] - given[0]}:
            raise RestartError("the 206 is not as long as it says")
        known = partial.etag
        if known and answer.get("etag") != known:
            raise RestartError("the file has changed")
        return given[1]

    def on_416(self, answer: Answer, partial: Partial) -> bool:
        """Return whether a 416 says that the partial file is complete."""
        return self.asked_at == partial.size and answer.unsatisfied == partial.size and partial.size > 0

    def accept_status(self, answer: Answer) -> bool:
        """Whether an answer brings the file."""
        return answer.status == 200

    def is_final(self, status: int) -> bool:
        """Whether an error stays, however often one asks."""
        return 400 <= status < 500 and status not in {408, 425, 429}

    def wait_for(self, answer: Answer) -> float:
        """Return the seconds to wait after an error; raises FailedError if that is too long."""
        text = answer.get("retry-after").strip()
        wait = 0.2
        if text.isascii() and text.isdigit():
            wait = float(text)
        elif text and (moment := date_of(text)):
            now = date_of(answer.get("date")) or datetime.now(timezone.utc)
            wait = max(0.0, (moment - now).total_seconds())
        if wait > PATIENCE:
            raise FailedError(f"{text} is too long to wait")
        return wait

    def check_digest(self, path: Path, answer: Answer) -> None:
        """Compare the file with the digests that are known. Raises BrokenError if it is another one."""
        said = re.search(r"sha-256=:([^:]*):", answer.get("repr-digest"))
        wanted = self.options.sha256 or (base64.b64decode(said[1]).hex() if said else "")
        if wanted and sha256(path) != wanted:
            raise BrokenError("the digest is another one")

    def credentials_for(self, url: str, first: str) -> dict[str, str]:
        """Return the field of a login, for the host of the first URL only."""
        if not self.options.user or urlsplit(url).netloc != urlsplit(first).netloc:
            return {}
        return {"Authorization": "Basic " + base64.b64encode(self.options.user.encode()).decode()}

    def name_of(self, answer: Answer, url: str) -> str:
        """Return the name for a file: the last part of what the server or the URL says, without anything odd."""
        said = answer.get("content-disposition")
        star = re.search(r"filename\*\s*=\s*([\w-]*)'[^']*'([^;\s]*)", said, re.IGNORECASE)
        plain = re.search(r'filename\s*=\s*"((?:\\.|[^"\\])*)"', said, re.IGNORECASE)
        if star:
            name = unquote_to_bytes(star[2]).decode(errors="replace")
        elif plain:
            name = re.sub(r"\\(.)", r"\1", plain[1])
        else:
            name = unquote(urlsplit(url).path.rpartition("/")[2])
        name = re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", name)[-1])
        name = name.encode()[-100:].decode(errors="ignore")
        return name if name.strip(". ") else "download"

    def join_location(self, url: str, location: str) -> str:
        """Return the URL that a redirect leads to."""
        return urljoin(url, location)

    def before_file(self, file: Path) -> None:
        """Do what has to be done before the first request: nothing."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        """Yield the content of an answer. Raises BrokenError if it is cut short, FailedError if it cannot be read."""
        yield from answer.body()

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        """Give a complete file its name. Raises BrokenError if its digest is another one."""
        try:
            self.check_digest(partial.path, answer)
        except BrokenError:
            partial.drop()
            raise
        partial.finish(file)

    # --- the download

    size: int | None = None
    asked_at = 0

    def download(self, url: str, file: Path) -> None:
        """Download one file. Raises FailedError if it cannot be had."""
        if self.options.names:
            file = self._named(url, file)
        self.before_file(file)
        partial = Partial(file)
        with partial.locked() as ours:
            if not ours:
                partial = Partial(file.with_name(f"{file.name}.{os.getpid()}"))
            self.size = self.head(url)
            if self._in_special_ways(url, partial, file):
                return
            self._try_again_and_again(url, partial, file)

    def _named(self, url: str, folder: Path) -> Path:
        answer = self.open(url, "HEAD", {})
        name = self.name_of(answer, url)
        file, number = folder / name, 1
        while file.exists():
            file, number = folder / f"{number}-{name}", number + 1
        return file

    def head(self, url: str) -> int | None:
        """Return the size that HEAD tells, if it tells one: a hint."""
        silence, self.silence = self.silence, self.head_silence
        try:
            answer = self.open(url, "HEAD", {}, fresh=True)
            return answer.length if answer.status == 200 and not answer.get("content-encoding") else None
        except (BrokenError, FailedError):
            return None
        finally:
            self.silence = silence

    def _in_special_ways(self, url: str, partial: Partial, file: Path) -> bool:
        """Try several connections, or odd ranges; return whether the file is there."""
        ways = [self.by_parts] if self.options.parts > 1 else []
        ways += [self.by_pieces] * self.options.pieces + [self.by_suffix] * self.options.suffix
        ways += [self.by_several] * self.options.several
        for way in ways:
            with contextlib.suppress(BrokenError, FailedError, RestartError):
                if way(url, partial, file):
                    return True
        return False

    def _try_again_and_again(self, url: str, partial: Partial, file: Path) -> None:
        plain, left = False, self.tries
        for _ in range(self.most_tries):
            before = partial.size
            try:
                self.one_try(url, partial, file, plain=plain)
            except RestartError:
                plain = True
                left -= 1
            except BrokenError as error:
                left = self.tries if partial.size > before else left - 1
                reason = str(error)
                plain = False
            else:
                return
            if left <= 0:
                break
        raise FailedError("too many tries" if plain else reason)

    def one_try(self, url: str, partial: Partial, file: Path, *, plain: bool) -> None:
        """Ask for the rest, or for all, and finish the file if it is complete."""
        if not partial.size or plain:
            answer = self.open(url, "GET", {"Accept-Encoding": "gzip" if not plain else "identity"})
            self.asked_at = 0
        else:
            self.asked_at = self.resume_at(partial)
            answer = self.open(url, "GET", self.resume_fields(partial))
        if answer.status in {206, 416, 412} and plain:
            raise FailedError(f"{answer.status}, though nobody asked for a range")
        if answer.status == 206:
            self.take_rest(answer, partial)
        elif self.accept_status(answer):
            self.take_all(answer, partial)
        else:
            self.take_error(answer, partial)
        self.finish(partial, file, answer)

    def take_rest(self, answer: Answer, partial: Partial) -> None:
        """Append the body of a 206, if it is the rest."""
        stop = self.check_206(answer, self.asked_at, partial)
        total = (answer.content_range or (0, 0, None))[2]
        with partial.path.open("r+b") as output:
            output.seek(self.asked_at)
            known = partial.size - self.asked_at
            for data in self.body_of(answer):
                compared = data[: max(0, known)]
                if compared and output.read(len(compared)) != compared:
                    raise RestartError("the partial file is of another file")
                known -= len(data)
                output.seek(0, os.SEEK_CUR)
                output.write(data[len(compared) :])
        if partial.etag is None:
            partial.note(answer.get("etag"))
        self.keep(answer)
        wanted = total if total is not None else self.size
        if wanted is None or stop < wanted:
            raise BrokenError("there is more")

    def take_all(self, answer: Answer, partial: Partial) -> None:
        """Write the body of a 200, instead of what is there."""
        coded = bool(answer.get("content-encoding"))
        partial.drop()
        partial.path.touch()
        try:
            if not coded:
                partial.note(answer.get("etag"))
            with partial.path.open("wb") as output:
                for data in self.body_of(answer):
                    output.write(data)
        except (BrokenError, FailedError):
            if coded:
                partial.drop()
            raise
        self.keep(answer)

    def take_error(self, answer: Answer, partial: Partial) -> None:
        """Wait, or raise what an error means; return if the file is complete all the same."""
        if answer.status == 416 and self.on_416(answer, partial):
            return
        ranged = self.asked_at > 0
        if answer.status in {412, 416} or (ranged and self.is_final(answer.status)):
            raise RestartError(str(answer.status))
        if self.is_final(answer.status):
            raise FailedError(f"status {answer.status}")
        time.sleep(self.wait_for(answer))
        raise BrokenError(f"status {answer.status}")

    # --- requests

    def open(self, url: str, method: str, fields: dict[str, str], *, fresh: bool = False) -> Answer:
        """Ask for a URL, and follow redirects; return the answer."""
        first = url
        for _ in range(self.most_redirects):
            answer = self._ask(url, method, {**fields, **self.credentials_for(url, first)}, fresh=fresh)
            if answer.status not in {301, 302, 303, 307, 308} or not answer.get("location"):
                return answer
            url = self.join_location(url, answer.get("location"))
        raise FailedError("too many redirects")

    def _ask(self, url: str, method: str, fields: dict[str, str], *, fresh: bool) -> Answer:
        host = urlsplit(url).netloc
        kept = None if fresh else self._kept.pop(host, None)
        if kept:
            with contextlib.suppress(*self.worth_a_new_connection):
                return self.request(kept, url, method, fields)
        return self.request(self.connect(url), url, method, fields)

    def request(self, connection: Socket, url: str, method: str, fields: dict[str, str]) -> Answer:
        """Send a request on a connection; return the answer."""
        return ask(connection, url, method, fields)

    def connect(self, url: str) -> Socket:
        """Return a new connection to the host of a URL."""
        parts = urlsplit(url)
        return Socket(parts.hostname or "", parts.port or 80, self.silence)

    def keep(self, answer: Answer) -> None:
        """Keep the connection of an answer for the next file, if it can be used again."""
        if answer.reusable:
            self._kept[f"{answer.socket.name}"] = answer.socket

    # --- other ways to fetch a file

    def by_parts(self, url: str, partial: Partial, file: Path) -> bool:
        """Fetch a large file over several connections, all or nothing; return whether that went well."""
        if not self.size or self.size < self.least_for_parts:
            return False
        count = self.options.parts
        bounds = self.bounds(self.size, count)
        parts = [
            Part(self, url, partial.path.with_name(f"{partial.path.name}{number}"), bounds[number], bounds[number + 1])
            for number in range(count)
        ]
        threads = [threading.Thread(target=part.fetch) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        good = self.parts_agree(parts)
        if good:
            with partial.path.open("wb") as output:
                for part in parts:
                    output.write(part.path.read_bytes())
            partial.finish(file)
        for part in parts:
            part.path.unlink(missing_ok=True)
        return good

    def bounds(self, size: int, count: int) -> list[int]:
        """Return where the parts begin, and where the last one ends."""
        return [size * number // count for number in range(count + 1)]

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        """Whether all parts are there, and of the same version."""
        return all(part.good for part in parts) and len({part.etag for part in parts}) == 1

    def accepts_part(self, answer: Answer, part: Part) -> bool:
        """Whether an answer is the part that was asked for."""
        return answer.status == 206 and (answer.content_range or (0,))[:2] == (part.start, part.stop)

    def by_pieces(self, url: str, partial: Partial, file: Path) -> bool:
        """Read the first byte to learn the size, then all in pieces; return whether that went well."""
        answer = self.open(url, "GET", {"Range": "bytes=0-0", "Accept-Encoding": "identity"})
        if answer.status == 200:
            self.take_all(answer, partial)
            partial.finish(file)
            return True
        size = (answer.content_range or (0, 0, None))[2]
        if answer.status != 206 or size is None:
            return False
        with partial.path.open("wb") as output:
            for start in range(0, size, _PIECE):
                output.write(self.piece(url, start, min(start + _PIECE, size)))
        partial.finish(file)
        return True

    def piece(self, url: str, start: int, stop: int) -> bytes:
        """Return the bytes of a range. Raises RestartError if they are others."""
        answer = self.open(url, "GET", {"Range": f"bytes={start}-{stop - 1}", "Accept-Encoding": "identity"})
        if answer.status != 206 or (answer.content_range or (0,))[:2] != (start, stop):
            raise RestartError("not the piece")
        return b"".join(self.body_of(answer))

    def by_suffix(self, url: str, partial: Partial, file: Path) -> bool:
        """Ask for the last bytes first, then for those before; return whether that went well."""
        answer = self.open(url, "GET", {"Range": "bytes=-100", "Accept-Encoding": "identity"})
        return self.take_end(answer, url, partial, file)

    def take_end(self, answer: Answer, url: str, partial: Partial, file: Path) -> bool:
        """Use the answer to a request for the last bytes; return whether the file is there."""
        if answer.status == 200:
            self.take_all(answer, partial)
            partial.finish(file)
            return True
        given = answer.content_range
        if answer.status != 206 or given is None or given[1] != given[2]:
            return False
        end = b"".join(self.body_of(answer))
        partial.path.write_bytes(self.piece(url, 0, given[0]) + end)
        partial.finish(file)
        return True

    def by_several(self, url: str, partial: Partial, file: Path) -> bool:
        """Ask for two ranges at once; a multipart is more than this client wants, so only a 200 is of use."""
        answer = self.open(url, "GET", {"Range": "bytes=0-999,2000-2999", "Accept-Encoding": "identity"})
        if answer.status == 200:
            self.take_all(answer, partial)
            partial.finish(file)
            return True
        return False


class Part:
    """One part of a file that is fetched over several connections."""

    def __init__(self, client: Perfect, url: str, path: Path, start: int, stop: int) -> None:
        self.client, self.url, self.path, self.start, self.stop = client, url, path, start, stop
        self.good = False
        self.etag = ""

    def fetch(self) -> None:
        """Fetch it in one try."""
        fields = {"Range": f"bytes={self.start}-{self.stop - 1}", "Accept-Encoding": "identity"}
        with contextlib.suppress(BrokenError, FailedError):
            answer = self.client.open(self.url, "GET", fields, fresh=True)
            if self.client.accepts_part(answer, self):
                self.etag = answer.get("etag")
                with self.path.open("wb") as output:
                    for data in self.client.body_of(answer):
                        output.write(data)
                self.good = self.path.stat().st_size == self.stop - self.start


def date_of(text: str) -> datetime | None:
    """Return the moment that a date of HTTP says, in any of its three forms; None if it is none."""
    for form in ("%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
    try:
        return parsedate_to_datetime(text).replace(tzinfo=timezone.utc)
    except (TypeError, ValueError, IndexError):
        return None


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    hash_ = hashlib.sha256()
    with path.open("rb") as source:
        while data := source.read(1 << 18):
            hash_.update(data)
    return hash_.hexdigest()


def main(kind: type[Perfect] = Perfect, arguments: Sequence[str] | None = None) -> int:
    """Run a client of this kind; return its exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--described", default="")
    for name in ("--pieces", "--suffix", "--several", "--names"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--sha256", default="")
    parser.add_argument("--user", default="")
    parser.add_argument("pairs", nargs="+")
    values = vars(parser.parse_args(arguments))
    pairs = values.pop("pairs")
    client = kind(Options(**values))
    try:
        for url, file in zip(pairs[::2], pairs[1::2], strict=True):
            client.download(url, Path(file))
    except (BrokenError, FailedError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
