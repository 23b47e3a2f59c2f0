# Downloads a file with aria2p, which drives an aria2c of its own: python fetch_aria2p.py URL FILE
import socket
import subprocess
import sys
import time
from pathlib import Path

import aria2p

url, path = sys.argv[1], Path(sys.argv[2])
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
options = ["--quiet", "--enable-rpc", f"--rpc-listen-port={port}", "--no-conf"]
options += ["--max-tries=3", "--retry-wait=1", "--timeout=3", "--lowest-speed-limit=100", "--continue=true"]
options += ["--allow-overwrite=true", "--auto-file-renaming=false"]
server = subprocess.Popen(["aria2c", *options])
try:
    api = aria2p.API(aria2p.Client(host="http://127.0.0.1", port=port))
    for _ in range(100):
        try:
            download = api.add_uris([url], {"dir": str(path.parent), "out": path.name})
            break
        except OSError:
            time.sleep(0.05)
    while not (download.is_complete or download.has_failed):
        time.sleep(0.05)
        download.update()
    sys.exit(download.error_message if download.has_failed else 0)
finally:
    server.terminate()
    server.wait()
