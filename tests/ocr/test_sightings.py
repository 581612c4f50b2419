"""What an account has met before, told by marks alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from ocr import keeping
from ocr.models import Transaction
from tests.conftest import URL, FakeReader, signed_in
from tests.ocr.readings import reading

Parts = Callable[..., dict[str, Any]]
NOTHING = {"card": 0, "person": 0, "other_data": 0}
CURP, KEY, CIC = {"curp": "AAAA800101HDFBBB09"}, {"elector_key": "AAAAAA80010109H400"}, {"cic": "999999999"}


@pytest.fixture
def seen(client: APIClient, parts: Parts, fake: FakeReader) -> Callable[..., dict[str, int]]:
    """Has a card read, and returns what was seen before."""

    def read(front: dict[str, Any] | None = None, back: dict[str, Any] | None = None) -> dict[str, int]:
        fake.reading = reading(front=front, back=back)
        counts: dict[str, int] = client.post(URL, parts(details="1")).json()["details"]["seen_before"]
        return counts

    return read


Seen = Callable[..., dict[str, int]]


def test_a_first_card_was_not(seen: Seen) -> None:
    assert seen() == NOTHING


def test_the_same_card_again(seen: Seen) -> None:
    seen()
    seen()
    assert seen() == {"card": 2, "person": 2, "other_data": 0}


def test_a_renewed_card_is_the_same_person_and_no_other_data(seen: Seen) -> None:
    seen()
    assert seen(back=CIC) == {"card": 0, "person": 1, "other_data": 0}


@pytest.mark.parametrize(("front", "person"), [(CURP, 0), (KEY, 1), (CURP | KEY, 0)])
def test_a_card_that_belonged_to_somebody_else(seen: Seen, front: dict[str, str], person: int) -> None:
    seen()
    assert seen(front=front) == {"card": 1, "person": person, "other_data": 1}


def test_another_person_is_none_of_it(seen: Seen) -> None:
    seen()
    assert seen(front=CURP | KEY, back=CIC) == NOTHING


@pytest.mark.parametrize("number", [{"curp": None}, {"elector_key": None}])
def test_what_was_not_read_is_no_other_data(seen: Seen, number: dict[str, None]) -> None:
    seen()
    assert seen(front=number)["other_data"] == 0
    assert seen()["other_data"] == 0


def test_other_accounts_cards_are_not_told(seen: Seen, other: User, parts: Parts, fake: FakeReader) -> None:
    signed_in(other).post(URL, parts())
    assert seen() == NOTHING


def test_what_was_erased_is_forgotten(seen: Seen) -> None:
    seen()
    keeping.erase(Transaction.objects.get())
    assert seen() == NOTHING
