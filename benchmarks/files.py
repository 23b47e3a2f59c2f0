"""What servers of files, and those with TLS, need on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_PIECE = b"1" * (1 << 20)


def write_files(folder: Path, sizes: Iterable[int]) -> None:
    """Write `files/{size}`, of ones, and `localhost.pem`, a certificate with its key, into a folder.

    Raises SystemExit with one line when trustme is not installed.
    """
    try:
        import trustme
    except ImportError:
        raise SystemExit("python -m benchmarks: it needs more packages: pip install --group benchmarks") from None
    files = folder / "files"
    files.mkdir()
    for size in sizes:
        with (files / str(size)).open("wb") as file:
            for written in range(0, size, len(_PIECE)):
                file.write(_PIECE[: size - written])
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "localhost.pem"))
