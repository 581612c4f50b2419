"""A file of results: lines whole or cut off, taken up again, one writer, nothing else overwritten."""

import errno
import json
import stat
from io import FileIO
from pathlib import Path

import pytest

from ocr.management.results import NoResults, Result, opened


def result(card: str, code: int = 200) -> Result:
    return {"card": card, "front": "f", "back": "b", "code": code, "seconds": 0.1, "answer": {"valid": code == 200}}


def add(path: Path, *results: Result) -> None:
    with opened(path) as written:
        for one in results:
            written.add(one)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_results_are_lines_that_nobody_else_may_read(path: Path) -> None:
    add(path, result("ana"), result("Peña", 814))
    assert [json.loads(line) for line in path.read_bytes().splitlines()] == [result("ana"), result("Peña", 814)]
    assert "Peña".encode() in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_they_are_taken_up_again(path: Path) -> None:
    add(path, result("ana"), result("beto", 814))
    with opened(path) as written:
        written.add(result("carla"))
        assert written.cards == {"ana", "beto", "carla"}
        assert written.codes == {200: 2, 814: 1}
        assert written.valid == 2


@pytest.mark.parametrize("torn", [1, 5, 20, -1])
def test_a_torn_line_is_cut_off(path: Path, torn: int) -> None:
    add(path, result("ana"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole.replace(b"ana", b"eva")[:torn])
    with opened(path) as written:
        assert written.cards == {"ana"}
        written.add(result("eva"))
    assert path.read_bytes() == whole + whole.replace(b"ana", b"eva")


@pytest.mark.parametrize(
    "content",
    [
        b"\n", b"{}\n", b"[]\n", b"null\n", b"\xff\xd8\xff\xe0 a picture", b"text", b'{"card": 7, "code": 200}\n',
        b'{"card": "ana", "code": 200}\n', b'{"card": "ana", "code": "200", "answer": {}}\n', b"\0" * 50,
        b'{"card": \n', b"[" * 100_000 + b"\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [False, True])
def test_a_file_that_holds_something_else_is_left_as_it_is(path: Path, content: bytes, before: bool) -> None:
    if before:
        add(path, result("ana"))
    path.write_bytes(held := (path.read_bytes() if before else b"") + content)
    with (
        pytest.raises(NoResults, match=rf"its line {1 + before} is no result of a card: name another file"),
        opened(path),
    ):
        pass
    assert path.read_bytes() == held


def test_two_cannot_write_at_once(path: Path) -> None:
    with opened(path), pytest.raises(NoResults, match="being written by another run"), opened(path):
        pass
    add(path, result("ana"))


def test_an_empty_file_that_all_may_read_is_closed_to_them(path: Path) -> None:
    path.touch(0o644)
    add(path, result("ana"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["missing/results.jsonl", ".", "/dev/null"])
def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoResults, match=r"cannot be written .*: name another file"), opened(tmp_path / name):
        pass


@pytest.mark.parametrize("written", [OSError(errno.ENOSPC, "No space left on device"), 10])
def test_a_full_disk_says_how_to_go_on(path: Path, monkeypatch: pytest.MonkeyPatch, written: OSError | int) -> None:
    class Full(FileIO):
        def write(self, data: object) -> int:
            if isinstance(written, OSError):
                raise written
            return written

    monkeypatch.setattr("ocr.management.results.FileIO", Full)
    with pytest.raises(NoResults, match="make room on the disk; the same command goes on"):
        add(path, result("ana"))


def test_a_name_that_is_no_text_comes_back(path: Path) -> None:
    add(path, result("a\udcff"))
    with opened(path) as written:
        assert written.cards == {"a\udcff"}
