"""The reference: what is noted of a view is told once, and then shown."""

from typing import Any

import pytest

from ocr import reference


def test_what_is_noted_waits_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "_notes", [])
    told: list[Any] = []

    def view() -> None:
        """Decorated."""

    assert reference.noted(told.append)(view) is view
    assert told == []
    reference.tell()
    reference.tell()
    assert told == [view]
