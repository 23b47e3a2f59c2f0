"""gate.py: who may use the pages under /-/, as decisions and over an in-memory connection."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.web.server import Site

import fakefiles
from doubles import AbortableTransport, Connection, ask, parse_response
from fakefiles.files.errors import NotAllowedError
from fakefiles.http.request import Ask
from fakefiles.serving.channel import is_local
from fakefiles.serving.pages.gate import check
from fakefiles.serving.pages.registry import PAGES
from fakefiles.urls.settings import Settings

DEFAULT = Settings()
OTHERS = "for this machine only; start the server with --control network"
PAGE = "not for other web pages"
HOST = "start the server with --control-host NAME"


def asked(host: str | None, *, local: bool = True, secure: bool = False, **fields: str) -> Ask:
    """Return a request for the journal, as a client on this machine makes it."""
    request = ask("/-/journal", **fields)._replace(local=local, secure=secure)
    rest = request.fields[1:]
    return request._replace(fields=rest if host is None else ((b"Host", host.encode("latin-1")), *rest))


def refusal(request: Ask, settings: Settings = DEFAULT) -> str:
    """Return why a request is refused; "" if it is not."""
    try:
        check(request, settings)
    except NotAllowedError as error:
        reason = str(error)
    else:
        return ""
    assert reason
    assert "\n" not in reason
    return reason


@pytest.mark.parametrize(
    ("control", "local", "reason"),
    [
        ("local", True, ""),
        ("local", False, OTHERS),
        ("network", True, ""),
        ("network", False, ""),
        ("off", True, "the server was started with --control off"),
        ("off", False, "the server was started with --control off"),
    ],
)
def test_control(control: str, local: bool, reason: str) -> None:  # noqa: FBT001
    """The operator says whether only this machine, everybody or nobody may use them."""
    found = refusal(asked("192.0.2.7:8000", local=local), Settings(control=control))
    assert reason in found
    assert bool(reason) == bool(found)


GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:8000", "192.0.2.7:80", "[::1]", "[::1]:8000", "[2001:DB8::1]:", "10.0.0.1"]
GOOD_HOSTS += ["localhost", "localhost:8000", "LocalHost", "localhost.", "localhost.:8000", "localhost:"]
BAD_HOSTS = ["", ":8000", "evil.example", "evil.example:8000", "localhost.evil.example", "notlocalhost", "localhost.."]
BAD_HOSTS += [
    "evil.localhost",
    "127.0.0.1.evil.example",
    "127.0.0.1.",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "[::1",
    "[]",
]
BAD_HOSTS += ["127.0.0.1:x", "localhos%74", "files"]


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_good_hosts(host: str) -> None:
    """An IP address is no name that anybody could have made to mean another one; localhost is always this machine."""
    assert refusal(asked(host)) == ""


@pytest.mark.parametrize("host", BAD_HOSTS)
@pytest.mark.parametrize("settings", [DEFAULT, Settings(control="network", hosts=("b.example",))])
def test_bad_hosts(host: str, settings: Settings) -> None:
    """Any other name may have been made to mean this server, by whoever has the name (DNS rebinding)."""
    assert HOST in refusal(asked(host), settings)


@pytest.mark.parametrize("name", ["files", "a.example"])
def test_own_hosts(name: str) -> None:
    """Names from the settings are as good as localhost, in any case, on any port, with or without a dot at the end."""
    for host in (name, name.upper(), f"{name}.", f"{name}:8000"):
        for told in (name, name.upper(), f"{name}."):
            assert refusal(asked(host), Settings(hosts=("b", told))) == ""
    assert HOST in refusal(asked(f"x{name}"), Settings(hosts=(name,)))
    assert HOST in refusal(asked(f"x.{name}"), Settings(hosts=(name,)))


def test_no_host() -> None:
    """Without a Host, in HTTP/1.0, it is no browser; other rules hold all the same."""
    assert refusal(asked(None)) == ""
    assert OTHERS in refusal(asked(None, local=False))
    assert PAGE in refusal(asked(None, Origin="http://localhost"))


@pytest.mark.parametrize(
    ("host", "secure", "origin"),
    [
        ("localhost:8000", False, "http://localhost:8000"),
        ("LOCALHOST:8000", False, "HTTP://LocalHost:8000"),
        ("localhost", False, "http://localhost"),
        ("localhost:80", False, "http://localhost"),
        ("localhost", False, "http://localhost:80"),
        ("localhost:", False, "http://localhost"),
        ("localhost", True, "https://localhost"),
        ("localhost:443", True, "https://localhost"),
        ("[::1]", True, "https://[::1]:443"),
        ("[::1]:8443", True, "https://[::1]:8443"),
    ],
)
def test_own_origin(host: str, secure: bool, origin: str) -> None:  # noqa: FBT001
    """A page of this server's own may use them; each scheme has its default port."""
    assert refusal(asked(host, secure=secure, Origin=origin)) == ""


@pytest.mark.parametrize(
    ("host", "secure", "origin"),
    [
        ("localhost:8000", False, "http://evil.example"),
        ("localhost:8000", False, "http://evil.example:8000"),
        ("localhost:8000", False, "https://localhost:8000"),
        ("localhost:8000", True, "http://localhost:8000"),
        ("localhost:8000", False, "http://localhost:3000"),
        ("localhost:8000", False, "http://localhost"),
        ("localhost:443", False, "http://localhost"),
        ("localhost:80", True, "https://localhost"),
        ("localhost:8000", False, "http://127.0.0.1:8000"),
        ("localhost:8000", False, "http://localhost.:8000"),
        ("localhost:8000", False, "http://localhost:8000/"),
        ("localhost:8000", False, "http://localhost:8000, http://evil.example"),
        ("localhost:8000", False, "localhost:8000"),
        ("localhost:8000", False, "http://"),
        ("localhost:8000", False, "null"),
        ("localhost:8000", False, ""),
        ("localhost:8000", False, "file://"),
    ],
)
def test_foreign_origin(host: str, secure: bool, origin: str) -> None:  # noqa: FBT001
    """Any other origin is foreign, as is one that a browser does not tell."""
    for settings in (DEFAULT, Settings(control="network")):
        assert PAGE in refusal(asked(host, secure=secure, Origin=origin), settings)


@pytest.mark.parametrize(
    ("site", "good"),
    [
        *[("same-origin", True), ("none", True)],
        *[("cross-site", False), ("same-site", False), ("", False), ("None", False), ("none, cross-site", False)],
    ],
)
def test_sec_fetch_site(site: str, good: bool) -> None:  # noqa: FBT001
    """What the user types, and pages of this server, may use them; no other page, were it of the same host."""
    for settings in (DEFAULT, Settings(control="network")):
        assert (refusal(asked("localhost:8000", Sec_Fetch_Site=site), settings) == "") is good
    both = asked("localhost:8000", Origin="http://localhost:8000", Sec_Fetch_Site=site)
    assert (refusal(both) == "") is good
    assert PAGE in refusal(asked("localhost:8000", Origin="http://evil.example", Sec_Fetch_Site=site))


def test_rebinding() -> None:
    """To the browser, a page whose name was made to mean this server is of the same origin; its name gives it away."""
    request = asked("evil.example:8000", Origin="http://evil.example:8000", Sec_Fetch_Site="same-origin")
    assert HOST in refusal(request)


def client_at(address: Any, **settings: Any) -> Connection:
    """Return a client at an address, of a server for tests."""
    clock = Clock()
    site = fakefiles.site(reactor=clock, **settings)
    site.allow_ports()
    return Connection(site, clock, AbortableTransport(peerAddress=address))


TARGETS = [page.path.replace("NUMBER", "1").replace("PORT", "1") for page in PAGES if not page.open]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("192.0.2.1", ()),
        ("127.0.0.1", ("Origin: http://evil.example",)),
        ("127.0.0.1", ("Sec-Fetch-Site: cross-site", "Content-Type: text/plain")),
    ],
)
def test_every_page(target: str, method: str, address: str, fields: tuple[str, ...]) -> None:
    """Each page but that for monitors is refused, whatever the method, in one line; and nothing happens."""
    client = client_at(IPv4Address("TCP", address, 50000))
    refused = client.get(target, *fields, method=method)
    assert (refused.status, refused.body.count(b"\n")) == (403, method != "HEAD")
    assert "access-control-allow-origin" not in refused.headers
    assert client.get(target.replace("/-/", "/%2D/"), *fields, method=method).status == 403


@pytest.mark.parametrize("target", ["/", "/-/health", "/5"])
def test_open(target: str) -> None:
    """The help page, that for monitors, and files are for everybody."""
    client = client_at(IPv4Address("TCP", "192.0.2.1", 50000), control="off")
    fields = ("Origin: http://evil.example", "Sec-Fetch-Site: cross-site")
    assert client.get(target, *fields).status == 200
    raw = client.send(f"GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
    assert parse_response(raw)[0].status == 200


@pytest.mark.parametrize(
    ("field", "status"),
    [
        *[("Bearer abc=", 200), ("bearer abc=", 200), ("BEARER  abc= ", 200)],
        *[("", 401), ("Bearer", 401), ("Bearer ", 401), ("Bearer abc", 401), ("Bearer abc==", 401), ("abc=", 401)],
        *[("Bearer ABC=", 401), ("Basic abc=", 401), ("Bearer abc= x", 401), ("Bearer \xe4", 401)],
        ("Bearer abc=\r\nAuthorization: Bearer abc=", 401),
    ],
)
def test_token(field: str, status: int) -> None:
    """If the operator has set a token, everybody needs it, here and elsewhere; the answer says how it is sent."""
    for address, control in (("127.0.0.1", "local"), ("192.0.2.1", "network")):
        client = client_at(IPv4Address("TCP", address, 50000), control=control, token="abc=")
        reply = client.get("/-/journal", f"Authorization: {field}")
        assert reply.status == status
        assert reply.headers.get("www-authenticate") == ('Bearer realm="fakefiles"' if status == 401 else None)
        assert reply.body.count(b"\n") == 1
        assert client.get("/-/journal").status == 401
        assert client.get("/-/health").status == 200


def test_token_is_not_enough() -> None:
    """Who has the token is held to the other rules, too; who breaks one is not asked for it."""
    token, settings = "Bearer abc", Settings(token="abc")
    assert refusal(asked("localhost", Authorization=token), settings) == ""
    assert OTHERS in refusal(asked("localhost", local=False, Authorization=token), settings)
    assert PAGE in refusal(asked("localhost", Origin="null", Authorization=token), settings)
    assert HOST in refusal(asked("evil.example", Authorization=token), settings)


def test_drop_is_not_obeyed() -> None:
    """A form in a web page breaks nobody's download."""
    other = client_at(IPv4Address("TCP", "127.0.0.1", 50000))
    other.send(b"GET /10?hold=4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    client = Connection(other.site, other.clock)
    assert client.get("/-/drop", "Sec-Fetch-Site: cross-site", method="POST").status == 403
    assert not other.transport.disconnecting
    assert client.get("/-/drop", method="POST").status == 204
    assert other.transport.disconnecting


ADDRESSES = {
    IPv4Address("TCP", "127.0.0.1", 1): True,
    IPv4Address("TCP", "127.255.0.9", 1): True,
    IPv6Address("TCP", "::1", 1): True,
    IPv6Address("TCP", "::ffff:127.0.0.1", 1): True,
    UNIXAddress(None): True,
    UNIXAddress(b"/run/x"): True,
    IPv4Address("TCP", "192.0.2.1", 1): False,
    IPv4Address("TCP", "12.7.0.1", 1): False,
    IPv6Address("TCP", "2001:db8::1", 1): False,
    IPv6Address("TCP", "fe80::1%eth0", 1): False,
    IPv6Address("TCP", "::ffff:192.0.2.1", 1): False,
}


@pytest.mark.parametrize(("address", "local"), ADDRESSES.items(), ids=str)
def test_addresses(address: Any, local: bool) -> None:  # noqa: FBT001
    """This machine is a loopback address or a UNIX socket, here and in a Site of another class."""
    clock = Clock()
    other = Site(fakefiles.FakeFiles(reactor=clock), reactor=clock)
    for client in (client_at(address), Connection(other, clock, AbortableTransport(peerAddress=address))):
        assert client.get("/-/journal").status == (200 if local else 403)
        assert client.get("/5").status == 200


def test_unknown_address() -> None:
    """A client that may be anywhere is not on this machine."""
    assert not is_local(None)
