"""The standard library's server, streaming ones: `http_server.py PORT LOG`; LOG is `quiet` or `log`."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 16
ONES = b"1" * PIECE


class Handler(BaseHTTPRequestHandler):
    """Answers `/{bytes}` and `/{bytes}?content=random`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Stream the body."""
        path, _, query = self.path.partition("?")
        left = int(path[1:])
        self.send_response(200)
        self.send_header("Content-Length", str(left))
        self.end_headers()
        while left:
            length = min(left, PIECE)
            self.wfile.write(os.urandom(length) if query else ONES[:length])
            left -= length


class QuietHandler(Handler):
    """Logs nothing."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Do nothing."""


class Server(ThreadingHTTPServer):
    """Has room for a burst of connections: with the 5 of the standard library, most would wait for seconds."""

    request_queue_size = 1024


if __name__ == "__main__":
    handler = Handler if sys.argv[2] == "log" else QuietHandler
    Server(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()
