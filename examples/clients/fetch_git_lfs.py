# Downloads a file with git-lfs, from a batch API of its own: python fetch_git_lfs.py URL FILE SHA256 SIZE
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

url, path, digest, size = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])


class Batch(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        known = {"oid": digest, "size": size, "authenticated": True, "actions": {"download": {"href": url}}}
        body = json.dumps({"transfer": "basic", "objects": [known]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.git-lfs+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Batch)
threading.Thread(target=server.serve_forever, daemon=True).start()
# The repository is kept, so that a later run finds what an earlier one has left.
repository = Path(os.environ["HOME"]) / "repository"
git = ["git", "-C", str(repository)]
if not repository.exists():
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n"
settings = {
    "lfs.url": f"http://127.0.0.1:{server.server_port}",
    "lfs.activitytimeout": "3",
    "lfs.transfer.maxretries": "3",
    "lfs.transfer.maxretrydelay": "1",
}
for name, value in settings.items():
    subprocess.run([*git, "config", name, value], check=True)
with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as output:
    done = subprocess.run([*git, "lfs", "smudge", "--", path.name], input=pointer.encode(), stdout=output, check=False)
if done.returncode:
    Path(output.name).unlink()
    sys.exit(done.returncode)
shutil.move(output.name, path)
