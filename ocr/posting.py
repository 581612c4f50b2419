"""The door to urllib3: a body is posted to an address that an account has chosen, and how that was answered comes out.

Whoever chooses an address might have this machine ask its neighbours for what is none of theirs. A name is therefore
resolved once, what it resolves to is looked at, and that address is called, whatever the name says a moment later; the
certificate must still be the name's. Redirects lead nowhere, no proxy of the environment is asked, and a receiver that
takes its time is hung up on.
"""

import os
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Event, Timer
from types import ModuleType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

SECONDS: Final = 15.0
"""For all of it, once the name is resolved."""
_MOST_READ: Final = 64 * 1024
"""Bytes of an answer's body: nobody looks at them, but a receiver that is cut off while it writes logs an error."""

Address = IPv4Address | IPv6Address

# --- what may go wrong ------------------------------------------------------------------------------------------------


class BadTarget(Exception):
    """Nothing is ever posted to such a URL; which of `SCHEME`, `NO_URL` and `NEIGHBOUR` it is, `reason` says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_URL: Final = "no URL"
SCHEME: Final = "not https"
NEIGHBOUR: Final = "an address of this machine or its neighbours"


class NotPosted(Exception):
    """Nobody knows whether it has arrived: there was no answer."""


class NoAddress(NotPosted):
    """The name has no address, or one that may not be called: which of both is not told, of names inside."""


class NoConnection(NotPosted):
    """There was none, or it broke, or what was said was not HTTP."""


class NoTrust(NotPosted):
    """TLS came to nothing, or the certificate is not the name's, or of nobody who is trusted."""


class TooLong(NotPosted):
    """The answer did not come in time."""


# --- targets ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """As the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.secure] else f"{host}:{self.port}"


_PORTS: Final = {True: 443, False: 80}


def target(url: str, *, private: bool) -> Target:
    """Raises `BadTarget` where it can be told without asking anybody. `private`: HTTP without TLS and addresses of this
    machine and its network are let pass, too."""
    if not url.isascii() or not url.isprintable() or " " in url:
        raise BadTarget(NO_URL)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadTarget(NO_URL) from error
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or port == 0:
        raise BadTarget(NO_URL)
    secure = parts.scheme == "https"
    if not secure and not private:
        raise BadTarget(SCHEME)
    with suppress(ValueError):
        if not _may_be_called(ip_address(host), private=private):
            raise BadTarget(NEIGHBOUR)
    query = f"?{parts.query}" if parts.query else ""
    return Target(secure, host, port or _PORTS[secure], f"{parts.path or '/'}{query}")


def _may_be_called(address: Address, *, private: bool) -> bool:
    """Those of everybody; those of this machine and its network where they are asked for. Never those at which no
    receiver is, but a cloud's keys (link-local), everybody at once, or, in disguise, any of these."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _may_be_called(address.ipv4_mapped, private=private)
        if address.sixtofour is not None or address.teredo is not None or address.is_site_local:
            return False
    if address.is_loopback:
        return private
    if address.is_multicast or address.is_link_local or address.is_reserved or address.is_unspecified:
        return False
    return address.is_global or (private and address.is_private)


def _resolved(target: Target, *, private: bool) -> Sequence[Address]:
    """Every address of the host, in the order in which the system would call them; it is asked once."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(ip_address(where[0]) for *_, where in found))
    except (OSError, ValueError) as error:  # a UnicodeError, too, is a ValueError
        raise NoAddress(target.host) from error
    if not addresses or not all(_may_be_called(address, private=private) for address in addresses):
        raise NoAddress(target.host)
    return addresses


# --- posting ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """How a receiver answered."""

    status: int
    retry_after: str


def post(target: Target, headers: Mapping[str, str], body: bytes, *, private: bool) -> Answer:
    """Raises a leaf of `NotPosted`."""
    addresses = _resolved(target, private=private)
    end = time.monotonic() + SECONDS
    with _told_plainly(), closing(_connected(target, addresses, end)) as connection, _hung_up(connection, end) as over:
        connection.request("POST", target.path, body, {"Host": target.named, **headers}, preload_content=False)
        response = connection.getresponse()
        if over.is_set():  # what is cut off in the midst of its headers looks like one that has no more of them
            raise TooLong
        answer = Answer(response.status, response.headers.get("Retry-After", ""))
        with suppress(*_failures()):  # it has answered: however that ends
            response.read(_MOST_READ, decode_content=False)
        return answer


def _connected(target: Target, addresses: Sequence[Address], end: float) -> "HTTPConnection":
    """To the first address that somebody listens at."""
    *others, last = addresses
    nobody = _library().exceptions
    for address in others:
        with suppress(nobody.ConnectTimeoutError, nobody.NewConnectionError):
            return _connection(target, address, end)
    return _connection(target, last, end)


def _connection(target: Target, address: Address, end: float) -> "HTTPConnection":
    left = max(end - time.monotonic(), 0.1)
    kinds = _library().connection
    connection: HTTPConnection = (
        kinds.HTTPSConnection(
            str(address), target.port, timeout=left, ssl_context=_trust(), server_hostname=target.host
        )
        if target.secure
        else kinds.HTTPConnection(str(address), target.port, timeout=left)
    )
    connection.connect()
    return connection


def _library() -> ModuleType:
    """Loaded when something is first posted: many a service never does, and each would start later for it."""
    import urllib3  # noqa: PLC0415 - see above

    return urllib3


@cache
def _trust() -> ssl.SSLContext:
    """Whoever this machine trusts; `SSL_CERT_FILE` names others."""
    return ssl.create_default_context()


@cache
def _failures() -> tuple[type[Exception], ...]:
    return _library().exceptions.HTTPError, HTTPException, OSError, ValueError


@contextmanager
def _hung_up(connection: "HTTPConnection", end: float) -> Iterator[Event]:
    """When time is over, which is told: the timeouts of sockets begin anew with every byte."""
    with socket.socket(fileno=os.dup(connection.sock.fileno())) as line:
        over = Event()

        def hang_up() -> None:
            over.set()
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        timer = Timer(max(end - time.monotonic(), 0), hang_up)
        timer.start()
        try:
            yield over
        except _failures() as error:
            if over.is_set():
                raise TooLong from error
            raise
        finally:
            timer.cancel()
            timer.join()


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What urllib3, TLS and the system raise, in our words."""
    library = _library().exceptions
    try:
        yield
    except (library.NewConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
        raise NoConnection from error
    except (TimeoutError, library.ConnectTimeoutError) as error:
        raise TooLong from error
    except ssl.SSLError as error:
        raise NoTrust from error
    except _failures() as error:
        raise NoConnection from error
