"""Secrets that the database keeps and cannot read: sealed with a key that only we have.

The key comes from the installation's secret (``CESSIO_SECRET_FILE``), which is no part of the
database nor of its dumps. What is sealed says what it is *about*: moved to another row, it does
not open.
"""

from __future__ import annotations

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cessio.kernel.errors import CessioError
from cessio.plumbing.settings import Settings, secret_key

_VERSION = b"\x01"
_NONCE = 12


class SealBroken(CessioError):
    """It was sealed under another secret, about something else, or it was changed."""


class Vault:
    """Seals and opens with one key (AES-256-GCM)."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=b"cessio vault 1").derive(secret)
        self._cipher = AESGCM(key)

    @staticmethod
    def of(settings: Settings) -> Vault:
        """The vault of an installation; its secret is made on first use."""
        return _of(settings)

    def seal(self, plain: bytes, about: str) -> bytes:
        """What may be kept where others read."""
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed about the same thing. Raises ``SealBroken``."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            return self._cipher.decrypt(nonce, body, about.encode())
        except (InvalidTag, ValueError):
            raise SealBroken("seal_broken", "this was sealed under another secret") from None


@lru_cache(maxsize=8)
def _of(settings: Settings) -> Vault:
    return Vault(secret_key(settings))
