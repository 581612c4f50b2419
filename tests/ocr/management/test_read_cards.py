"""`manage.py read_cards`: a folder read for real, every card once, however the run before ended."""

import errno
import fcntl
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ocr import desks
from ocr.management import batch
from ocr.management.commands.read_cards import INTERRUPTED
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Reading
from tests.conftest import FakeReader
from tests.ocr.readings import reading as made

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "fixtures"
CLEAN = ("g_scan", "h_scan_abroad", "d_scan")


def lay(folder: Path, name: str, fixture: str = "g_scan") -> None:
    for side in ("front", "back"):
        target = folder / f"{name}_{side}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((FIXTURES / fixture / f"{side}.jpg").read_bytes())


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_bytes().splitlines()]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    return tmp_path / "cards"


Told = tuple[str, str]


def read_cards(cards: Path, out: Path, **options: Any) -> Told:
    stdout, stderr = io.StringIO(), io.StringIO()
    try:
        call_command("read_cards", cards, out=out, stdout=stdout, stderr=stderr, **options)
    except CommandError as error:
        error.args = (f"{error}\n{stderr.getvalue()}",)
        raise
    return stdout.getvalue(), stderr.getvalue()


# --- for real ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_and_summed_up(cards: Path, out: Path) -> None:
    lay(cards, "ana")
    lay(cards, "inner/beto", "d_scan")
    lay(cards, "carla", "bad_814_blank")
    lay(cards, "empty", "bad_800_empty")
    lay(cards, "other", "bad_other_persons_back")
    (cards / "lone_front.jpg").touch()
    stdout, stderr = read_cards(cards, out, language="en")
    found = {line["card"]: line for line in lines(out)}
    assert {card: line["code"] for card, line in found.items()} == {
        "ana": 200, "inner/beto": 200, "carla": 814, "empty": 800, "other": 200,
    }  # fmt: skip
    ana = found["ana"]
    assert list(ana) == ["card", "front", "back", "code", "seconds", "answer"]
    assert (ana["front"], ana["back"]) == ("ana_front.jpg", "ana_back.jpg")
    assert 0 < ana["seconds"] < 30
    assert ana["answer"]["frontside"]["CURP"] == ana["answer"]["details"]["frontside"]["fields"]["CURP"]["value"]
    assert found["empty"]["answer"]["error"] == "Sent file could not be processed correctly."
    assert "  200       3  read: 2 valid, 1 not valid\n" in stdout
    assert "  800       1  Sent file could not be processed correctly.\n" in stdout
    assert "  all       5  5 of them now" in stdout
    assert f"Results: {out}" in stdout
    assert "lone_front.jpg (the other side is missing)" in stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def start(cards: Path, out: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "manage.py", "read_cards", str(cards), "--out", str(out)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "APPTENTICATE_HOME": str(out.parent / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], bool], run: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 120
    while not condition() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


def written(out: Path) -> int:
    return out.read_bytes().count(b"\n") if out.exists() else 0


def test_two_hundred_cards_killed_half_way_are_each_there_once(cards: Path, out: Path) -> None:
    for number in range(200):
        lay(cards, f"{number:03}", CLEAN[number % len(CLEAN)])
    with start(cards, out) as killed:
        wait_for(lambda: written(out) >= 100, killed)
        killed.kill()
    before = out.read_bytes()
    before = before[: before.rindex(b"\n") + 1]
    assert 100 <= before.count(b"\n") < 200
    out.write_bytes(before + before[:777])  # torn, as a kill in the middle of a write would have left it
    with start(cards, out) as again:
        stdout, stderr = again.communicate(timeout=200)
    assert again.returncode == 0, stderr
    assert out.read_bytes().startswith(before)
    assert sorted(line["card"] for line in lines(out)) == [f"{number:03}" for number in range(200)]
    assert {line["code"] for line in lines(out)} == {200}
    assert f"  all     200  {200 - len(before.splitlines())} of them now" in stdout
    assert "card/s" in stderr
    assert "200/200" in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_writes_what_is_being_read_and_says_how_to_go_on(
    cards: Path, out: Path, number: signal.Signals
) -> None:
    for name in range(60):
        lay(cards, f"{name:02}")
    with start(cards, out) as stopped:
        wait_for(lambda: written(out) >= 2, stopped)
        stopped.send_signal(number)
        stdout, stderr = stopped.communicate(timeout=60)
    assert stopped.returncode == INTERRUPTED
    assert "Stopping once what is being read is written" in stderr
    done = len(lines(out))
    assert 2 <= done < 60
    assert out.read_bytes().endswith(b"}\n")
    assert f"Stopped: {60 - done} cards are left. The same command goes on." in stderr
    assert f"  200 {done:>7}  read" in stdout
    assert "Traceback" not in stderr


# --- with a reader that says what it is told --------------------------------------------------------------------------


@pytest.fixture
def desk(fake: FakeReader, monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    monkeypatch.setattr(desks, "open_desk", lambda count, waiting: fake)
    return fake


def test_cards_that_are_there_already_are_not_read_again(cards: Path, out: Path, desk: FakeReader) -> None:
    lay(cards, "ana")
    read_cards(cards, out)
    lay(cards, "beto")
    stdout, _ = read_cards(cards, out)
    assert [line["card"] for line in lines(out)] == ["ana", "beto"]
    assert len(desk.calls) == 2
    assert "  all       2  1 of them now" in stdout
    assert "  all       2  none of them now" in read_cards(cards, out)[0]


def test_results_of_another_folder_are_named(cards: Path, out: Path, desk: FakeReader) -> None:
    lay(cards, "ana")
    read_cards(cards, out)
    lay(cards.parent / "others", "beto")
    assert "In the results, but not in the folder: ana" in read_cards(cards.parent / "others", out)[1]


class Moody(FakeReader):
    """Answers with one of its moods after another, the last one for ever."""

    def __init__(self, *moods: Reading | BaseException) -> None:
        super().__init__()
        self.moods = list(moods)

    def read(self) -> Reading:
        self.reading = self.moods.pop(0) if len(self.moods) > 1 else self.moods[0]
        return super().read()


@pytest.mark.parametrize(
    ("moods", "codes", "calls"),
    [
        ([ReaderDown(), made()], {"beto": 200, "ana": 200}, 3),
        ([ReaderDown()], {"ana": 852, "beto": 852}, 4),
        ([RuntimeError("nobody foresaw it"), made()], {"ana": 500, "beto": 200}, 2),
    ],
)
def test_a_reader_that_is_down_is_asked_once_more_at_the_end(
    cards: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    moods: list[Reading | BaseException],
    codes: dict[str, int],
    calls: int,
) -> None:
    moody = Moody(*moods)
    monkeypatch.setattr(desks, "open_desk", lambda count, waiting: moody)
    lay(cards, "ana")
    lay(cards, "beto")
    read_cards(cards, out, processes=1)
    found = lines(out)
    assert len(found) == len(codes)
    assert {line["card"]: line["code"] for line in found} == codes  # in no order: both may be ready at once
    assert len(moody.calls) == calls


def test_a_picture_that_cannot_be_opened_is_left_for_the_next_run(
    cards: Path, out: Path, desk: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(cards, "ana")
    lay(cards, "beto")

    def closed(path: Path) -> bytes:
        if path.name == "ana_back.jpg":
            raise PermissionError(errno.EACCES, "Permission denied")
        return b"a picture"

    monkeypatch.setattr(batch, "picture", closed)
    with pytest.raises(CommandError, match=r"1 cards could not be opened.*\n.*: ana .Permission denied"):
        read_cards(cards, out)
    assert [line["card"] for line in lines(out)] == ["beto"]


def test_no_more_cards_are_opened_than_keep_every_process_busy(
    cards: Path, out: Path, desk: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        lay(cards, f"{number}")
    most = 0
    begin = desk.begin

    def begun(front: bytes, back: bytes, **told: Any) -> Any:
        nonlocal most
        most = max(most, len(desk.calls) + 1 - written(out))
        return begin(front, back, **told)

    monkeypatch.setattr(desk, "begin", begun)
    read_cards(cards, out, processes=2)
    assert len(lines(out)) == 20
    assert most <= 4


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processes", [-1, 0, 65])
def test_a_number_of_processes_that_is_none_is_refused(cards: Path, out: Path, processes: int) -> None:
    lay(cards, "ana")
    with pytest.raises(CommandError, match="a number from 1 to 64"):
        read_cards(cards, out, processes=processes)
    assert not out.exists()


def test_no_folder_and_no_pairs_are_refused_with_examples(cards: Path, out: Path) -> None:
    with pytest.raises(CommandError, match="name a folder of pictures"):
        read_cards(cards, out)
    lay(cards, "ana")
    (cards / "ana_back.jpg").unlink()
    with pytest.raises(CommandError, match=r"name them like ana/front\.jpg and(?s:.*)ana_front.jpg .the other side"):
        read_cards(cards, out)
    assert not out.exists()


def test_a_file_of_something_else_is_refused(cards: Path, out: Path) -> None:
    lay(cards, "ana")
    out.write_text("notes of mine\n")
    with pytest.raises(CommandError, match="its line 1 is no result of a card"):
        read_cards(cards, out)
    assert out.read_text() == "notes of mine\n"


def test_a_file_that_another_run_writes_is_refused(cards: Path, out: Path) -> None:
    lay(cards, "ana")
    with out.open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="being written by another run"):
            read_cards(cards, out)
