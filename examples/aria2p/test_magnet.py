# A magnet is followed with aria2p and aria2c, to the last byte, and offline. Run it with pytest.
import socket
import subprocess
import time
from urllib.request import urlopen

import aria2p
import pytest

from fakefiles import verify

#: Nothing but the tracker and the seed of fakefiles: no DHT, no local discovery, no exchange of peers.
OFFLINE = [
    "--no-conf",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--enable-peer-exchange=false",
]


@pytest.fixture
def api(tmp_path):
    """Return the API of an aria2c that downloads into tmp_path."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["aria2c", *OFFLINE, "--quiet", "--seed-time=0", "--file-allocation=none", f"--dir={tmp_path}"]
    with subprocess.Popen([*command, "--enable-rpc", f"--rpc-listen-port={port}"]) as process:  # noqa: S603
        api = aria2p.API(aria2p.Client(port=port))
        try:
            until(lambda: answers(api))
            yield api
        finally:
            process.terminate()


def answers(api):
    """Return whether aria2c listens."""
    try:
        return api.get_stats()
    except OSError:
        return False


def until(condition, seconds=30):
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return value


def test_followed_by(api, fakefiles, tmp_path):
    """The download of a magnet has the metadata only; it is followed by that of the file, which is then complete."""
    url = fakefiles.url_for("1m", name="distribution.iso", content="ruler", sources="tracker")
    with urlopen(url.magnet) as response:
        metadata = api.add_magnet(response.read().decode())
    (followed_by,) = until(lambda: metadata.live.followed_by)
    assert followed_by.following == metadata
    until(lambda: followed_by.live.is_complete)
    assert verify(tmp_path / "distribution.iso", url.magnet).identical
    fakefiles.assert_complete(url)
    fakefiles.assert_from_peers(url)
    assert fakefiles.announces[0].event == "started"


def test_nobody_has_the_metadata(api, fakefiles):
    """As long as the tracker knows nobody, no download follows."""
    url = fakefiles.url_for("1m", name="lonely.iso", tracker="empty")
    with urlopen(url.magnet) as response:
        metadata = api.add_magnet(response.read().decode())
    until(lambda: fakefiles.announces)
    assert metadata.live.is_active
    assert not metadata.followed_by
