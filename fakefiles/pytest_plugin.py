"""The pytest fixtures. pytest imports this module in every run: it must not import Twisted, or start anything."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from fakefiles.conformance.pytest_cases import FakefilesCase
    from fakefiles.testing.activation import Activation
    from fakefiles.testing.in_reactor import InReactorServer
    from fakefiles.testing.server import Server

# What fakefiles_case takes: lists in the ini file, and a marker.
_CASE_LISTS = {
    "fakefiles_cases": "cases or groups for the fixture fakefiles_case, like resume-*; all without it",
    "fakefiles_can": "what the clients of fakefiles_case can do, like resume",
}
_CASE_MARKER = (
    "fakefiles_cases(*patterns, can=(), known={}, client='pytest', partial='{file}', limit=30.0, strict=False):"
    " for the fixture fakefiles_case: which cases, what the client can do, which failures are known and why"
)
# In the controller of pytest-xdist: the server for all workers.
_ACTIVATION: pytest.StashKey[Activation] = pytest.StashKey()
# The key of its URL in the input of the workers.
_URL = "fakefiles_url"
_NOT_FOR_TAGS = re.compile(r"[^A-Za-z0-9._~:-]+")
_NO_REACTOR = (
    "fakefiles_in_reactor needs pytest-twisted, or a reactor that runs in another thread; for any other, write a"
    " fixture with fakefiles.testing.listen(reactor) and server.stop(), which return Deferreds"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the server, on the command line and in the ini file. Those of the command line win."""
    text = 'options for the server of the fixtures, like "--content ruler --max-size 10g"'
    parser.getgroup("fakefiles").addoption("--fakefiles-args", default="", metavar="OPTIONS", help=text)
    parser.addini("fakefiles_args", text, type="args", default=[])
    for name, what in _CASE_LISTS.items():
        parser.addini(name, what, type="args", default=[])
    parser.addini("fakefiles_known", "a TOML file with known failures of fakefiles_case", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of fakefiles_case."""
    config.addinivalue_line("markers", _CASE_MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that uses fakefiles_case each case that it wants, and that applies to its client."""
    if "fakefiles_case" not in metafunc.fixturenames:
        return
    from fakefiles.conformance.pytest_cases import parameters, wish_of

    try:
        wish = wish_of(metafunc.config, metafunc.definition.get_closest_marker("fakefiles_cases"))
        found = parameters(wish)
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"fakefiles_case: {error}") from None
    metafunc.parametrize("fakefiles_case", found, indirect=True)


def _arguments(config: pytest.Config) -> list[str]:
    return [*config.getini("fakefiles_args"), *shlex.split(config.getoption("fakefiles_args"))]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Pass the URL of the server to a worker of pytest-xdist. The server starts when the first worker connects."""
    config = node.config
    if _ACTIVATION not in config.stash:
        from fakefiles.testing.activation import Activation
        from fakefiles.testing.process import ServerError

        try:
            config.stash[_ACTIVATION] = Activation(_arguments(config))
        except ServerError:
            # Perhaps no test needs the server. One that does gets the same error from its worker.
            return
    node.workerinput[_URL] = config.stash[_ACTIVATION].url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the workers: all of them have ended."""
    if _ACTIVATION in config.stash:
        config.stash[_ACTIVATION].stop()


@pytest.fixture(scope="session")
def fakefiles_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """Return a server in a process of its own: one for the whole test run, shared by all workers of pytest-xdist."""
    from fakefiles.testing.server import ServerError, shared

    try:
        with shared(_arguments(pytestconfig), getattr(pytestconfig, "workerinput", {}).get(_URL)) as server:
            yield server
    except ServerError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def fakefiles(fakefiles_server: Server, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a view of fakefiles_server for this test, on a port of its own.

    Its URLs have a tag of their own, and it sees only requests with that tag.
    """
    name = _NOT_FOR_TAGS.sub("-", request.node.name)[:40]
    with fakefiles_server.apart(f"{name}~{uuid4().hex[:16]}") as view:
        yield view


@pytest.fixture
def fakefiles_case(fakefiles_server: Server, request: pytest.FixtureRequest) -> FakefilesCase:
    """Return a case of the conformance suite; a test that uses it runs once for each case."""
    from fakefiles.conformance.pytest_cases import FakefilesCase

    case, wish = request.param
    return FakefilesCase(case, wish, fakefiles_server)


@pytest.fixture
def fakefiles_in_reactor(pytestconfig: pytest.Config) -> Iterator[InReactorServer]:
    """Return a server in the reactor of this test: that of pytest-twisted, or one that runs in another thread."""
    wait_for = _blocking(pytestconfig)
    from twisted.internet import reactor

    from fakefiles.testing.server import listen

    server = wait_for(lambda: listen(reactor))
    yield server
    wait_for(server.stop)


def _blocking(config: pytest.Config) -> Callable[[Callable[[], Deferred[Any]]], Any]:
    """Return a function that calls another one in the reactor, and waits for the Deferred it returns."""
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is not None and reactor.running:
        from twisted.internet.threads import blockingCallFromThread
        from twisted.python.threadable import isInIOThread

        if not isInIOThread():
            return partial(blockingCallFromThread, reactor)
    pytest_twisted = config.pluginmanager.get_plugin("twisted")
    if pytest_twisted is None:
        pytest.fail(_NO_REACTOR, pytrace=False)
    return lambda function: pytest_twisted.blockon(function())
