"""What is kept of people, sealed: bytes go in with what they are about, and come out only with the key and those words.

AES-256-GCM, a fresh nonce each time. What was sealed names its key, so that keys can be changed while old ones still
open what they sealed. A mark is a keyed hash: it finds a number again without telling it.
"""

import hmac
import os
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from apptenticate import keys

_FORMAT = 1
_NONCE = 12  # bytes; NIST SP 800-38D, section 8.2.2: at most 2**32 of them at random for one key


class CannotOpen(Exception):
    """Sealed with a key that is not here, damaged, or put in another's place."""


class Ring:
    """The keys by their ids, the one that seals first; read anew when the file in which they are kept has changed."""

    def __init__(self, given: Mapping[str, bytes], file: Path | None = None) -> None:
        self._keys = dict(given)
        self._file = file
        self._seen = _changed(file)
        self._lock = threading.Lock()

    @property
    def keys(self) -> Mapping[str, bytes]:
        """As of now: another process may have put a new key first."""
        with self._lock:
            changed = _changed(self._file)
            if self._file is not None and changed != self._seen:
                self._keys, self._seen = keys.ring(self._file.read_text()), changed
            return self._keys


def _changed(file: Path | None) -> int | None:
    return file.stat().st_mtime_ns if file is not None else None


class Vault:
    """Seals, opens and marks."""

    def __init__(self, ring: Ring, search_key: str) -> None:
        self._ring = ring
        self._search_key = search_key.encode()

    def seal(self, plain: bytes, about: str) -> bytes:
        """`about`: what it is, and whose row's; opened, it must be the same."""
        name, key = next(iter(self._ring.keys.items()))
        head = bytes([_FORMAT, len(name)]) + name.encode()
        nonce = os.urandom(_NONCE)
        return head + nonce + AESGCM(key).encrypt(nonce, plain, head + about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises `CannotOpen`."""
        name = key_of(sealed)
        key = self._ring.keys.get(name)
        if key is None:
            raise CannotOpen(f"it was sealed with the key {name!r}, which is not here")
        start = 2 + len(name)
        nonce, rest = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            return AESGCM(key).decrypt(nonce, rest, sealed[:start] + about.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("it is damaged, or something else than it should be") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the key that seals now."""
        return key_of(sealed) == next(iter(self._ring.keys))

    def mark(self, kind: str, value: str) -> str:
        """64 hexadecimal digits by which a number is found again; none for none."""
        return hmac.digest(self._search_key, f"{kind}:{value}".encode(), "sha256").hex() if value else ""


def key_of(sealed: bytes) -> str:
    """The id of the key that it was sealed with. Raises `CannotOpen`."""
    if len(sealed) < 2 or sealed[0] != _FORMAT:
        raise CannotOpen("it is not sealed as this service seals")
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


@cache
def vault() -> Vault:
    """The one that the settings describe."""
    return Vault(Ring(settings.DATA_KEYS, settings.DATA_KEYS_FILE), settings.SEARCH_KEY)
