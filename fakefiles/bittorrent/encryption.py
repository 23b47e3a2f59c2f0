"""Message stream encryption (MSE), as the one who is connected to: enough of it to agree on plain text, or on ARC4.

aria2 tries it first, and waits a second before it comes again without. The specification is that of Vuze, "Message
Stream Encryption". It hides the protocol from observers, and keeps nothing secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha1
from typing import Protocol

from fakefiles.bittorrent.wire import WireError

_PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245"
    "E485B576625E7EC6F44C42E9A63A36210000000000090563",
    16,
)
_GENERATOR = 2
_KEY = 96
_MOST_PAD = 512
_CONSTANT = bytes(8)
_PLAIN, _ARC4 = 1, 2
# The first bytes of the keystream are known to be weak, and left out.
_SKIPPED = 1024
_HASH = 20


class Cipher(Protocol):
    """Encrypts, or decrypts, a stream."""

    def update(self, data: bytes) -> bytes:
        """Return the next bytes, encrypted or decrypted."""


class Negotiation:
    """Answers a peer that begins with MSE. `private` is a secret number, of 160 bits.

    `torrents` has the info-hashes that are known, by their obfuscated forms: see obfuscated(). `write` sends bytes.
    After feed() has returned something, `incoming` and `outgoing` are the ciphers of what follows, None for plain text,
    and `info_hash` is that of the torrent.
    """

    def __init__(self, private: int, torrents: Mapping[bytes, bytes], write: Callable[[bytes], object]) -> None:
        self._private = private
        self._torrents = torrents
        self._write = write
        self._buffer = b""
        self._secret = b""
        self._decrypted = b""
        self._from_peer: Cipher | None = None
        self.incoming: Cipher | None = None
        self.outgoing: Cipher | None = None
        self.info_hash = b""

    def feed(self, data: bytes) -> bytes | None:
        """Take bytes of the peer; return None while more are needed, at the end what follows, in plain text.

        Raises WireError if they are no MSE, or lead to no torrent that is known.
        """
        self._buffer += data
        if not self._secret:
            if len(self._buffer) < _KEY:
                return None
            self._exchange_keys()
        if self._from_peer is None and not self._find_torrent():
            return None
        return self._agree()

    def _exchange_keys(self) -> None:
        theirs, self._buffer = int.from_bytes(self._buffer[:_KEY], "big"), self._buffer[_KEY:]
        self._secret = pow(theirs, self._private, _PRIME).to_bytes(_KEY, "big")
        self._write(pow(_GENERATOR, self._private, _PRIME).to_bytes(_KEY, "big"))

    def _find_torrent(self) -> bool:
        """Look for the hash that follows the padding, and what names the torrent behind it."""
        at = self._buffer.find(_sha1(b"req1" + self._secret))
        end = at + 2 * _HASH
        if at < 0 and len(self._buffer) >= _MOST_PAD + _HASH:
            raise WireError("neither a handshake nor MSE")
        if at < 0 or len(self._buffer) < end:
            return False
        named = self._buffer[at + _HASH : end]
        mask = _sha1(b"req3" + self._secret)
        found = self._torrents.get(bytes(one ^ other for one, other in zip(named, mask, strict=True)))
        if found is None:
            raise WireError("MSE for a torrent that is not known here")
        self.info_hash, self._buffer = found, self._buffer[end:]
        self._from_peer = _arc4(_sha1(b"keyA" + self._secret + found))
        return True

    def _agree(self) -> bytes | None:
        """Read what the peer can; choose, and say so."""
        self._decrypted += self._cipher.update(self._buffer)
        self._buffer = b""
        text = self._decrypted
        if len(text) < 14:  # noqa: PLR2004  the constant, what the peer can, and the length of its padding
            return None
        pad = int.from_bytes(text[12:14], "big")
        if text[:8] != _CONSTANT or pad > _MOST_PAD:
            raise WireError("a wrong MSE")
        if len(text) < 16 + pad:
            return None
        initial = int.from_bytes(text[14 + pad : 16 + pad], "big")
        if len(text) < 16 + pad + initial:
            return None
        able = int.from_bytes(text[8:12], "big")
        if not able & (_PLAIN | _ARC4):
            raise WireError("MSE without a way to go on")
        return self._choose(plain=bool(able & _PLAIN), rest=text[16 + pad :], initial=initial)

    def _choose(self, *, plain: bool, rest: bytes, initial: int) -> bytes:
        to_peer = _arc4(_sha1(b"keyB" + self._secret + self.info_hash))
        chosen = (_PLAIN if plain else _ARC4).to_bytes(4, "big")
        self._write(to_peer.update(_CONSTANT + chosen + bytes(2)))
        if plain:
            # What the peer has sent before it knew our choice is encrypted; what comes now is not. It waits for our
            # choice, so nothing but its first message is there.
            return rest[:initial]
        self.incoming, self.outgoing = self._cipher, to_peer
        return rest

    @property
    def _cipher(self) -> Cipher:
        assert self._from_peer is not None  # noqa: S101  for the types
        return self._from_peer


def obfuscated(info_hash: bytes) -> bytes:
    """Return the form of an info-hash by which MSE names a torrent."""
    return _sha1(b"req2" + info_hash)


def _sha1(data: bytes) -> bytes:
    return sha1(data, usedforsecurity=False).digest()


def _arc4(key: bytes) -> Cipher:
    # Late: most peers come without.
    from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
    from cryptography.hazmat.primitives.ciphers import Cipher as Algorithm

    stream: Cipher = Algorithm(ARC4(key), None).encryptor()
    stream.update(bytes(_SKIPPED))
    return stream
