# Downloads a file with pooch, and compares it with a digest if there is one: python fetch_pooch.py URL FILE [SHA256]
import sys
from pathlib import Path

import pooch

url, path = sys.argv[1], Path(sys.argv[2])
digest = f"sha256:{sys.argv[3]}" if len(sys.argv) > 3 else None
downloader = pooch.HTTPDownloader(timeout=3)
pooch.retrieve(url, known_hash=digest, fname=path.name, path=path.parent, downloader=downloader)
