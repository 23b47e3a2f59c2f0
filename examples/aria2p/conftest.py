# One server of fakefiles for all of the own tests of aria2p, with pytest. It goes beside their folder "tests".
import os
from pathlib import Path
from urllib.request import urlopen

import pytest

DATA = Path(__file__).parent / "tests" / "data"


def put(path, url):
    """Put what a URL has into a file, all at once: other workers may be reading it."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with urlopen(url, timeout=10) as response:
        part.write_bytes(response.read())
    part.replace(path)


@pytest.fixture(scope="session", autouse=True)
def http_server(fakefiles_server):
    """Have the server there before any test, and a torrent and a metalink of its files where the tests read them."""
    put(
        DATA / "bunsenlabs-helium-4.iso.torrent",
        fakefiles_server.url_for("10m", name="bunsenlabs-helium-4.iso").torrent,
    )
    put(DATA / "debian.metalink", fakefiles_server.url_for("10m", name="debian.iso").metalink)
