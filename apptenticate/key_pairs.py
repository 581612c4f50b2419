"""Private keys that sign tokens, as PEM: made, and looked at for whether an algorithm can use them."""

from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_LEAST_BITS: Final = 2048  # RFC 7518, section 3.3

Private = RSAPrivateKey | Ed25519PrivateKey


def made(algorithm: str) -> str:
    """A new private key for this algorithm."""
    make, _ = _PRIVATE[algorithm]
    return make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_half(algorithm: str, pem: str) -> str:
    """What checks the tokens that this private key signs. Raises `ValueError` for what the algorithm cannot use, and
    says what would be one."""
    _, kind = _PRIVATE[algorithm]
    private = _private(pem)
    if not isinstance(private, kind) or (isinstance(private, RSAPrivateKey) and private.key_size < _LEAST_BITS):
        raise ValueError(f"a private key for {algorithm} in PEM")
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _private(pem: str) -> object:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("a private key in PEM, without a password") from error


def _rsa() -> Private:
    return generate_private_key(65537, 3072)


_PRIVATE: Final[Mapping[str, tuple[Callable[[], Private], type[Private]]]] = {
    "RS256": (_rsa, RSAPrivateKey),
    "EdDSA": (Ed25519PrivateKey.generate, Ed25519PrivateKey),
}
