"""One server process for the tests that only need some server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from processes import ServerProcess, running


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """Return a running `twistd -n fakefiles` on a free port."""
    with running("twistd", "-n", "--pidfile=", "fakefiles", "--port", "0", "--peer-port", "0") as process:
        yield process
