"""A Redis of our own, on loopback, that can be taken away; a store of pictures; Celery workers that can be killed."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from moto.server import ThreadedMotoServer
from redis import Redis as Client
from redis.exceptions import RedisError

from benchmarks.measuring.timing import children
from hardening.hosts import Host

ROOT = Path(__file__).resolve().parents[1]
_SECONDS_TO_START = 120.0  # as for the service: on a busy machine, loading the readers takes many times as long


@dataclass(slots=True)
class Redis:
    """A server in a folder that goes with it. Killed, it has lost what it held, unless it `keeps` that. `cables`: our
    addresses on those to other hosts, over which it listens, too."""

    folder: Path
    port: int
    keeps: bool = False
    cables: Sequence[str] = ()
    password: str = field(default_factory=partial(secrets.token_urlsafe, 12), repr=False)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return self.url_at("127.0.0.1")

    def url_at(self, address: str) -> str:
        return f"redis://:{self.password}@{address}:{self.port}/0"

    @property
    def pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise FileNotFoundError("Redis is not installed: apt-get install redis-server")
        where = ["--port", str(self.port), "--bind", "127.0.0.1", *self.cables, "--dir", str(self.folder)]
        kept = ["--appendonly", "yes", "--appendfsync", "always"] if self.keeps else ["--appendonly", "no"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, *where, "--requirepass", self.password, "--save", "", *kept], stdout=log
            )
        _until(self._answers, "Redis")

    def kill(self) -> None:
        """At once, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def forget(self) -> None:
        """Lose what it keeps, while it is away."""
        shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)

    def _answers(self) -> bool:
        """Whether it is this one that answers: another may have taken the port meanwhile, and would be emptied."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"Redis ended: {(self.folder / 'log').read_text()[-500:]}")
        try:
            told: Any = Client.from_url(self.url).info("server")
        except RedisError:  # it loads what it kept
            return False
        return bool(told["process_id"] == self._process.pid)


@contextmanager
def redis(*, keeps: bool = False, cables: Sequence[str] = ()) -> Iterator[Redis]:
    """One that lives as long as it is used."""
    with TemporaryDirectory(prefix="apptenticate-redis-") as folder:
        server = Redis(Path(folder), _free_port(), keeps, cables)
        server.start()
        try:
            yield server
        finally:
            server.kill()


@dataclass(frozen=True, slots=True)
class Store:
    """An S3-compatible store, moto's over HTTP, with a bucket; and what the service is told of it."""

    url: str
    bucket: str = "pictures-of-cards"

    @property
    def environment(self) -> Mapping[str, str]:
        told = {"": f"s3://{self.bucket}/ine", "_ENDPOINT": self.url, "_KEY": "k", "_SECRET": "s"}
        return {f"APPTENTICATE_STORAGE{name}": value for name, value in told.items()}

    @property
    def inside(self) -> Any:  # noqa: ANN401 - boto3 makes its class up when it runs
        """Whoever looks into it past the service."""
        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
        return boto3.client("s3", endpoint_url=self.url, **keys)

    def stored(self) -> dict[str, bytes]:
        """What lies in the bucket, by its name."""
        found = self.inside.list_objects_v2(Bucket=self.bucket).get("Contents", ())
        keys = [one["Key"] for one in found]
        return {key: self.inside.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in keys}


@contextmanager
def store() -> Iterator[Store]:
    """One that lives as long as it is used."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        there = Store(f"http://{host}:{port}")
        there.inside.create_bucket(Bucket=there.bucket)
        yield there
    finally:
        server.stop()


@dataclass(slots=True)
class Worker:
    """`./run worker` without its setting up: a parent, and the processes that read."""

    environment: Mapping[str, str]
    log: Path
    processes: int = 1
    queues: str = "interactive,batch"
    host: Host | None = None
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        """The parent of those that read."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        told = ["--queues", self.queues, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        command = [
            *(self.host.command if self.host else ()),
            sys.executable,
            "-m",
            "celery",
            "--app",
            "apptenticate.celery",
            "worker",
            *told,
        ]
        command += ["--concurrency", str(self.processes), "--hostname", f"{self.log.stem}@%h"]
        lines = self._ready_lines()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _until(lambda: self._ready_lines() > lines, "the worker")

    def kill(self) -> None:
        """Parent and children, at once."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def reading(self) -> list[int]:
        """The processes that read."""
        return children(self.pid)

    def stop(self) -> int:
        """Let it finish what it reads; its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=_SECONDS_TO_START)

    def _ready_lines(self) -> int:
        return self.log.read_text().count(" ready.") if self.log.exists() else 0


@contextmanager
def worker(
    environment: Mapping[str, str],
    log: Path,
    processes: int = 1,
    queues: str = "interactive,batch",
    host: Host | None = None,
) -> Iterator[Worker]:
    """One that is ready, and ends with what it is used for."""
    one = Worker(environment, log, processes, queues, host)
    one.start()
    try:
        yield one
    finally:
        one.kill()


def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise TimeoutError(f"{what} did not start within {_SECONDS_TO_START:.0f} seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
