"""`./run fuzz`: mutated pictures, mutated bodies, requests made up from the OpenAPI description, text for validators.

A real service on loopback: no answer may be a 500 or take longer than a reading may, no process may die or be replaced
but by its limits, memory stays flat. Prints the figures, and ends with 1 where one of that does not hold.
"""

import argparse
import http.client
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.measuring.client import Client
from benchmarks.measuring.progress import Progress
from benchmarks.measuring.service import ROOT, running_service
from benchmarks.measuring.timing import family, held
from hardening.mutants import body, mutant
from validators import curp, date, elector_key, mrz, name
from validators.errors import ValidatorError

_SECONDS = 30.0  # for one answer: what one reading may take
_BROKEN, _BUSY = 500, 503
_GROWTH, _MANY = 0.1, 5_000  # of memory, over the second half; requests by which every model is loaded
_SAMPLES = ("g_scan", "d_scan", "e_photo", "f_photo_abroad", "g_mono")


Make = Callable[[random.Random], tuple[str, dict[str, str], bytes]]
"""A kind, headers and a body."""


@dataclass
class Figures:
    """What came back, by what was sent; and what should not have been."""

    answers: dict[str, Counter[str]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    slowest: float = 0.0
    megabytes: list[int] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(sum(answers.values()) for answers in self.answers.values())

    def note(self, kind: str, status: int | None, seconds: float, said: str) -> None:
        self.answers.setdefault(kind, Counter())[str(status or "none")] += 1
        self.slowest = max(self.slowest, seconds)
        if status is None or (status >= _BROKEN and status != _BUSY):
            self.complaints.append(f"{kind}: {status} {said[:120]}")
        if seconds > _SECONDS:
            self.complaints.append(f"{kind}: {seconds:.0f} s")


def main() -> int:
    options = _parser().parse_args()
    figures = Figures()
    os.environ |= {"APPTENTICATE_ACCESS_MINUTES": "600", "APPTENTICATE_TOKEN_RATE": "off"}
    os.environ["APPTENTICATE_RETENTION_DAYS"] = "0"
    _validators(options.texts, figures)
    first = {"APPTENTICATE_FRONT_READERS": "glance", "APPTENTICATE_BACK_READERS": "glance"}
    with _service(figures, "the first reader alone", **first) as client:
        _post_all("pictures", (options.pictures, options.seed), _two_pictures, client, figures)
    nothing_sent = {"APPTENTICATE_WEBHOOKS": "0"}  # to addresses that are made up
    with _service(figures, "every reader", **nothing_sent) as client:
        _post_all("pictures again", (options.pictures // 20, options.seed), _two_pictures, client, figures)
        _post_all("bodies", (options.bodies, options.seed), lambda dice: body(dice, *_good()), client, figures)
        _schemathesis(client, options.examples, figures)
    return _report(figures)


@contextmanager
def _service(figures: Figures, title: str, **told: str) -> Iterator[Client]:
    """A service that must be afterwards what it was before."""
    os.environ |= told
    with running_service(2) as service:
        client = Client(service)
        before, figures.megabytes = family(service.pid), []
        yield client
        _judge(figures, title, sorted(set(before) - set(family(service.pid))), client.read(*_good()).status)
    for variable in told:
        del os.environ[variable]


# --- requests ---------------------------------------------------------------------------------------------------------


def _pictures() -> list[bytes]:
    return [path.read_bytes() for sample in _SAMPLES for path in sorted((ROOT / "fixtures" / sample).glob("*.jpg"))]


def _good() -> tuple[bytes, bytes]:
    front, back = ((ROOT / "fixtures" / "g_scan" / f"{side}.jpg").read_bytes() for side in ("front", "back"))
    return front, back


def _two_pictures(dice: random.Random) -> tuple[str, dict[str, str], bytes]:
    kind, picture = mutant(dice, _pictures())
    front, back = _good()
    sides = (picture, back) if dice.random() < 0.5 else (front, picture)
    if dice.random() < 0.2:
        sides = (picture, mutant(dice, _pictures())[1])
    parts = (*zip(("frontside", "backside"), sides, strict=True), ("document_type", b"id_mexico"))
    whole = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (part.encode(), b'; filename="a.jpg"' if part.endswith("side") else b"", content)
        for part, content in parts
    )
    return kind, {"Content-Type": "multipart/form-data; boundary=x"}, whole + b"--x--\r\n"


def _post_all(title: str, wanted: tuple[int, int], make: Make, client: Client, figures: Figures) -> None:
    """`wanted`: how many, and the dice's seed."""
    count, seed = wanted
    progress = Progress(title, count)

    def post(number: int) -> None:
        kind, headers, content = make(random.Random(f"{seed}-{title}-{number}"))
        began = time.monotonic()
        status, said = _raw(client, headers, content)
        figures.note(kind, status, time.monotonic() - began, f"{said} (--seed {seed}, {title} {number})")
        progress.step()
        if number % max(count // 10, 1) == 0:
            figures.megabytes.append(sum(held(client.service.pid)) // 1_000_000)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(post, range(count)))


def _raw(client: Client, headers: dict[str, str], content: bytes) -> tuple[int | None, str]:
    """As it is, whatever a well-behaved library would say to it."""
    address = client.service.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=_SECONDS * 2)
    try:
        told = {**headers, "Authorization": f"Bearer {client.token}"}
        connection.request("POST", "/api/v3.2/ocr/", content, told)
        answer = connection.getresponse()
        return answer.status, answer.read(200).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return None, repr(error)
    finally:
        connection.close()


def _schemathesis(client: Client, examples: int, figures: Figures) -> None:
    service = client.service
    if not examples:
        return
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{service.url}/api/schema/", "--url", service.url,
        "--header", f"Authorization: Bearer {client.token}", "--max-examples", str(examples), "--no-color",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--request-timeout", "60", "--generation-deterministic",
        "--workers", "1",  # CPython 3.11 fails where two threads parse at once (python/cpython#106905)
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"})
    print("\n".join(done.stdout.splitlines()[-25:]))
    if done.returncode:
        print(done.stdout.partition("= FAILURES =")[2][:3000])
        figures.complaints.append(f"schemathesis: exit {done.returncode} {done.stderr[-300:]}")


# --- validators -------------------------------------------------------------------------------------------------------

_LETTERS = st.text("ABCDEFGHIJKLMNÑOPQRSTUVWXYZ0123456789<", max_size=40)
_TEXTS = st.one_of(st.text(max_size=60), _LETTERS, st.lists(_LETTERS, min_size=1, max_size=4).map("\n".join))

_VALIDATORS: Mapping[str, Callable[[str], object]] = {
    "CURP": curp.validate,
    "elector key": elector_key.validate,
    "MRZ": lambda text: mrz.validate(text.split("\n")),
    "MRZ, parsed": lambda text: mrz.parse(text.split("\n")),
    "kind of MRZ": lambda text: mrz.kind(text.split("\n")),
    "printed date": date.parse_printed_date,
    "name": name.fold,
    "MRZ of a name": name.mrz_spellings,
}


def _validators(count: int, figures: Figures) -> None:
    """Whatever text comes: a value, or the one exception that says what is wrong with it."""
    for title, validate in _VALIDATORS.items():
        rounds: Counter[str] = Counter()
        try:
            _property(validate, count, rounds)()
        except Exception as error:  # noqa: BLE001 - any other is what is looked for
            figures.complaints.append(f"{title}: {error!r}")
        print(f"{title:14} {sum(rounds.values()):6}  {dict(rounds)}")


def _property(validate: Callable[[str], object], count: int, rounds: Counter[str]) -> Callable[[], None]:
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_TEXTS)
    def holds(text: str) -> None:
        try:
            validate(text)
            rounds["taken"] += 1
        except ValidatorError:
            rounds["refused"] += 1

    return holds


# --- the service ------------------------------------------------------------------------------------------------------


def _judge(figures: Figures, title: str, replaced: Sequence[int], healthy: int) -> None:
    memory = figures.megabytes
    early, late = (memory[len(memory) // 2], memory[-1]) if memory else (1, 1)
    print(f"{title}: processes replaced {len(replaced)}, memory {early} → {late} MB ({late / early - 1:+.0%}) over the "
          f"second half, a good document afterwards: {healthy}")  # fmt: skip
    if late / early - 1 > _GROWTH and figures.sent >= _MANY:
        figures.complaints.append("memory grew")
    if replaced:
        figures.complaints.append(f"processes {replaced} are gone")
    if healthy != http.client.OK:
        figures.complaints.append("a good document is not read any more")


def _report(figures: Figures) -> int:
    for kind, answers in sorted(figures.answers.items()):
        print(f"{kind:14} {sum(answers.values()):6}  {dict(sorted(answers.items()))}")
    print(f"sent {figures.sent}, slowest answer {figures.slowest:.1f} s, complaints {len(figures.complaints)}")
    for complaint in figures.complaints[:30]:
        print(f"! {complaint}", file=sys.stderr)
    return int(bool(figures.complaints))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run fuzz", description=__doc__)
    parser.add_argument(
        "--pictures",
        type=int,
        default=10_000,
        help="mutated pictures; a twentieth of them again (%(default)s)",
    )
    parser.add_argument("--bodies", type=int, default=2_000, help="mutated bodies (%(default)s)")
    parser.add_argument("--examples", type=int, default=60, help="of schemathesis for each operation (%(default)s)")
    parser.add_argument("--texts", type=int, default=3_000, help="for each validator (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="other dice")
    return parser


if __name__ == "__main__":
    sys.exit(main())
