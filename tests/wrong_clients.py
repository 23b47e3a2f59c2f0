"""Wrong clients: for each case of HTTP one that makes its mistake; wrong_swarms.py has the others.

Each is the perfect client with a few lines changed.

python wrong_clients.py SLUG [options of perfect_client.py] URL FILE...
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import perfect_wire as wire
from perfect_client import Part, Partial, Perfect, RestartError, date_of, main
from perfect_wire import Answer, BrokenError, FailedError, Socket
from wrong_registry import WRONG, fails

# --- resuming


@fails(
    "CORRUPT",
    *("resume-gets-200", "break-then-200", "if-range-drops-range", "mirror-without-ranges", "resume-chunked-200"),
    "ranges-promised-only",
)
class AppendsA200(Perfect):
    """Appends whatever comes."""

    def resume_at(self, partial: Partial) -> int:
        return partial.size

    def take_all(self, answer: Answer, partial: Partial) -> None:
        with partial.path.open("ab" if self.asked_at else "wb") as output:
            partial.note(answer.get("etag"))
            for data in self.body_of(answer):
                output.write(data)


@fails("STUCK", "resume-200-every-time")
class GivesUpAtA200(Perfect):
    """Wants a 206."""

    def take_all(self, answer: Answer, partial: Partial) -> None:
        if self.asked_at:
            raise FailedError("no resuming")
        super().take_all(answer, partial)


@fails("STUCK", "resume-200-and-digest")
class KeepsTheRunningHash(Perfect):
    """Goes on with the hash of what it has thrown away."""

    def check_digest(self, path: Path, answer: Answer) -> None:
        if self.asked_at and answer.status != 206:
            raise FailedError("the digest is another one")
        super().check_digest(path, answer)


class TrustsA206(Perfect):
    """Appends the body of a 206, and looks at nothing."""

    def resume_at(self, partial: Partial) -> int:
        return partial.size

    def take_rest(self, answer: Answer, partial: Partial) -> None:
        with partial.path.open("ab") as output:
            for data in self.body_of(answer):
                output.write(data)


fails(
    "CORRUPT",
    *("resume-starts-earlier", "resume-starts-later", "resume-gets-whole-206", "resume-without-content-range"),
    *("resume-content-range-equals", "resume-content-range-inverted", "resume-content-range-garbage"),
    *("resume-gets-less", "resume-overrun", "resume-one-byte-short", "resume-multipart"),
    *("garbage-partial", "stale-partial"),
)(TrustsA206)


@fails("CORRUPT", "resume-mislabelled")
class TrustsA206WithoutDigest(TrustsA206):
    """And does not compare the digest."""

    def check_digest(self, path: Path, answer: Answer) -> None:
        pass


@fails("CORRUPT", "file-changes-after-break")
class ResumesWithoutIfRange(TrustsA206):
    """Sends no precondition."""

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        return {"Range": f"bytes={partial.size}-"}


@fails("CORRUPT", "changed-file-ignores-if-range")
class TrustsIfRange(TrustsA206):
    """Believes that a 206 to If-Range is of the same file."""

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        return {"Range": f"bytes={partial.size}-", "If-Range": partial.etag or ""}


@fails("REFUSE", "resume-size-unknown")
class WantsTheSize(Perfect):
    """Refuses a range of a file of unknown size."""

    def check_206(self, answer: Answer, start: int, partial: Partial) -> int:
        if answer.content_range and answer.content_range[2] is None:
            raise FailedError("no size")
        return super().check_206(answer, start, partial)


@fails("REFUSE", "resume-content-range-capital")
class ComparesTheCase(Perfect):
    """Wants "bytes" in lower case."""

    def check_206(self, answer: Answer, start: int, partial: Partial) -> int:
        if not answer.get("content-range").startswith("bytes "):
            raise FailedError("unknown unit")
        return super().check_206(answer, start, partial)


@fails("REFUSE", "content-range-in-200")
class TakesA200ForAPart(Perfect):
    """Believes Content-Range whatever the status is."""

    def accept_status(self, answer: Answer) -> bool:
        if answer.get("content-range"):
            raise FailedError("a part was not wanted")
        return super().accept_status(answer)


@fails("MANNERS", "resume-and-gzip", "resume-gets-coded-206")
class AsksForGzipRanges(Perfect):
    """Accepts gzip with a Range."""

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        return super().resume_fields(partial) | {"Accept-Encoding": "gzip"}


@fails("REFUSE", "range-gets-406", "range-gets-416", "complete-file")
class NeverAsksWithoutRange(Perfect):
    """Fails at any error to a Range."""

    def take_error(self, answer: Answer, partial: Partial) -> None:
        raise FailedError(str(answer.status))


fails(
    "STUCK",
    *("partial-too-long", "partial-too-long-and-stale", "remote-is-smaller", "empty-file-over-partial"),
    "if-match-gets-412",
)(NeverAsksWithoutRange)


@fails("REFUSE", "suffix-gets-501", "several-get-501", "several-get-200")
class WantsItsRanges(Perfect):
    """Cannot do without the ranges that it asks for."""

    def _in_special_ways(self, url: str, partial: Partial, file: Path) -> bool:
        wanted = "bytes=-100" if self.options.suffix else "bytes=0-999,2000-2999"
        if self.open(url, "GET", {"Range": wanted}).status != 206:
            raise FailedError("no ranges")
        return super()._in_special_ways(url, partial, file)


@fails("CORRUPT", "suffix-gets-200")
class TakesTheBeginningForTheEnd(Perfect):
    """Takes the first bytes of a 200 for the last bytes of the file."""

    def take_end(self, answer: Answer, url: str, partial: Partial, file: Path) -> bool:
        assert self.size
        end = b"".join(self.body_of(answer))[:100]
        partial.path.write_bytes(self.piece(url, 0, self.size - 100) + end)
        partial.finish(file)
        return True


@fails("CORRUPT", "several-get-first")
class TakesOneRangeForAll(Perfect):
    """Writes what comes."""

    def by_several(self, url: str, partial: Partial, file: Path) -> bool:
        answer = self.open(url, "GET", {"Range": "bytes=0-999,2000-2999"})
        partial.path.write_bytes(b"".join(self.body_of(answer)))
        partial.finish(file)
        return True


@fails("CORRUPT", "complete-file-416-text")
class AppendsTheError(Perfect):
    """Appends the text of a 416."""

    def on_416(self, answer: Answer, partial: Partial) -> bool:
        with partial.path.open("ab") as output:
            output.writelines(self.body_of(answer))
        return True


@fails("LOOP", "complete-file-empty-206", "complete-file-206-star")
class WantsMore(Perfect):
    """Asks on after an empty 206."""

    tries = 30

    def take_rest(self, answer: Answer, partial: Partial) -> None:
        if not answer.length:
            raise BrokenError("nothing came")
        super().take_rest(answer, partial)


@fails("REFUSE", "empty-file")
class WantsAByte(Perfect):
    """Takes an empty file for an error."""

    def head(self, url: str) -> int | None:
        if super().head(url) == 0:
            raise FailedError("empty")
        return None


# --- changes


@fails("CORRUPT", "file-changes-between-parts")
class MixesVersions(Perfect):
    """Does not compare the ETags of parts."""

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        return all(part.good for part in parts)


@fails("REFUSE", "etag-rotates")
class GivesUpAtAChange(Perfect):
    """Fails when the ETag is another one."""

    def take_all(self, answer: Answer, partial: Partial) -> None:
        if partial.etag and partial.etag != answer.get("etag"):
            raise FailedError("the file has changed")
        super().take_all(answer, partial)


@fails("MANNERS", "weak-etag")
class SendsWeakEtags(Perfect):
    """Sends any ETag in If-Range."""

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        return {"Range": f"bytes={partial.size}-", "If-Range": partial.etag or ""}


@fails("WASTE", "no-validators", "hidden-ranges", "resume-gets-rest", "break-and-resume")
class BeginsAgain(Perfect):
    """Throws away what it has when it cannot go on as it likes: here always, but it asks first."""

    def take_rest(self, answer: Answer, partial: Partial) -> None:
        raise RestartError("no")


@fails("CORRUPT", "cut-file-seems-current")
class BelievesTheClockOfTheFile(Perfect):
    """Makes If-Modified-Since from the time of the file."""

    def download(self, url: str, file: Path) -> None:
        since = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        if not file.exists() or self.open(url, "GET", {"If-Modified-Since": since}).status != 304:
            super().download(url, file)


@fails("CORRUPT", "same-size-other-bytes", "killed-with-gaps")
class BelievesTheSize(Perfect):
    """Takes a file of the right size for the file; and gives its own that size at once."""

    def download(self, url: str, file: Path) -> None:
        size = self.head(url)
        if file.exists() and file.stat().st_size == size:
            return
        file.write_bytes(bytes(size or 0))
        super().download(url, file)


# --- bodies


@fails("CORRUPT", "close-early", "reset-early", "chunks-cut")
class CountsNoBytes(Perfect):
    """Takes the end of the connection for that of the file."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        with contextlib.suppress(BrokenError):
            yield from answer.body()


@fails(
    "CORRUPT",
    *("close-early-without-length", "wrong-byte-each-time", "portal-page", "empty-body"),
)
class ComparesNoDigest(Perfect):
    """Does not compare the digest."""

    def check_digest(self, path: Path, answer: Answer) -> None:
        pass


@fails("LOOP", "last-chunk-missing", "length-too-long")
class TriesForEver(Perfect):
    """Begins again after each break."""

    tries = 30

    def one_try(self, url: str, partial: Partial, file: Path, *, plain: bool) -> None:
        if partial.etag is not None:
            partial.drop()
        super().one_try(url, partial, file, plain=plain)


@fails("HANG", "length-too-long-and-open", "silence-in-the-body", "no-head", "last-part-stalls")
class Patient(Perfect):
    """Has no time limit."""

    silence = 3600.0


@fails("HANG", "head-hangs")
class PatientWithHead(Perfect):
    """Has no time limit for HEAD."""

    head_silence = 3600.0


@fails("HANG", "trickle")
class PatientWithTrickles(Perfect):
    """Notices no slowness."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        yield from answer.raw()


class Leftovers(Perfect):
    """Takes what is left of one answer for the beginning of the next file."""

    surplus = b""
    worth_a_new_connection = ()

    def keep(self, answer: Answer) -> None:
        self._kept[answer.socket.name] = answer.socket

    def request(self, connection: Socket, url: str, method: str, fields: dict[str, str]) -> Answer:
        wire.send(connection, url, method, fields)
        line = connection.line()
        while b"HTTP/1" not in line:
            self.surplus += line
            line = connection.line()
        more, _, rest = line.partition(b"HTTP/1")
        self.surplus += more
        connection._buffer = b"HTTP/1" + rest + b"\r\n" + connection._buffer
        return wire.read_head(connection, method)

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        yield self.surplus
        yield from answer.body()

    def take_error(self, answer: Answer, partial: Partial) -> None:
        self.keep(answer)
        partial.path.touch()


fails("CORRUPT", "length-too-short-then-next", "error-then-next")(Leftovers)


@fails("CORRUPT", "length-and-chunks")
class BelievesTheLength(Perfect):
    """Takes chunks for content."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        yield from answer.socket.exactly(int(answer.get("content-length")))


@fails("CORRUPT", "two-lengths", "length-negative", "length-garbage")
class TakesTheLastLength(Perfect):
    """Reads the last Content-Length as a number, whatever it is; what is none is 0."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        last = answer.get("content-length").split(",")[-1].strip()
        yield from answer.socket.exactly(int(last) if last.isdigit() else 0)


@fails("REFUSE", "plain-download", spoils=("resume-gets-rest", "redirect-once"))
class NeverSatisfied(Perfect):
    """Fails at anything."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        raise FailedError("no")


@fails("REFUSE", "chunked", "no-length")
class WantsALength(Perfect):
    """Refuses an answer without Content-Length."""

    def accept_status(self, answer: Answer) -> bool:
        if not answer.get("content-length"):
            raise FailedError("no length")
        return super().accept_status(answer)


@fails("REFUSE", "no-ranges")
class WantsRanges(Perfect):
    """Refuses a server without Accept-Ranges."""

    def accept_status(self, answer: Answer) -> bool:
        if not answer.get("accept-ranges"):
            raise FailedError("no ranges")
        return super().accept_status(answer)


@fails("REFUSE", "chunk-trailers", "chunk-extensions", "chunk-size-zeros")
class SimpleChunks(Perfect):
    """Reads only the simplest chunks."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        if not answer.get("transfer-encoding"):
            yield from answer.body()
            return
        while size := answer.socket.line():
            if not re.fullmatch(rb"[0-9a-f]{1,16}", size):
                raise FailedError("a chunk of another kind")
            if size == b"0" and answer.socket.line():
                raise FailedError("a trailer")
            yield from answer.socket.exactly(int(size, 16))
            if size == b"0":
                break
            answer.socket.line()


@fails("CORRUPT", "chunk-size-overflow")
class ReadsOnBehindTheChunk(Perfect):
    """Takes all that comes after the first size for content."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        if not answer.get("transfer-encoding"):
            yield from answer.body()
            return
        answer.socket.line()
        yield from answer.socket.to_the_end()


@fails("REFUSE", "close-at-the-end")
class WantsAnOpenConnection(Perfect):
    """Takes the end of the connection after the last byte for an error."""

    def keep(self, answer: Answer) -> None:
        if answer.socket.receive() == b"":
            raise FailedError("the server has left")


@fails("STUCK", "break-once")
class RefusesItsOwnPart(Perfect):
    """Fails when there is a partial file."""

    tries = 1

    def before_file(self, file: Path) -> None:
        if Partial(file).etag is not None:
            raise FailedError("there is a partial file")

    def _try_again_and_again(self, url: str, partial: Partial, file: Path) -> None:
        self.one_try(url, partial, file, plain=False)


@fails(
    "REFUSE",
    *("break-once-and-retry", "retry-after-past", "retry-after-negative", "retry-after-garbage", "pause"),
)
class NeverTriesAgain(Perfect):
    """Tries once, and has little patience."""

    silence = 1.0

    def _try_again_and_again(self, url: str, partial: Partial, file: Path) -> None:
        self.one_try(url, partial, file, plain=False)


# --- HEAD, pieces, parts


@fails("REFUSE", "head-gets-403", "head-gets-404", "head-gets-405", "head-gets-501", "head-says-no-length")
@fails("REFUSE", "complete-file-without-length")
class WantsHead(Perfect):
    """Cannot do without HEAD."""

    def head(self, url: str) -> int | None:
        size = super().head(url)
        if size is None:
            raise FailedError("HEAD does not say")
        return size


@fails("CORRUPT", "head-says-0")
class BelievesHeadOfNothing(Perfect):
    """Fetches no file of 0 bytes."""

    def _in_special_ways(self, url: str, partial: Partial, file: Path) -> bool:
        if self.size == 0:
            file.touch()
        return self.size == 0


@fails("CORRUPT", "head-says-less")
class StopsWhereHeadSays(Perfect):
    """Writes no more than HEAD has said."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        os.truncate(partial.path, self.size or 0)
        super().finish(partial, file, answer)


@fails("REFUSE", "head-says-more")
class ComparesWithHead(Perfect):
    """Deletes a file that has not the size of HEAD."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        if partial.size != self.size:
            partial.drop()
            raise FailedError("sizes differ")
        super().finish(partial, file, answer)


@fails("WASTE", "probe-gets-200")
class ReadsAllForOneByte(Perfect):
    """Reads the whole file as an answer to its probe, and then once more for each piece."""

    def by_pieces(self, url: str, partial: Partial, file: Path) -> bool:
        for _ in range(3):
            list(self.body_of(self.open(url, "GET", {"Range": "bytes=0-0"})))
        return False


@fails("CORRUPT", "pieces-get-200")
class TakesTheBeginningForThePiece(Perfect):
    """Takes the first bytes of whatever comes for the piece."""

    def by_pieces(self, url: str, partial: Partial, file: Path) -> bool:
        assert self.size
        half = self.size // 2
        pieces = [b"".join(self.body_of(self.open(url, "GET", {"Range": f"bytes={at}-"})))[:half] for at in (0, half)]
        file.write_bytes(b"".join(pieces))
        return True


@fails("CORRUPT", "parts")
class JoinsPartsBackwards(Perfect):
    """Puts the parts in the wrong order."""

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        parts[0].path, parts[-1].path = parts[-1].path, parts[0].path
        return True


@fails(
    "CORRUPT",
    *("parts-get-200", "part-gets-html", "part-never-comes"),
    *("too-many-get-503", "too-many-get-429", "too-many-get-reset", "too-many-get-html"),
)
class TakesAnythingForAPart(Perfect):
    """Writes whatever comes where the part belongs."""

    def accepts_part(self, answer: Answer, part: Part) -> bool:
        return True

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        for part in parts:
            part.path.touch()
            os.truncate(part.path, part.stop - part.start)
        return True


@fails("CORRUPT", "one-byte-in-parts", "three-bytes-in-parts", "odd-size-in-parts")
class RoundsPartsDown(Perfect):
    """Makes all parts equally long, and leaves out the rest."""

    least_for_parts = 1

    def bounds(self, size: int, count: int) -> list[int]:
        return [size // count * number for number in range(count + 1)]

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        for part in parts:
            part.path.touch()
        return True


@fails("REFUSE", "every-answer-is-cut")
class CountsTries(Perfect):
    """Gives up after a number of breaks, with or without progress."""

    most_tries = 3

    def _try_again_and_again(self, url: str, partial: Partial, file: Path) -> None:
        try:
            super()._try_again_and_again(url, partial, file)
        except FailedError:
            partial.drop()
            raise


@fails("REFUSE", "all-connections-reset")
class NeedsAllParts(Perfect):
    """Fails when a part fails."""

    def parts_agree(self, parts: Sequence[Part]) -> bool:
        if not super().parts_agree(parts):
            print("a part has failed", file=sys.stderr)  # noqa: T201
            os._exit(1)
        return True


# --- status codes


@fails("CORRUPT", "not-found", "forbidden", "gone", "redirect-once", "login")
class SavesErrors(Perfect):
    """Saves the body of whatever comes."""

    def open(self, url: str, method: str, fields: dict[str, str], *, fresh: bool = False) -> Answer:
        answer = self._ask(url, method, fields, fresh=fresh)
        if answer.status == 401:
            self._ask(url, method, {**fields, **self.credentials_for(url, url)}, fresh=True)
        return answer

    def accept_status(self, answer: Answer) -> bool:
        return True


@fails("MANNERS", "busy-503", "busy-429", "retry-after-date")
class ComesAtOnce(Perfect):
    """Does not read Retry-After."""

    def wait_for(self, answer: Answer) -> float:
        return 0.0


@fails("MANNERS", "retry-after-old-date")
class KnowsOneForm(Perfect):
    """Knows only the newest form of dates."""

    def wait_for(self, answer: Answer) -> float:
        return super().wait_for(answer) if answer.get("retry-after").endswith("GMT") else 0.0


@fails("REFUSE", "retry-after-skewed")
class TrustsItsOwnClock(Perfect):
    """Compares the date with its own clock."""

    def wait_for(self, answer: Answer) -> float:
        moment = date_of(answer.get("retry-after"))
        if moment and moment.timestamp() - time.time() > 60:
            raise FailedError("too long")
        return super().wait_for(answer)


@fails("HANG", "retry-after-huge")
class SleepsAsTold(Perfect):
    """Sleeps as long as it is told."""

    def wait_for(self, answer: Answer) -> float:
        return 3600.0


@fails("STUCK", "wrong-byte-once", "wrong-byte-and-break")
class KeepsTheBadFile(Perfect):
    """Keeps what has the wrong digest, and resumes it."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        try:
            self.check_digest(partial.path, answer)
        except BrokenError as error:
            raise FailedError(str(error)) from None
        partial.finish(file)


@fails("CORRUPT", "closed-in-the-head", "no-answer")
class ContentWithNothing(Perfect):
    """Takes a connection that ends without a whole answer for an empty file."""

    def one_try(self, url: str, partial: Partial, file: Path, *, plain: bool) -> None:
        try:
            super().one_try(url, partial, file, plain=plain)
        except BrokenError:
            file.touch()


# --- redirects


class RemembersTheLink(Perfect):
    """Never asks the first URL again, not even in a later run."""

    def download(self, url: str, file: Path) -> None:
        note = file.with_name("link")
        if not note.exists():
            note.write_text(self.join_location(url, self._ask(url, "GET", {}, fresh=True).get("location")))
        super().download(note.read_text(), file)

    def head(self, url: str) -> int | None:
        return None

    def is_final(self, status: int) -> bool:
        return False

    def take_error(self, answer: Answer, partial: Partial) -> None:
        raise FailedError(str(answer.status))


fails("STUCK", "signed-link-expires")(RemembersTheLink)
fails("CORRUPT", "signed-link-expires-to-html")(RemembersTheLink)


@fails("REFUSE", "redirect-chain")
class FollowsTwice(Perfect):
    """Follows few redirects."""

    most_redirects = 3


@fails("LOOP", "redirect-loop")
class FollowsForEver(Perfect):
    """Follows very many redirects."""

    most_redirects = 300


@fails("REFUSE", "login-leaks")
class LogsInEverywhere(Perfect):
    """Sends its login to any host."""

    def credentials_for(self, url: str, first: str) -> dict[str, str]:
        return super().credentials_for(url, url)


@fails("WASTE", "resume-over-redirect", "resume-over-other-host")
class LosesTheRange(Perfect):
    """Sends Range to the first URL only."""

    def _ask(self, url: str, method: str, fields: dict[str, str], *, fresh: bool) -> Answer:
        if "redirect=0" in url:
            fields = {name: text for name, text in fields.items() if name != "Range"}
        return super()._ask(url, method, fields, fresh=fresh)


@fails("REFUSE", "location-relative")
class JoinsByHand(Perfect):
    """Takes a relative path for one from the root."""

    def join_location(self, url: str, location: str) -> str:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}/{location.lstrip('/')}"


@fails("REFUSE", "location-with-space", "location-with-raw-bytes")
class StrictAboutLocation(Perfect):
    """Refuses a Location with characters that may not be in it."""

    def join_location(self, url: str, location: str) -> str:
        if " " in location or not location.isascii():
            raise FailedError("that is no URL")
        return super().join_location(url, location)


# --- codings


@fails("CORRUPT", "gzip-unasked", "brotli-unasked", "zstd-unasked", "gzip-of-tar-gz", "x-gzip")
class SavesCodedBytes(Perfect):
    """Does not undo codings."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        yield from answer.raw()


@fails("CORRUPT", "gzip-said-only")
class IgnoresItsDecoder(Perfect):
    """Saves what its decoder has made until it failed."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        with contextlib.suppress(FailedError):
            yield from answer.body()


@fails("REFUSE", "gzip-with-length")
class ComparesCodedLengths(Perfect):
    """Compares the size of the file with the length of the coded bytes."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        if answer.get("content-encoding") and partial.size != answer.length:
            raise FailedError("sizes differ")
        super().finish(partial, file, answer)


@fails("REFUSE", "gzip-break-and-resume")
class ResumesDecodedBytes(Perfect):
    """Asks for a range of the coded bytes at the offset of the decoded ones."""

    def take_all(self, answer: Answer, partial: Partial) -> None:
        with partial.path.open("wb") as output:
            partial.note("")
            for data in self.body_of(answer):
                output.write(data)
                output.flush()

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        coding = "identity" if partial.etag is None else "gzip"
        return {"Range": f"bytes={self.resume_at(partial)}-", "Accept-Encoding": coding}

    def take_error(self, answer: Answer, partial: Partial) -> None:
        raise FailedError(str(answer.status))

    def check_206(self, answer: Answer, start: int, partial: Partial) -> int:
        if answer.get("content-encoding"):
            raise FailedError("cannot decode a part")
        return super().check_206(answer, start, partial)


@fails("REFUSE", "slow-but-steady")
class HasADeadline(Perfect):
    """Has a time limit for the whole transfer."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        deadline = time.monotonic() + 3
        for data in answer.body():
            if time.monotonic() > deadline:
                raise FailedError("too late")
            yield data


# --- sizes


@fails("REFUSE", "offset-beyond-2g", "offset-beyond-4g")
class CountsIn31Bits(Perfect):
    """Cannot count so far."""

    def check_206(self, answer: Answer, start: int, partial: Partial) -> int:
        if start >= 1 << 31:
            raise FailedError("too large")
        return super().check_206(answer, start, partial)


@fails("MEM", "memory")
class HoldsAll(Perfect):
    """Holds the file in memory."""

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        yield b"".join(answer.body())


@fails("WASTE", "large-file-twice")
class FetchesTwice(Perfect):
    """Begins again after the last byte."""

    def take_all(self, answer: Answer, partial: Partial) -> None:
        super().take_all(answer, partial)
        url = f"http://{answer.socket.name}{self.target}"
        for data in self.body_of(self.open(url, "GET", {})):
            if not data:
                break

    def open(self, url: str, method: str, fields: dict[str, str], *, fresh: bool = False) -> Answer:
        self.target = urlsplit(url).path + "?" + urlsplit(url).query
        return super().open(url, method, fields, fresh=fresh)


# --- names


class TrustsNames(Perfect):
    """Uses any name as it is."""

    def name_of(self, answer: Answer, url: str) -> str:
        said = answer.get("content-disposition")
        if star := re.search(r"filename\*=[\w-]+'[^']*'(\S+)", said):
            return unquote_to_bytes(star[1]).decode()
        plain = re.search(r'filename="((?:\\.|[^"\\])*)"', said)
        return plain[1] if plain else unquote(urlsplit(url).path.split("/", 2)[2])


fails("NAME", "name-climbs", "name-climbs-encoded", "name-is-absolute", "name-climbs-in-url")(TrustsNames)


@fails("REFUSE", "name-too-long", "name-has-control-characters")
class TrustsNamesAndFails(TrustsNames):
    """Fails at a name that the system does not take."""

    def download(self, url: str, file: Path) -> None:
        try:
            super().download(url, file)
        except ValueError as error:
            raise FailedError(str(error)) from None


@fails("CORRUPT", "name-is-dots")
class ContentWithoutName(TrustsNames):
    """Says success when there is no name to write to."""

    def download(self, url: str, file: Path) -> None:
        if self.name_of(self.open(url, "HEAD", {}), url) != "..":
            super().download(url, file)
        else:
            self.open(url, "GET", {})


@fails("CORRUPT", "name-is-taken")
class AppendsToTheOldFile(Perfect):
    """Appends to a file of that name."""

    def download(self, url: str, file: Path) -> None:
        if not self.options.names:
            super().download(url, file)
            return
        answer = self.open(url, "GET", {})
        with (file / self.name_of(answer, url)).open("ab") as output:
            output.writelines(self.body_of(answer))


@fails("REFUSE", "modified-garbage", "modified-in-1970", "modified-in-future")
class WantsAnOrdinaryDate(Perfect):
    """Fails when it cannot make a time of Last-Modified that it likes."""

    def finish(self, partial: Partial, file: Path, answer: Answer) -> None:
        moment = date_of(answer.get("last-modified"))
        if moment is None or not 0 < moment.timestamp() < 1 << 32:
            raise FailedError("no date")
        super().finish(partial, file, answer)


# --- the protocol


@fails("CORRUPT", "early-100", "early-102", "early-103")
class TakesTheFirstAnswer(Perfect):
    """Takes an interim answer for the final one."""

    def request(self, connection: Socket, url: str, method: str, fields: dict[str, str]) -> Answer:
        wire.send(connection, url, method, fields)
        return wire.read_head(connection, method)

    def accept_status(self, answer: Answer) -> bool:
        return answer.status < 300

    def body_of(self, answer: Answer) -> Iterator[bytes]:
        if answer.status >= 200:
            yield from answer.body()


@fails("REFUSE", "http-1-0")
class WantsTheNewVersion(Perfect):
    """Refuses HTTP/1.0."""

    def accept_status(self, answer: Answer) -> bool:
        if answer.version != "HTTP/1.1":
            raise FailedError("an old version")
        return super().accept_status(answer)


@fails("REFUSE", "http-1-0-then-next", "reused-connection-closes", "reused-connection-resets")
class UsesDeadConnections(Perfect):
    """Uses every connection again, and opens no other one."""

    worth_a_new_connection = ()

    def keep(self, answer: Answer) -> None:
        self._kept[answer.socket.name] = answer.socket

    def _try_again_and_again(self, url: str, partial: Partial, file: Path) -> None:
        self.one_try(url, partial, file, plain=False)


# --- the client itself


@fails("CORRUPT", "interrupted", "killed", spoils=("resume-gets-rest",))
class WritesUnderTheFinalName(Perfect):
    """Writes in place, and takes what is there for complete."""

    def download(self, url: str, file: Path) -> None:
        if file.exists():
            return
        answer = self.open(url, "GET", {})
        with file.open("wb", buffering=0) as output:
            for data in self.body_of(answer):
                output.write(data)


@fails("CORRUPT", "two-at-once", spoils=("resume-gets-rest",))
class AppendsWithoutLock(Perfect):
    """Two of it append to one file."""

    def download(self, url: str, file: Path) -> None:
        with file.open("ab", buffering=0) as output:
            for data in self.body_of(self.open(url, "GET", {})):
                output.write(data)


@fails("CORRUPT", "broken-twice")
class SecondSeamIsOff(TrustsA206):
    """Counts the second seam from the first one, and is off by a byte."""

    seams = 0

    def resume_fields(self, partial: Partial) -> dict[str, str]:
        self.seams += 1
        return {"Range": f"bytes={partial.size + (self.seams > 1)}-"}

    def take_rest(self, answer: Answer, partial: Partial) -> None:
        super().take_rest(answer, partial)


@fails("CORRUPT", "disk-full")
class IgnoresTheDisk(Perfect):
    """Does not look at whether a write went well."""

    def take_all(self, answer: Answer, partial: Partial) -> None:
        with contextlib.suppress(OSError):
            super().take_all(answer, partial)


@fails("LOST", "old-file-and-503", "old-file-and-break")
class WritesInPlace(Perfect):
    """Empties the file first."""

    def before_file(self, file: Path) -> None:
        file.write_bytes(b"")


if __name__ == "__main__":
    sys.exit(main(WRONG[sys.argv[1]].kind, sys.argv[2:]))
