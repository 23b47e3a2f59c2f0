"""Faults on the wire: what the client's socket sees of each fault, over TCP and over TLS."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import trustme
from twisted.internet.interfaces import IStreamServerEndpointStringParser
from twisted.plugin import getPlugins

from doubles import parse_chunks, parse_multipart, parse_response
from fakefiles.files.kinds import RULER
from processes import PATIENCE, ServerProcess, eventually, read_all, run_tool, running

FILE = RULER.read(0, 1 << 20)
#: Seconds without a byte after which a test concludes that none will come.
SILENCE = 0.3


class Client:
    """Talks to a server through raw sockets, plain or with TLS, with a tag of its own."""

    def __init__(self, server: ServerProcess, context: ssl.SSLContext | None = None) -> None:
        self.server = server
        self.tag = uuid4().hex
        self._context = context

    def ask(self, target: str, *fields: str, method: str = "GET") -> socket.socket:
        """Return a connection on which a request was sent."""
        connection = self.server.connect()
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_hostname="localhost", suppress_ragged_eofs=False)
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *fields]
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n")
        return connection

    def get(self, target: str, *fields: str) -> socket.socket:
        """Ask for 1 MiB of ruler; `target` is the rest of the query."""
        return self.ask(f"/1m?content=ruler&tag={self.tag}&{target}", *fields)

    def control(self, target: str, method: str = "GET") -> bytes:
        """Return the body of an answer of the server about itself."""
        with self.ask(target, "Connection: close", method=method) as connection:
            return parse_response(read_all(connection), method)[0].body

    def records(self) -> list[dict[str, Any]]:
        """Return the journal's records of this client."""
        records: list[dict[str, Any]] = json.loads(self.control(f"/-/journal?tag={self.tag}"))["records"]
        return records

    def fired(self) -> list[list[str]]:
        """Return the faults of each request of this client."""
        return [record["faults"] for record in self.records()]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, ssl.SSLContext]]:
    """Return a server that speaks TLS, and what trusts it."""
    if "tls" not in {parser.prefix for parser in getPlugins(IStreamServerEndpointStringParser)}:
        pytest.skip("this Twisted has no tls: endpoint; it came with 26.4")
    folder = tmp_path_factory.mktemp("pem")
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "localhost.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    endpoint = f"tls:{folder}:port=0:interface=127.0.0.1"
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--quiet", "--listen", endpoint) as process:
        yield process, context


@pytest.fixture(params=["tcp", "tls"])
def client(request: pytest.FixtureRequest) -> Client:
    """Return a client of a server, over each transport."""
    if request.param == "tcp":
        return Client(request.getfixturevalue("server"))
    return Client(*request.getfixturevalue("tls"))


def until_the_end(connection: socket.socket) -> tuple[bytes, bytes, bool]:
    """Return the head and the body of an answer, and whether the connection was reset after it."""
    received, reset = b"", False
    with connection:
        try:
            while data := connection.recv(65536):
                received += data
        except (ConnectionResetError, ssl.SSLEOFError):  # with TLS, a reset shows as an end without close_notify
            reset = True
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body, reset


def until_body_of(connection: socket.socket, size: int) -> bytes:
    """Return the answer, after a check that it is a head and a body of N bytes, and nothing else."""
    received = b""
    while len(received.partition(b"\r\n\r\n")[2]) < size:
        data = connection.recv(65536)
        assert data, "closed too early"
        received += data
    assert len(received.partition(b"\r\n\r\n")[2]) == size
    return received


def is_silent(connection: socket.socket) -> bool:
    """Return whether no bytes come while the connection stays open."""
    connection.settimeout(SILENCE)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(PATIENCE)
    return False


@pytest.mark.parametrize("framing", ["length", "close"])
@pytest.mark.parametrize(("name", "resets"), [("reset", True), ("close", False)])
def test_cut(client: Client, name: str, framing: str, resets: bool) -> None:  # noqa: FBT001
    """All bytes up to the offset arrive, then a FIN or an RST, and nothing else."""
    _, body, reset = until_the_end(client.get(f"{name}=50%25&framing={framing}"))
    assert body == FILE[: len(FILE) // 2]
    assert reset is resets
    eventually(lambda: client.fired() == [[f"{name}@{len(FILE) // 2}"]], "the journal knows")
    assert client.records()[0]["end"] == "fault"


def test_cut_in_a_chunk(client: Client) -> None:
    """The chunk is shorter than it says."""
    _, body, _ = until_the_end(client.get("close=100&framing=chunked&chunk_size=1k"))
    assert body == b"400\r\n" + FILE[:100]


def test_a_resumed_download_passes(client: Client) -> None:
    """A download that breaks at an offset succeeds in two parts."""
    _, first, _ = until_the_end(client.get("reset=300k"))
    assert len(first) == 300 * 1024
    with client.get("reset=300k", f"Range: bytes={len(first)}-", "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert first + response.body == FILE
    eventually(lambda: client.fired() == [["reset@307200"], []], "the journal knows")


def test_stall_for_ever(client: Client) -> None:
    """Nothing more is sent, nor is the connection closed, until the client leaves."""
    with client.get("stall=1000") as connection:
        assert until_body_of(connection, 1000).endswith(FILE[:1000])
        assert is_silent(connection)
    eventually(lambda: client.records()[0]["end"] == "client left", "the journal knows")


def test_stall_for_a_while(client: Client) -> None:
    """After N seconds, the rest arrives."""
    began = time.monotonic()
    with client.get("stall=50%25:0.3s", "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert response.body == FILE
    assert time.monotonic() - began >= 0.3


def test_hold(client: Client) -> None:
    """A held transfer goes on when the test releases it."""
    with client.get("hold=50%25", "Connection: close") as connection:
        received = until_body_of(connection, len(FILE) // 2)
        assert client.fired() == [["hold@524288"]]
        assert is_silent(connection)
        client.control(f"/-/journal/{client.records()[0]['number']}/release", method="POST")
        received += read_all(connection)
    assert parse_response(received)[0].body == FILE


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_flip(client: Client, framing: str) -> None:
    """One bit is wrong, in the whole file and in every part that has it."""
    wrong = bytearray(FILE)
    wrong[70_000] ^= 1
    with client.get(f"flip=70000&framing={framing}", "Connection: close") as connection:
        assert parse_response(read_all(connection))[0].body == bytes(wrong)
    fields = ("Range: bytes=69990-70010,0-9", "Connection: close")
    with client.get(f"flip=70000&framing={framing}", *fields) as connection:
        parts = parse_multipart(parse_response(read_all(connection))[0])
    assert [data for _, data in parts] == [bytes(wrong[69_990:70_011]), FILE[:10]]
    eventually(lambda: client.fired() == [["flip@70000"]] * 2, "the journal knows")


@pytest.mark.parametrize(("how", "resets"), [("close", False), ("reset", True), ("headers", False)])
def test_refuse(client: Client, how: str, resets: bool) -> None:  # noqa: FBT001
    """The client gets no answer, or half of its head."""
    head, body, reset = until_the_end(client.get(f"refuse={how}"))
    assert body == b""
    assert reset is resets
    assert head.startswith(b"HTTP/1.1 200 ") is (how == "headers")
    assert b"\r\n\r\n" not in head
    eventually(lambda: client.fired() == [[f"refuse={how}"]], "the journal knows")


def test_delay(client: Client) -> None:
    """Nothing arrives before the delay is over."""
    began = time.monotonic()
    with client.get("delay=0.2&status=503&retry_after=1", "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert time.monotonic() - began >= 0.2
    assert (response.status, response.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(
    "query", ["rate=2m", "duration=0.5", "rate=2m&framing=chunked&drip=10k", "rate=2m&jitter=10ms"]
)
def test_pace(client: Client, query: str) -> None:
    """The bytes are those of the file, and arrive no sooner than the rate allows."""
    began = time.monotonic()
    with client.get(query, "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert response.body == FILE
    assert time.monotonic() - began >= 0.49


def test_bucket(client: Client) -> None:
    """Two downloads that share a bucket take as long together as one after the other."""
    began = time.monotonic()
    connections = [client.get("rate=4m&bucket=b", "Connection: close") for _ in range(2)]
    for connection in connections:
        with connection:
            assert parse_response(read_all(connection))[0].body == FILE
    assert time.monotonic() - began >= 0.49


@pytest.mark.parametrize(
    ("lie", "told"), [("short:1000", b"1047576"), ("long:1000", b"1049576"), ("garbage", b"many"), ("none", None)]
)
def test_length(client: Client, lie: str, told: bytes | None) -> None:
    """The whole file arrives, whatever Content-Length says, then a FIN."""
    head, body, reset = until_the_end(client.get(f"length={lie}"))
    assert (body, reset) == (FILE, False)
    assert (b"Content-Length: " + (told or b"") in head) is (told is not None)


def test_surplus(client: Client) -> None:
    """What is beyond a short length comes before the next answer, on the same connection."""
    target = f"/1m?content=ruler&tag={client.tag}&length=spill:1000"
    with client.ask(target) as connection:
        until_body_of(connection, 1 << 20)
        connection.sendall(b"GET /3?content=ones HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert parse_response(read_all(connection))[0].body == b"111"
    assert client.fired() == [["length=spill:1000"]]


@pytest.mark.parametrize("how", ["close", "reset"])
def test_reused(client: Client, how: str) -> None:
    """A used connection ends when the next request arrives."""
    target = f"/10?tag={client.tag}&reused={how}"
    connection = client.ask(target)
    assert until_body_of(connection, 10).endswith(b"1" * 10)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert until_the_end(connection) == (b"", b"", how == "reset")
    assert client.fired() == [[], [f"reused={how}"]]


def test_early(client: Client) -> None:
    """The interim answer comes long before the answer."""
    with client.ask(f"/10?tag={client.tag}&early=103&delay=0.3", "Connection: close") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 103 Early Hints\r\n")
        assert parse_response(read_all(connection))[0].body == b"1" * 10


def test_no_last_chunk(client: Client) -> None:
    """All chunks arrive, except for the last chunk."""
    _, body, reset = until_the_end(client.get("framing=chunked&lastchunk=off"))
    assert not reset
    assert not body.endswith(b"0\r\n\r\n")
    assert b"".join(parse_chunks(body + b"0\r\n\r\n")[0]) == FILE


def test_gzip(client: Client) -> None:
    """The body can be decompressed, even where it compresses so well that the server sends nothing for long."""
    with client.get("encoding=gzip", "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert gzip.decompress(response.body) == FILE
    with client.ask("/20m?content=zeros&encoding=gzip", "Connection: close") as connection:
        response, _ = parse_response(read_all(connection))
    assert gzip.decompress(response.body) == bytes(20 << 20)


def test_fail(client: Client) -> None:
    """With fail=2, the third request succeeds; after a reset of the counters, it fails again."""
    for _ in range(2):
        assert len(until_the_end(client.get("close=10&fail=2"))[1]) == 10
    assert until_the_end(client.get("close=10&fail=2", "Connection: close"))[1] == FILE
    client.control(f"/-/journal?tag={client.tag}", method="DELETE")
    assert len(until_the_end(client.get("close=10&fail=2"))[1]) == 10


LOGINS = [
    ("basic", ("curl", "-sf", "--anyauth", "-u", "me:pass word", "-o", "x")),
    ("digest", ("curl", "-sf", "--anyauth", "-u", "me:pass word", "-o", "x")),
    ("digest-sha-256", ("curl", "-sf", "--digest", "-u", "me:pass word", "-o", "x")),
    ("basic", ("wget", "-q", "--user=me", "--password=pass word", "-O", "x")),
    ("digest", ("wget", "-q", "--user=me", "--password=pass word", "-O", "x")),
    ("basic", ("aria2c", "-q", "--http-user=me", "--http-passwd=pass word", "-o", "x")),
]


@pytest.mark.parametrize(("scheme", "command"), LOGINS, ids=str)
def test_login(server: ServerProcess, scheme: str, command: tuple[str, ...], tmp_path: Path) -> None:
    """Real clients can log in, and do not get in without a login."""
    url = f"http://127.0.0.1:{server.port}/1m/x?content=ruler&auth={scheme}&user=me&password=pass%20word&redirect=2"
    follow = ["-L"] if command[0] == "curl" else []
    assert run_tool(*command, *follow, url, folder=tmp_path).returncode == 0
    assert (tmp_path / "x").read_bytes() == FILE
    wrong = [argument.replace("pass word", "wrong") for argument in command]
    assert run_tool(*wrong, *follow, url, folder=tmp_path).returncode != 0


# A fault, and the exit status of curl (see "man curl").
CURL = [
    ("reset=50%25", 56),
    ("close=50%25", 18),
    ("close=50%25&framing=chunked", 18),
    ("refuse=close", 52),
    ("refuse=reset", 56),
    ("length=long:10", 18),
    ("length=garbage", 8),
    ("framing=chunked&lastchunk=off", 18),
    ("encoding=lie", 61),
    ("status=404", 22),
    ("redirect=51", 47),
    ("length=none", 0),
    ("ranges=shift:100", 0),
]


@pytest.mark.parametrize(("query", "status"), CURL)
def test_curl(server: ServerProcess, query: str, status: int, tmp_path: Path) -> None:
    """A good client notices the fault."""
    url = f"http://127.0.0.1:{server.port}/1m?content=ruler&{query}"
    command = ("curl", "-sfL", "--compressed", "-o", "x", url)
    assert run_tool(*command, folder=tmp_path).returncode == status


def test_aria2_resumes(server: ServerProcess, tmp_path: Path) -> None:
    """A download that is reset on its first two attempts is complete and correct at the end."""
    url = f"http://127.0.0.1:{server.port}/1m/y?content=ruler&reset=60%25&fail=2&tag={uuid4().hex}"
    assert run_tool("aria2c", "-q", "--retry-wait=0", "-x1", url, folder=tmp_path).returncode == 0
    assert (tmp_path / "y").read_bytes() == FILE


def test_head_apart(client: Client) -> None:
    """HEAD may be an error, or never be answered, on a connection that goes on with GET."""
    target = f"/10?content=ruler&tag={client.tag}&head="
    with client.ask(f"{target}405", method="HEAD") as connection:
        connection.sendall(f"GET {target}405 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        refused, rest = parse_response(read_all(connection), "HEAD")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, OPTIONS")
    assert parse_response(rest)[0].body == FILE[:10]
    with client.ask(f"{target}hang", method="HEAD") as connection:
        assert is_silent(connection)
    eventually(lambda: client.fired() == [["head=405"], [], ["head=hang"]], "the journal knows")


@pytest.mark.parametrize(
    ("query", "asked", "label", "body"),
    [
        ("partial=whole", "1000-", "bytes 0-1048575/1048576", FILE),
        ("partial=overrun:300000", "0-9", "bytes 0-9/1048576", FILE[:10] + b"!" * 300_000),
        ("partial=cap:500k", "1000-", "bytes 1000-512999/1048576", FILE[1000 : 1000 + 500 * 1024]),
        ("at_end=206-open", "1048576-", "bytes 1048576-/1048576", b""),
    ],
)
def test_partial(client: Client, query: str, asked: str, label: str, body: bytes) -> None:
    """A 206 that has more or less than asked is complete on the wire."""
    with client.get(query, f"Range: bytes={asked}", "Connection: close") as connection:
        response, rest = parse_response(read_all(connection))
    assert (response.status, response.headers["content-range"], rest) == (206, label, b"")
    assert response.body == body


def location_of(server: ServerProcess, target: str, host: str) -> str:
    """Return the Location of an answer, decoded as latin-1."""
    with server.connect() as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return parse_response(read_all(connection))[0].headers["location"]


def test_location(server: ServerProcess) -> None:
    """Location has the very bytes that the URL wants."""
    shape = "redirect=1&location"
    assert location_of(server, f"/1/a%20b?{shape}=space", "h") == f"/1/a b?{shape.replace('1', '0')}=space"
    raw = location_of(server, f"/1/%C3%A9%FF?{shape}=raw", "h")
    assert raw == f"/1/\xc3\xa9\xff?{shape.replace('1', '0')}=raw"


@pytest.mark.parametrize(
    ("query", "status", "hops"),
    [
        ("redirect=3&redirect_host=127.0.0.1,localhost", 0, 3),
        ("redirect=1&location=relative", 0, 1),
        ("redirect=1&location=absolute", 0, 1),
        ("signed=1&redirect_host=127.0.0.1", 0, 1),
        ("redirect=loop", 47, 50),
    ],
)
def test_curl_follows(server: ServerProcess, query: str, status: int, hops: int, tmp_path: Path) -> None:
    """A good client comes to the file by any host of the server, and does not follow for ever."""
    url = f"http://localhost:{server.port}/1m/x?content=ruler&{query}"
    result = run_tool("curl", "-sL", "--max-redirs", "50", "-w", "%{num_redirects}", "-o", "x", url, folder=tmp_path)
    assert (result.returncode, result.stdout) == (status, str(hops))
    assert status or (tmp_path / "x").read_bytes() == FILE


def test_curl_leaks_nothing(server: ServerProcess, tmp_path: Path) -> None:
    """With -L, curl keeps the credentials for one host to itself; with --location-trusted it is refused."""
    query = "auth=basic&user=u&password=p&signed=9&leak=400&redirect_host=127.0.0.1"
    command = ("curl", "-sf", "-u", "u:p", "-o", "x", f"http://localhost:{server.port}/1m/x?content=ruler&{query}")
    assert run_tool(*command, "-L", folder=tmp_path).returncode == 0
    assert (tmp_path / "x").read_bytes() == FILE
    assert run_tool(*command, "--location-trusted", folder=tmp_path).returncode == 22


@pytest.mark.parametrize(("over", "seen"), [("429", b"HTTP/1.1 429 "), ("reset", None), ("hang", b"")])
def test_limit(client: Client, over: str, seen: bytes | None) -> None:
    """The second of two clients gets what the URL wants; when the first has left, another one is served."""
    query = f"limit=1&over={over}&hold=0"
    with client.get(query):
        eventually(lambda: client.records()[0]["faults"] == ["hold@0"], "served")
        with client.get(query) as second:
            second.settimeout(SILENCE if over == "hang" else PATIENCE)
            if seen is None:
                with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
                    second.recv(1)
            elif seen:
                assert second.recv(1000).startswith(seen)
            else:
                with pytest.raises(TimeoutError):
                    second.recv(1)
    eventually(lambda: client.records()[0]["end"] is not None, "gone")
    with client.get(query) as third:
        assert third.recv(1000).startswith(b"HTTP/1.1 200 OK")
    assert client.fired()[1] == [f"over={over}"]


def test_spelled_fields(client: Client) -> None:
    """The bytes of a name and of fields arrive as they are, with those of a range."""
    with client.get(
        "disposition=raw-latin1&filename=%C3%A9&header=Set-Cookie:a&header=Set-Cookie:b&header=server:x",
        "Range: bytes=5-9",
        "Connection: close",
    ) as connection:
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert head.endswith(
        b'\r\nContent-Disposition: attachment; filename="\xe9"\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nserver: x'
    )
    assert head.count(b"erver: ") == 1
    assert body == FILE[5:10]
    assert client.fired() == [["disposition=raw-latin1", "header=Set-Cookie", "header=Set-Cookie", "header=server"]]
