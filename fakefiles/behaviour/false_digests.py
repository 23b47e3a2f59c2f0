"""Digests that are wrong, in the fields of an answer or in checksum files: which ones a URL can ask for."""

from __future__ import annotations

from dataclasses import dataclass

from fakefiles.behaviour.parameter import parameter
from fakefiles.behaviour.values import one_of


@dataclass(frozen=True, slots=True)
class FalseDigests:
    """The wrong digests that a URL asks for. The field is the parameter of the URL."""

    digest_lie: str = parameter(
        one_of("fields", "sidecar", "all"),
        "Flip a bit of the digest in headers, in checksum files, or in both.",
        default="",
    )

    @property
    def in_fields(self) -> bool:
        """Whether Repr-Digest and Digest are wrong."""
        return self.digest_lie in {"fields", "all"}

    @property
    def in_sidecars(self) -> bool:
        """Whether checksum files are wrong."""
        return self.digest_lie in {"sidecar", "all"}


def falsified(digest: bytes) -> bytes:
    """Return a digest with its last bit flipped. Raises IndexError if it is empty."""
    return digest[:-1] + bytes([digest[-1] ^ 1])
