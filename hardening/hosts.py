"""Other hosts on this machine: network namespaces (ip-netns(8)), each joined to ours by a cable of its own and to
nothing else. What runs there reaches us, and nobody besides, over addresses that are nobody's (RFC 2544).
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class NoHosts(RuntimeError):
    """This machine lets nobody make one: it takes root, and iproute2."""


@dataclass(frozen=True, slots=True)
class Host:
    """Its name, and the address under which it finds us."""

    name: str
    ours: str

    @property
    def command(self) -> tuple[str, ...]:
        """What stands before a command that is to run there."""
        return ("ip", "netns", "exec", self.name)


@contextmanager
def host(number: int) -> Iterator[Host]:
    """One that goes with all that runs in it; `number` 0 to 63, no two the same. Raises `NoHosts`."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NoHosts("network namespaces take root and iproute2")
    made = Host(f"apptenticate-{os.getpid()}-{number}", f"198.18.0.{4 * number + 1}")
    try:
        _cabled(made, f"198.18.0.{4 * number + 2}", f"appt{os.getpid() % 100_000}n{number}")
        yield made
    finally:
        subprocess.run(["ip", "netns", "delete", made.name], check=False, capture_output=True)


def _cabled(made: Host, theirs: str, cable: str) -> None:
    inside = ("-netns", made.name)
    for step in (
        ("netns", "add", made.name),
        ("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", made.name),
        ("address", "add", f"{made.ours}/30", "dev", cable),
        ("link", "set", cable, "up"),
        (*inside, "address", "add", f"{theirs}/30", "dev", "eth0"),
        (*inside, "link", "set", "eth0", "up"),
        (*inside, "link", "set", "lo", "up"),
    ):
        done = subprocess.run(["ip", *step], check=False, capture_output=True, text=True)
        if done.returncode:
            raise NoHosts(f"ip {' '.join(step)}: {done.stderr.strip()}")
