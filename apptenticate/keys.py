"""Keys: what the environment gives, or what was made once and is kept in a folder, comes out; no other is taken.

Each purpose has its own: sessions, tokens, data at rest, searching. One that leaks opens nothing else.
"""

import base64
import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

SHORTEST = 32
"""Characters, or bytes: RFC 7518 asks for as many as the hash of HS256 has."""
ALGORITHMS = ("HS256", "RS256", "EdDSA")
_LEAST_BITS = 2048  # RFC 7518, section 3.3

Private = RSAPrivateKey | Ed25519PrivateKey


class BadKey(ValueError):
    """No such key can be used; the message says what would be one."""


# --- secrets that are kept --------------------------------------------------------------------------------------------


def kept(path: Path, make: Callable[[], str]) -> str:
    """The text in `path`, made on first use; of several processes that start at once, one wins and all read it."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def secret(given: str, path: Path) -> str:
    """Characters at random. Raises `BadKey` for fewer than `SHORTEST`."""
    key = given or kept(path, lambda: secrets.token_urlsafe(48))
    if len(key) < SHORTEST:
        raise BadKey(f"{SHORTEST} or more characters at random")
    return key


# --- tokens -----------------------------------------------------------------------------------------------------------


def token_keys(algorithm: str, given: str, folder: Path) -> tuple[str, str]:
    """What signs tokens and what checks them: one secret for HS256, a key in two halves (PEM) for the others.

    Raises `BadKey` for what the algorithm cannot use.
    """
    if algorithm == "HS256":
        return secret(given, folder / "token_key"), ""
    make, kind = _PRIVATE[algorithm]
    pem = given or kept(folder / f"token_key_{algorithm.lower()}.pem", lambda: _pem(make()))
    private = _private(pem)
    if not isinstance(private, kind) or (isinstance(private, RSAPrivateKey) and private.key_size < _LEAST_BITS):
        raise BadKey(f"a private key for {algorithm} in PEM")
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem, public.decode()


def _rsa() -> Private:
    return generate_private_key(65537, 3072)


_PRIVATE: Mapping[str, tuple[Callable[[], Private], type[Private]]] = {
    "RS256": (_rsa, RSAPrivateKey),
    "EdDSA": (Ed25519PrivateKey.generate, Ed25519PrivateKey),
}


def _pem(private: Private) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _private(pem: str) -> object:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadKey("a private key in PEM, without a password") from error


# --- data at rest -----------------------------------------------------------------------------------------------------


def ring(text: str) -> dict[str, bytes]:
    """Keys by their ids from `ID:KEY ID:KEY …`, the one that seals first; a key is 32 bytes in base64.

    Raises `BadKey` for anything else.
    """
    keys: dict[str, bytes] = {}
    for item in text.replace(",", " ").split():
        name, _, encoded = item.partition(":")
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", name) or name in keys or len(key := _decoded(encoded)) != SHORTEST:
            raise BadKey(f"ID:KEY, one or more, a key being {SHORTEST} bytes at random in base64")
        keys[name] = key
    if not keys:
        raise BadKey("at least one ID:KEY")
    return keys


def new_for_ring(name: str) -> str:
    """`ID:KEY` with a key at random."""
    return f"{name}:{base64.urlsafe_b64encode(secrets.token_bytes(SHORTEST)).decode()}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return b""
