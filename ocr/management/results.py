"""A file of results, one JSON line for each card: written line by line, taken up again where a run was stopped.

It holds what cards say: nobody else may read it, and two runs cannot write it at once.
"""

import errno
import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

BEGINNING = b'{"card": '
"""Of every line, and so of one that was cut short."""

Result = dict[str, Any]
_MEND = "make room on the disk; the same command goes on"


class NoResults(Exception):
    """The file cannot be written, or holds something else: the message says what to do."""


class NoResult(Exception):
    """A line says something else, or nothing that can be understood."""

    def __init__(self, number: int) -> None:
        super().__init__(f"for its line {number} is no result of a card")


class Results:
    """What a file holds already, and what is added to it."""

    def __init__(self, file: FileIO, path: Path) -> None:
        self._file, self._path = file, path
        self.cards: set[str] = set()
        self.codes: Counter[int] = Counter()
        self.valid = 0
        for result in _earlier(file):
            self._count(result)

    def add(self, result: Result) -> None:
        """One write of a whole line: whoever kills this leaves no more than the last one torn. Raises `NoResults`."""
        line = json.dumps(result, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
        try:
            written = self._file.write(line)
        except OSError as error:
            raise NoResults(f"{self._path} cannot be written ({error.strerror}): {_MEND}.") from error
        if written != len(line):
            raise NoResults(f"{self._path} cannot be written any more: {_MEND}.")
        self._count(result)

    def _count(self, result: Result) -> None:
        self.cards.add(result["card"])
        self.codes[result["code"]] += 1
        self.valid += result["answer"].get("valid") is True


@contextmanager
def opened(path: Path) -> Iterator[Results]:
    """A new file or an old one, to add to. Raises `NoResults`."""
    try:
        file = _file(path)
    except OSError as error:
        raise NoResults(f"{path} cannot be written ({error.strerror}): name another file with --out.") from error
    with file:
        _lock(file, path)
        try:
            results = Results(file, path)
        except NoResult as error:
            raise NoResults(f"{path} is left as it is, {error}: name another file with --out.") from error
        yield results


def _file(path: Path) -> FileIO:
    if path.exists() and not path.is_file():  # a device or a pipe gives back nothing of what it was told
        raise OSError(errno.EINVAL, "it is no ordinary file")
    file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+")
    if not os.fstat(file.fileno()).st_size:  # made by somebody else, perhaps, who thought of no secrets
        os.fchmod(file.fileno(), 0o600)
    return file


def _lock(file: FileIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise NoResults(f"{path} is being written by another run: wait for its end, or name another file.") from error


def _earlier(file: FileIO) -> Iterator[Result]:
    """Every line; a torn last one is cut off once all others are known to be results. Raises `NoResult`."""
    whole = 0
    with os.fdopen(os.dup(file.fileno()), "rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.endswith(b"\n"):
                yield _understood(line, number)
                whole += len(line)
            elif line[: len(BEGINNING)] != BEGINNING[: len(line)]:
                raise NoResult(number)
    os.ftruncate(file.fileno(), whole)


def _understood(line: bytes, number: int) -> Result:
    try:
        result = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise NoResult(number) from error
    match result:
        case {"card": str(), "code": int(), "answer": dict()}:
            return dict(result)
    raise NoResult(number)
