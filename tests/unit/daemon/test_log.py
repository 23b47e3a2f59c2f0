"""log.py: which lines our own processes leave out of their logs."""

from __future__ import annotations

import io

from twisted.logger import Logger

from fakefiles.daemon.log import observer


def test_what_is_left_out() -> None:
    """Left out are Twisted's line for a port, and TLS clients without a server name; nothing else."""
    stream = io.StringIO()
    write = observer(stream)
    sni = Logger("twisted.protocols._sni", observer=write)
    for name in (None, b"", b"example.org"):
        sni.warn("no server certificate for name {name!r}", name=name)
    sni.warn("unused private key")
    for text in ("FakeFilesSite starting on 8000", "FakeFilesSite (TLS) starting on 1", "OtherSite starting on 1"):
        Logger("log_legacy", observer=write).info("{log_text}", log_text=text)
    lines = [line.partition("] ")[2] for line in stream.getvalue().splitlines()]
    assert lines == [
        "no server certificate for name b'example.org'",
        "unused private key",
        "OtherSite starting on 1",
    ]
