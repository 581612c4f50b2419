"""`./run chaos --with celery`, in short: a worker, PostgreSQL and Redis are killed; nothing accepted is lost."""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from hardening import outages
from hardening.listener import Listener
from hardening.outages import Ledger, _insist, _miscounted, _not_told, _note

ROOT = Path(__file__).parents[2]
GOOD = {"rows of keys": 1, "cards of archives": 12}
READ = {"cards": 12, "outcomes": {"200": 12}}


def test_nothing_is_lost() -> None:
    command = [sys.executable, "-m", "hardening.chaos", "--with", "celery", "--short"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("^lost 0; answered twice 0; recovered by itself: yes$", done.stdout, re.MULTILINE)
    assert re.search(r"^webhooks: [1-9]\d* events told .* under several ids: 0$", done.stdout, re.MULTILINE)
    assert "Redis is killed" in done.stdout
    assert "PostgreSQL is killed" in done.stdout


# --- that it would be told --------------------------------------------------------------------------------------------


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(time.monotonic() + 60)
    _note(ledger, "waiting-0", 1, {"id": 1})
    _note(ledger, "archive-0", 2, READ)
    return ledger


def test_what_was_accepted_and_never_answered_is_lost(ledger: Ledger) -> None:
    assert ledger.lost() == []
    ledger.ids["promised-0"] = 3
    assert ledger.lost() == ["promised-0"]


def test_two_rows_for_a_key_are_one_too_many(ledger: Ledger) -> None:
    assert list(_miscounted(GOOD, ledger)) == []
    assert list(_miscounted({**GOOD, "rows of keys": 2}, ledger)) == ["rows of keys: 2, not 1"]
    assert list(_miscounted({**GOOD, "cards of archives": 11}, ledger)) == ["cards of archives: 11, not 12"]


def test_a_card_of_an_archive_that_was_not_read_is_told(ledger: Ledger) -> None:
    ledger.said["archive-0"] = {"cards": 12, "outcomes": {"200": 11, "504": 1}}
    assert len(list(_miscounted(GOOD, ledger))) == 1


def test_a_promise_of_which_no_webhook_told_is_told(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "_TO_END", 0)
    _note(ledger, "promised-0", 3, {"id": 3})
    listening = Listener("http://127.0.0.1/")
    listening.told["batch.finished", 2] += ["a", "a"]  # twice is no fault, and what somebody waits for tells nobody
    listening.told["transaction.finished", 3] += ["b", "c"]
    assert list(_not_told(listening, ledger)) == ["('transaction.finished', 3) was told under ['b', 'c']"]
    del listening.told["transaction.finished", 3]
    assert list(_not_told(listening, ledger)) == ["('transaction.finished', 3) was told under []"]


def answer(status: int, body: bytes = b"{}") -> Any:
    response = requests.Response()
    response.status_code, response._content = status, body
    return response


def test_a_caller_asks_again_while_it_is_told_to(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardening.outages._PAUSE", 0)
    answers = iter([None, answer(503), answer(200, b"<html>"), answer(202), answer(200, b'{"id": 7}')])
    assert _insist(ledger, "promised-1", lambda: next(answers), (200,)) == {"id": 7}
    assert ledger.strange == []
    assert ledger.answers["promised no answer"] == 2


@pytest.mark.parametrize("status", [400, 404, 500])
def test_any_other_answer_is_strange(ledger: Ledger, status: int) -> None:
    assert _insist(ledger, "waiting-1", lambda: answer(status), (200,)) is None
    assert len(ledger.strange) == 1
