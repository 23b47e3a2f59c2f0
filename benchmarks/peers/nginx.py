"""A plain nginx: one worker, sendfile from real files, which it keeps open for all.

Each client would need a descriptor more otherwise, and ten thousand might be too many.
"""

from __future__ import annotations

import os
from pathlib import Path

_CONFIGURATION = """\
daemon off;
{user}
pid {folder}/nginx-{port}.pid;
error_log stderr;
worker_processes 1;
worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
    access_log {access_log};
    sendfile on;
    open_file_cache max=100;
    tcp_nopush on;
    default_type application/octet-stream;
    client_body_temp_path {folder}/nginx-temporary;
    proxy_temp_path {folder}/nginx-temporary;
    fastcgi_temp_path {folder}/nginx-temporary;
    uwsgi_temp_path {folder}/nginx-temporary;
    scgi_temp_path {folder}/nginx-temporary;
    server {{
        listen 127.0.0.1:{port} {ssl};
        root {folder}/files;
        {certificate}
    }}
}}
"""


def write_configuration(folder: Path, port: int, *, tls: bool, log: bool) -> Path:
    """Write a configuration that serves `folder/files`, over TLS with `folder/localhost.pem`; return its path."""
    pem = folder / "localhost.pem"
    path = folder / f"nginx-{port}.conf"
    path.write_text(
        _CONFIGURATION.format(
            folder=folder,
            port=port,
            user="user root;" if os.geteuid() == 0 else "",  # the temporary folder is ours alone
            access_log=folder / f"nginx-{port}.log" if log else "off",
            ssl="ssl" if tls else "",
            certificate=f"ssl_certificate {pem}; ssl_certificate_key {pem};" if tls else "",
        )
    )
    return path
