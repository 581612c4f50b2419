"""The nursery: readers come from one process that has loaded everything and started no thread; it is replaced, too."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ocr.processes import Limits, Processes, Wanted
from tests.fresh import run_fresh

ROOT = Path(__file__).parents[2]
FRONT, BACK = ((ROOT / "fixtures" / "g_scan" / name).read_bytes() for name in ("front.jpg", "back.jpg"))


@pytest.fixture(scope="module")
def desk() -> Iterator[Processes]:
    desk = Processes(2, Wanted(("glance",), ("glance",), None), Limits(20))
    desk.prepare()
    yield desk
    desk.close()


def _nursery(desk: Processes) -> int:
    return int(desk._pool.schedule(os.getppid).result())


def _others(process: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def test_all_readers_come_from_it(desk: Processes) -> None:
    assert _nursery(desk) != os.getpid()
    assert len(_others(_nursery(desk))) == 2


def test_no_thread_runs_there_that_would_not_survive(desk: Processes) -> None:
    assert len(list(Path(f"/proc/{_nursery(desk)}/task").iterdir())) == 1


def test_what_all_readers_need_is_loaded_there() -> None:
    code = (
        "import sys, ocr.preloaded; loaded = set(sys.modules); "
        "from ocr import processes; from ocr.processes import Wanted; "
        "Wanted(('glance', 'tesseract'), ('glance', 'passporteye'), None).load(); "
        "print(sorted(set(sys.modules) - loaded))"
    )
    told = run_fresh(code)
    assert told.stdout == "[]\n"


def test_one_that_is_killed_is_replaced(desk: Processes) -> None:
    before = _nursery(desk)
    os.kill(before, signal.SIGKILL)
    time.sleep(0.5)
    assert desk.begin(FRONT, BACK, today=date(2026, 11, 22))().back.fields["cic"].value
    assert _nursery(desk) != before


def test_what_cannot_be_loaded_is_told_by_the_reader_that_needs_it(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise OSError('no such library')")
    code = (
        "from ocr.processes import Limits, Processes, Wanted\n"
        "if __name__ == '__main__':\n"
        "    desk = Processes(1, Wanted(('glance',), ('glance',), None), Limits(20))\n"
        "    try:\n"
        "        desk.prepare()\n"
        "    except OSError as error:\n"
        "        print(error)\n"
        "    desk.close()\n"
    )
    where = {"PYTHONPATH": str(tmp_path)}
    told = run_fresh(code, **where)
    assert told.stdout == "no such library\n"
