"""The pytest fixtures. Importing this imports no Twisted, and starts nothing."""

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

    from fakefiles.testing.activation import Activation
    from fakefiles.testing.in_reactor import InReactorServer
    from fakefiles.testing.server import Server

# The server of a run with pytest-xdist, in its controller.
_ACTIVATION: pytest.StashKey[Activation] = pytest.StashKey()
# What its URL is called on the way to the workers.
_URL = "fakefiles_url"
_NOT_FOR_TAGS = re.compile(r"[^A-Za-z0-9._~:-]+")
_NO_REACTOR = (
    "fakefiles_in_reactor needs pytest-twisted, or a reactor that runs in another thread; for any other, write a"
    " fixture with fakefiles.testing.listen(reactor) and server.stop(), which return Deferreds"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the server, on the command line and in the ini file; the former come after the latter."""
    text = 'options for the server of the fixtures, like "--content ruler --max-size 10g"'
    parser.getgroup("fakefiles").addoption("--fakefiles-args", default="", metavar="OPTIONS", help=text)
    parser.addini("fakefiles_args", text, type="args", default=[])


def _arguments(config: pytest.Config) -> list[str]:
    return [*config.getini("fakefiles_args"), *shlex.split(config.getoption("fakefiles_args"))]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server is; this process starts it when the first of them goes there."""
    config = node.config
    if _ACTIVATION not in config.stash:
        from fakefiles.testing.activation import Activation
        from fakefiles.testing.process import ServerError

        try:
            config.stash[_ACTIVATION] = Activation(_arguments(config))
        except ServerError:
            # Perhaps nobody needs the server; who does meets the same error.
            return
    node.workerinput[_URL] = config.stash[_ACTIVATION].url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server of the workers, who have all ended."""
    if _ACTIVATION in config.stash:
        config.stash[_ACTIVATION].stop()


@pytest.fixture(scope="session")
def fakefiles_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """Return a server in a process of its own: one for the whole run, also for all workers of pytest-xdist."""
    from fakefiles.testing.server import ServerError, shared

    try:
        with shared(_arguments(pytestconfig), getattr(pytestconfig, "workerinput", {}).get(_URL)) as server:
            yield server
    except ServerError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.fixture
def fakefiles(fakefiles_server: Server, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a view on fakefiles_server for this test, on a port of its own.

    Its URLs have a tag, and it sees only requests with that.
    """
    name = _NOT_FOR_TAGS.sub("-", request.node.name)[:40]
    with fakefiles_server.apart(f"{name}~{uuid4().hex[:16]}") as view:
        yield view


@pytest.fixture
def fakefiles_in_reactor(pytestconfig: pytest.Config) -> Iterator[InReactorServer]:
    """Return a server in the reactor of this test, for pytest-twisted, or a reactor that runs in another thread."""
    wait_for = _blocking(pytestconfig)
    from twisted.internet import reactor

    from fakefiles.testing.server import listen

    server = wait_for(lambda: listen(reactor))
    yield server
    wait_for(server.stop)


def _blocking(config: pytest.Config) -> Callable[[Callable[[], Deferred[Any]]], Any]:
    """Return what calls a function in the reactor, and waits for the Deferred it returns."""
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
