"""TLS, through Twisted's tls: endpoint."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme
from twisted.internet.interfaces import IStreamServerEndpointStringParser
from twisted.plugin import getPlugins

from doubles import parse_response
from processes import PATIENCE, ServerProcess, running

GET = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Return a certificate authority for this run."""
    return trustme.CA()


@pytest.fixture(scope="module")
def endpoint(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return an endpoint that speaks TLS, on a free port."""
    if "tls" not in {parser.prefix for parser in getPlugins(IStreamServerEndpointStringParser)}:
        pytest.skip("this Twisted has no tls: endpoint; it came with 26.4")
    folder = tmp_path_factory.mktemp("pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "localhost.pem")
    return f"tls:{folder}:port=0:interface=127.0.0.1"


@pytest.fixture(scope="module")
def server(endpoint: str) -> Iterator[ServerProcess]:
    """Return a server that speaks TLS."""
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--quiet", "--listen", endpoint) as process:
        yield process


def test_clients_without_a_name(authority: trustme.CA, tmp_path: Path) -> None:
    """A client that connects to an address sends no server name; it is served, without a line in the log."""
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "a.pem")
    with running("fakefiles", "--quiet", "--listen", f"tls:{tmp_path}:port=0:interface=127.0.0.1") as server:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        with context.wrap_socket(server.connect(), server_hostname="127.0.0.1") as client:
            client.sendall(GET % b"/1")
            assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        server.stop()
        assert "certificate" not in "".join(server.log)


def connect(server: ServerProcess, authority: trustme.CA) -> ssl.SSLSocket:
    """Return a connection after the TLS handshake."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.configure_trust(context)
    return context.wrap_socket(server.connect(), server_hostname="localhost")


def receive(client: socket.socket, size: int) -> bytes:
    """Return exactly N bytes."""
    data = bytearray()
    while len(data) < size:
        block = client.recv(size - len(data))
        assert block, "closed too early"
        data += block
    return bytes(data)


def test_the_same_bytes(server: ServerProcess, authority: trustme.CA) -> None:
    """Whole files, ranges and chunks, one after the other on one connection; ALPN selects HTTP/1.1."""
    with connect(server, authority) as client:
        assert client.selected_alpn_protocol() == "http/1.1"
        client.sendall(GET % b"/5m")
        head = receive(client, 1000)
        response, _ = parse_response(head + receive(client, head.index(b"\r\n\r\n") + 4 + 5 * 2**20 - 1000))
        assert response.body == b"1" * 5 * 2**20
        client.sendall(b"GET /1t HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0,-2\r\nConnection: close\r\n\r\n")
        data = b""
        while block := client.recv(65536):
            data += block
        response, _ = parse_response(data)
        assert (response.status, response.body.count(b"\r\n\r\n1")) == (206, 2)


def test_https_is_logged(server: ServerProcess) -> None:
    """The URL in the log can be opened."""
    assert server.url == f"https://127.0.0.1:{server.port}/"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("requests", [GET % b"/1t", GET % b"/1t" + GET % b"/1t", GET % b"/300k" * 200])
def test_a_client_that_never_reads(endpoint: str, authority: trustme.CA, requests: bytes) -> None:
    """A client that never reads costs at most 256 KiB, besides OpenSSL's own memory, pipelined or not.

    Each time the server is a new one: memory that others have given back would hide what these clients take.
    """
    with ExitStack() as stack:
        command = ("twistd", "-n", "--pidfile=", "fakefiles", "--quiet", "--listen", endpoint)
        server = stack.enter_context(running(*command))
        clients = [stack.enter_context(connect(server, authority)) for _ in range(40)]
        server.wait_until_idle()
        before = server.memory()
        for client in clients:
            client.sendall(requests)
        server.wait_until_idle()
        assert server.memory() - before < len(clients) * 256 * 1024


def test_pipelined_answers_all_come(server: ServerProcess, authority: trustme.CA) -> None:
    """A client that reads late gets the answers to all its pipelined requests."""
    with connect(server, authority) as client:
        client.settimeout(PATIENCE)
        client.sendall(GET % b"/300k" * 20 + b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        server.wait_until_idle()
        data = b""
        while block := client.recv(1 << 20):
            data += block
        assert data.count(b"HTTP/1.1 200 OK") == 21


def test_a_bad_handshake_harms_nobody(server: ServerProcess, authority: trustme.CA) -> None:
    """Plain HTTP on the TLS port ends that connection only; `running` checks for tracebacks."""
    with server.connect() as client:
        client.sendall(GET % b"/1")
        client.recv(1000)
    with connect(server, authority) as client:
        client.sendall(GET % b"/1")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
