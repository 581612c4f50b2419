"""Keys: what the environment gives, or what was made once and is kept in a folder, comes out; no other is taken.

Each purpose has its own: sessions, tokens, data at rest, searching. One that leaks opens nothing else.
"""

import base64
import os
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SHORTEST = 32
"""Characters, or bytes: RFC 7518 asks for as many as the hash of HS256 has."""
ALGORITHMS = ("HS256", "RS256", "EdDSA")


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
    from apptenticate import key_pairs  # noqa: PLC0415 - what reads is started sooner without what this loads

    pem = given or kept(folder / f"token_key_{algorithm.lower()}.pem", lambda: key_pairs.made(algorithm))
    try:
        return pem, key_pairs.public_half(algorithm, pem)
    except ValueError as error:
        raise BadKey(str(error)) from error


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
