# Downloads a file with rclone over 4 connections, by way of a redirect of its own: python fetch_rclone.py URL FILE
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

url, path = sys.argv[1:3]


class Redirect(BaseHTTPRequestHandler):
    """rclone would quote the question mark of a URL; so it gets one without a query, which leads there."""

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", url)
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
threading.Thread(target=server.serve_forever, daemon=True).start()
options = ["--config=", "--multi-thread-streams=4", "--multi-thread-cutoff=1M", "--timeout=3s", "--contimeout=3s"]
options += ["--retries=3", "--low-level-retries=3", f"--http-url=http://127.0.0.1:{server.server_port}"]
sys.exit(subprocess.run(["rclone", "copyto", *options, ":http:file", path], check=False).returncode)
