# A download client of ten lines that resumes, here past two broken connections: python resuming_client.py
import sys
from contextlib import suppress
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

import fakefiles
from fakefiles.testing import running


def download(url, path, attempts=5):
    etag = None
    for _ in range(attempts):
        have = path.stat().st_size if etag else 0
        headers = {"Range": f"bytes={have}-", **({"If-Range": etag} if etag else {})}
        with suppress(OSError), urlopen(Request(url, headers=headers), timeout=10) as got:
            etag, size = got.headers["ETag"], got.headers["Content-Range"] or got.headers["Content-Length"]
            with path.open("ab" if have and got.status == 206 else "wb") as file:
                copyfileobj(got, file)
            if path.stat().st_size == int(size.rpartition("/")[2]):
                return
    sys.exit(f"not complete after {attempts} attempts")


if __name__ == "__main__":
    with running() as server, TemporaryDirectory() as folder:
        url = server.url_for("10m", content="random", close="40%", fail=2)
        file = Path(folder) / "file.bin"
        download(url, file)
        print(fakefiles.verify(file, url))
        server.assert_no_refetch(url)
