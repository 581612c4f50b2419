"""Many cards sent as one archive: promised at once, read behind all others, told one line each, stopped and erased."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import batches, pictures, promises
from ocr.models import Account, Batch, BatchCard, Promise, Transaction
from ocr.pipeline.errors import MrzNotFound
from ocr.pipeline.types import Side
from tests.conftest import URL, FakeReader, signed_in
from tests.ocr.readings import JPEG
from tests.ocr.test_archives import packed
from tests.ocr.test_promises import ASYNC, _alone, make_due, work_off  # noqa: F401 - `_alone` is a fixture

BATCHES = f"{URL}batch/"
ANA = {"ana_front.jpg": JPEG + b"a", "ana_back.jpg": JPEG + b"A"}
BETO = {"beto/frente.jpg": JPEG + b"b", "beto/reverso.jpg": JPEG + b"B"}
TWO = {**ANA, **BETO}


def send(client: APIClient, data: bytes, **more: Any) -> Any:
    return client.post(BATCHES, {"cards": SimpleUploadedFile("cards.zip", data, "application/zip"), **more})


def lines(response: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


# --- taken ------------------------------------------------------------------------------------------------------------


def test_every_card_is_promised_an_answer(client: APIClient, fake: FakeReader) -> None:
    response = send(client, packed(TWO))
    batch = Batch.objects.get()
    assert (response.status_code, response.json()) == (202, {"id": batch.pk, "cards": 2, "unpaired": []})
    assert response["Location"] == f"{BATCHES}{batch.pk}/"
    assert fake.calls == []
    assert work_off() == 2
    assert [call[:2] for call in fake.calls] == [tuple(ANA.values()), tuple(BETO.values())]
    assert all(row.outcome == 200 for row in Transaction.objects.all())


def test_what_makes_no_card_is_told_and_the_rest_is_read(client: APIClient, fake: FakeReader) -> None:
    response = send(client, packed({**ANA, "x.jpg": JPEG, "carla_front.jpg": JPEG}))
    assert response.json()["cards"] == 1
    told = {picture["name"]: picture["reason"] for picture in response.json()["unpaired"]}
    assert told == {"carla_front.jpg": "falta el otro lado", "x.jpg": "su nombre no dice qué lado es"}


def test_each_is_answered_as_was_asked_for_all(client: APIClient, fake: FakeReader) -> None:
    asked = {"validate_sides": "1", "return_id": "1", "details": "1", "device": "IOS"}
    where = send(client, packed(ANA), **asked)["Location"]
    work_off()
    answer = lines(client.get(f"{where}results/"))[0]["answer"]
    assert answer["match"] is True
    assert answer["id"] == Transaction.objects.get().pk
    assert answer["details"]["frontside"]


def test_a_broken_picture_is_that_cards_failure_alone(client: APIClient, fake: FakeReader) -> None:
    data = bytearray(packed(TWO, zipfile.ZIP_DEFLATED))
    place = data.index(b"ana_front.jpg") + len(b"ana_front.jpg")
    data[place : place + 4] = b"\xff\xff\xff\xff"
    send(client, bytes(data))
    work_off()
    assert fake.calls[0][0] == b""
    assert fake.calls[1][0] == BETO["beto/frente.jpg"]


def test_no_more_of_a_picture_is_kept_than_tells_that_it_is_too_large(client: APIClient, fake: FakeReader) -> None:
    send(client, packed({**ANA, "ana_front.jpg": JPEG + bytes(3_000_000)}))
    work_off()
    assert len(fake.calls[0][0]) == 2 * 1024 * 1024 + 1


# --- refused ----------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[bytes, str]] = {
    "no archive": (b"GIF89a", "ZIP"),
    "no card": (packed({"notes.txt": b""}), "ana_front.jpg"),
    "too many": (packed({f"{name}_{side}.jpg": JPEG for name in "abc" for side in ("front", "back")}), "envíe"),
    "too dense": (packed({**ANA, "ana_front.jpg": bytes(1_000_000)}, zipfile.ZIP_DEFLATED), "descomprim"),
}


@pytest.mark.parametrize(("data", "told"), REFUSED.values(), ids=REFUSED)
def test_what_stands_against_an_archive(
    client: APIClient, fake: FakeReader, settings: Settings, data: bytes, told: str
) -> None:
    settings.OCR_BATCH_CARDS = 2
    response = send(client, data)
    assert response.status_code == 400
    assert told in response.json()["detail"]
    assert not Transaction.objects.exists()


@pytest.mark.parametrize(("more", "code"), [({"details": "perhaps"}, 850), ({"document_type": "passport"}, 816)])
def test_what_is_wrong_with_every_card_is_said_at_once(
    client: APIClient, fake: FakeReader, more: dict[str, str], code: int
) -> None:
    response = send(client, packed(ANA), **more)
    assert (response.status_code, response.json()["error_code"]) == (400, code)
    assert not Transaction.objects.exists()


def test_a_request_without_an_archive(client: APIClient, fake: FakeReader) -> None:
    assert client.post(BATCHES, {"details": "1"}).status_code == 400
    assert client.post(BATCHES, {"cards": "text"}).status_code == 400
    assert client.post(BATCHES, b"{}", content_type="application/json").status_code == 400


def test_one_that_is_too_large_is_refused_unread(client: APIClient, fake: FakeReader, settings: Settings) -> None:
    settings.OCR_BATCH_LIMIT = 1000
    response = send(client, packed({**ANA, "ana_front.jpg": bytes(2000)}))
    assert response.status_code == 400
    assert "MB" in response.json()["detail"]


def test_one_at_a_time_is_held_in_memory(client: APIClient, fake: FakeReader, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[Any] = []
    accept = batches.accept

    def while_another_comes(*told: Any) -> Batch:
        monkeypatch.setattr(batches, "accept", accept)
        meanwhile.append(send(client, packed(BETO)))
        return accept(*told)

    monkeypatch.setattr(batches, "accept", while_another_comes)
    assert send(client, packed(ANA)).status_code == 202
    assert meanwhile[0].status_code == 503
    assert int(meanwhile[0]["Retry-After"]) > 0
    assert send(client, packed(BETO)).status_code == 202


def test_more_than_can_be_promised_is_refused_whole(client: APIClient, fake: FakeReader, settings: Settings) -> None:
    settings.OCR_PROMISES = 2
    assert send(client, packed(ANA)).status_code == 202
    refused = send(client, packed(TWO))
    assert (refused.status_code, refused.json()["error_code"]) == (503, 852)
    assert Promise.objects.count() == 1


def test_a_disk_that_fills_up_half_way_keeps_nothing_of_it(
    client: APIClient, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = pictures.keep, []

    def until_it_is_full(*told: Any) -> None:
        kept.append(told)
        if len(kept) > 3:
            raise OSError("no space left on device")
        keep(*told)

    monkeypatch.setattr(pictures, "keep", until_it_is_full)
    assert send(client, packed(TWO)).status_code == 503
    assert not Promise.objects.exists()
    assert not Batch.objects.exists()
    assert [set(pictures.kept(row)) for row in Transaction.objects.all()] == [set(), set()]
    assert all(row.outcome is not None for row in Transaction.objects.all())


def test_nobody_without_a_token(db: None) -> None:
    assert send(APIClient(), packed(ANA)).status_code == 401


# --- whose turn it is -------------------------------------------------------------------------------------------------


def test_whoever_sends_one_card_does_not_wait_for_a_batch(
    client: APIClient, fake: FakeReader, parts: Callable[..., Any]
) -> None:
    send(client, packed(TWO))
    client.post(URL, parts(), headers=ASYNC)
    work_off()
    assert fake.calls[0][0] == JPEG + b"front"


def test_a_batch_is_read_by_whoever_reads_batches(
    client: APIClient, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    desks: list[dict[str, bool]] = []

    def desk(**told: bool) -> FakeReader:
        desks.append(told)
        return fake

    monkeypatch.setattr("ocr.services.desk", desk)
    send(client, packed(ANA))
    work_off()
    assert desks == [{"batch": True}]


# --- told -------------------------------------------------------------------------------------------------------------


def test_how_far_it_is(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(TWO))["Location"]
    first = promises.take()
    assert first is not None
    first()
    half = client.get(where).json()
    assert (half["cards"], half["waiting"], half["outcomes"], half["valid"]) == (2, 1, {"200": 1}, 1)
    assert half["finished"] is None
    fake.reading = MrzNotFound("none")
    work_off()
    whole = client.get(where).json()
    assert (whole["waiting"], whole["outcomes"], whole["valid"]) == (0, {"200": 1, "814": 1}, 1)
    assert whole["finished"] is not None


def test_what_was_promised_alone_finishes_no_batch(
    client: APIClient, fake: FakeReader, parts: Callable[..., Any]
) -> None:
    send(client, packed(ANA))
    client.post(URL, parts(), headers=ASYNC)
    work = promises.take()
    assert work is not None
    work()
    assert Batch.objects.get().finished is None


def test_results_come_as_far_as_there_are_any_in_the_order_of_the_archive(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(TWO))["Location"]
    assert lines(client.get(f"{where}results/")) == []
    Promise.objects.filter(transaction=Transaction.objects.order_by("pk")[0]).update(
        due=timezone.now() + timedelta(days=1)
    )
    work_off()
    assert [line["card"] for line in lines(client.get(f"{where}results/"))] == ["beto"]
    make_due()
    work_off()
    response = client.get(f"{where}results/")
    assert response["Content-Type"] == "application/x-ndjson"
    assert [line["card"] for line in lines(response)] == ["ana", "beto"]


def test_a_line_names_the_files_and_carries_the_answer(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(ANA))["Location"]
    work_off()
    row = Transaction.objects.get()
    (line,) = lines(client.get(f"{where}results/"))
    assert line == {
        "card": "ana",
        "front": "ana_front.jpg",
        "back": "ana_back.jpg",
        "id": row.pk,
        "code": 200,
        "erased": False,
        "seconds": (row.milliseconds or 0) / 1000,
        "answer": client.get(f"{URL}{row.pk}/").json(),
    }


def test_names_of_files_are_sealed(client: APIClient, fake: FakeReader) -> None:
    send(client, packed(ANA))
    assert b"ana" not in bytes(BatchCard.objects.get().sealed_names or b"")


def test_each_look_at_a_card_is_recorded(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(TWO))["Location"]
    work_off()
    lines(client.get(f"{where}results/"))
    looked_at = LogEntry.objects.filter(action=LogEntry.Action.ACCESS).values_list("object_id", flat=True)
    assert sorted(looked_at) == sorted(Transaction.objects.values_list("pk", flat=True))


def test_the_list_is_of_ones_own_newest_first(client: APIClient, other: User, fake: FakeReader) -> None:
    ids = [send(client, packed(cards)).json()["id"] for cards in (ANA, BETO)]
    listed = client.get(BATCHES).json()["results"]
    assert [batch["id"] for batch in listed] == ids[::-1]
    assert signed_in(other).get(BATCHES).json()["results"] == []


@pytest.mark.parametrize("what", ["", "results/"])
def test_somebody_elses_does_not_exist(client: APIClient, other: User, fake: FakeReader, what: str) -> None:
    where = send(client, packed(ANA))["Location"]
    assert signed_in(other).get(f"{where}{what}").status_code == 404
    assert signed_in(other).delete(where).status_code == 404
    assert BatchCard.objects.count() == 1


# --- ended ------------------------------------------------------------------------------------------------------------


def test_stopped_and_erased(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(TWO))["Location"]
    first = promises.take()
    assert first is not None
    first()
    assert client.delete(where).status_code == 204
    assert work_off() == 0
    assert all(row.erased and row.outcome is not None for row in Transaction.objects.all())
    assert all(set(pictures.kept(row)) == set() for row in Transaction.objects.all())
    assert all(card.sealed_names is None for card in BatchCard.objects.all())
    assert Batch.objects.get().finished is not None
    assert [line["erased"] for line in lines(client.get(f"{where}results/"))] == [True, True]


def test_what_is_being_read_is_waited_for(client: APIClient, fake: FakeReader) -> None:
    where = send(client, packed(TWO))["Location"]
    reading = promises.take()
    assert reading is not None
    refused = client.delete(where)
    assert refused.status_code == 409
    assert int(refused["Retry-After"]) > 0
    assert promises.take() is None  # nothing more of it is begun
    reading()
    assert client.delete(where).status_code == 204


def test_a_person_who_is_erased_leaves_no_name_of_a_file(client: APIClient, fake: FakeReader) -> None:
    send(client, packed(TWO))
    work_off()
    row = Transaction.objects.order_by("pk")[0]
    assert client.delete(f"{URL}{row.pk}/").status_code == 204
    assert [card.sealed_names is None for card in BatchCard.objects.all()] == [True, False]


def test_whoever_keeps_no_pictures_keeps_none_of_a_batch(client: APIClient, user: User, fake: FakeReader) -> None:
    Account.objects.create(owner=user, retention_days=0)
    send(client, packed(ANA))
    assert set(pictures.kept(Transaction.objects.get())) == set(Side)
    work_off()
    assert set(pictures.kept(Transaction.objects.get())) == set()
