# Downloads a file with parfive, over several connections: python fetch_parfive.py URL FILE
import sys
from pathlib import Path

import aiohttp
from parfive import Downloader, SessionConfig

url, path = sys.argv[1], Path(sys.argv[2])
timeouts = aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=3)
downloader = Downloader(max_splits=4, progress=False, overwrite=True, config=SessionConfig(timeouts=timeouts))
downloader.enqueue_file(url, path=path.parent, filename=path.name)
results = downloader.download()
for error in results.errors:
    print(error.exception)
sys.exit(1 if results.errors else 0)
