"""The endpoint over HTTP, with a fake in the pipeline's place: what is asked for is what comes back."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from ocr.models import Transaction
from ocr.pipeline import errors
from ocr.pipeline.types import Attack, Code, LifeTest, Side, Suspicion
from ocr.views import AddressThrottle, ReadingThrottle
from tests.conftest import URL, FakeReader, signed_in
from tests.ocr.readings import BOX, JPEG, reading

Parts = Callable[..., dict[str, Any]]

BASE = {
    "document_type": "INE",
    "country_code": "MEX",
    "document_number": "1234567890123",
    "citizen_id": "137438414",
    "cic": "345636022",
    "birth_date": "15-03-1990",
    "gender": "Male",
    "expiration_date": "2025-12-31",
    "surname": "GARCIA LOPEZ",
    "name": "JUAN CARLOS",
    "valid": True,
}
BOTH = {
    "backside": {
        "document_type": "INE",
        "country_code": "MEX",
        "document_number": "1234567890123",
        "citizen_id": "137438414",
        "cic": "345636022",
        "birth_date": "15-03-1990",
        "gender": "Male",
        "expiration_date": "2025-12-31",
        "name": "JUAN CARLOS",
        "surname": "GARCIA LOPEZ",
    },
    "frontside": {
        "name": "JUAN CARLOS",
        "surname": "GARCIA LOPEZ",
        "address": "CALLE REFORMA 123 COL CENTRO",
        "CURP": "GALJ900315HDFRPN01",
        "elector_key": "GLRJNC90031512H400",
        "validity_period": "2024-2034",
        "date_of_birth": "15-03-1990",
        "document_type": "INE",
        "section": "1234",
        "gender": "Male",
        "emission_number": "12",
    },
    "matches_percentage": 85.5,
    "match": True,
    "valid": True,
}
"""The published samples, keys in their order."""

YES = ['"True"', "True", "true", "TRUE", "1", "yes", "Yes", "on", "si", "sí", "SI", "y", "s", " true "]
NO = ['"False"', "False", "false", "0", "no", "No", "off", "n", ""]
NEITHER = ["2", "maybe", "None", "truth", "-1", "[]"]


def same(response: Any, body: dict[str, Any]) -> bool:
    """Equal, down to the order of the keys."""
    return bool(response.content.decode() == json.dumps(body, ensure_ascii=False, separators=(",", ":")))


# --- bodies -----------------------------------------------------------------------------------------------------------


def test_answers_with_the_back(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts())
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert same(response, BASE)


def test_tells_the_pipeline_what_day_it_is(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts())
    [(front, back, told)] = fake.calls
    assert (front, back) == (JPEG + b"front", JPEG + b"back")
    assert told == {
        "today": timezone.localdate(),
        "match_threshold": 80,
        "most_pixels": 50_000_000,
        "formats": {"JPEG"},
        "life_test": LifeTest(),
    }


def test_answers_with_both_sides(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    assert same(client.post(URL, parts(validate_sides="True")), BOTH)


def test_answers_with_the_id(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts(return_id="True"))
    assert same(response, {**BASE, "id": Transaction.objects.get().pk})


def test_answers_with_both_sides_and_the_id(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts(return_id="True", validate_sides="True"))
    assert same(response, {**BOTH, "id": Transaction.objects.get().pk})


@pytest.mark.parametrize(("sex", "gender"), [("H", "Male"), ("M", "Female"), ("X", "X"), (None, None)])
def test_says_the_gender_in_english(
    client: APIClient, parts: Parts, fake: FakeReader, sex: str | None, gender: str | None
) -> None:
    fake.reading = reading(front={"gender": sex}, back={"gender": sex})
    body = client.post(URL, parts(validate_sides="1")).json()
    assert body["frontside"]["gender"] == body["backside"]["gender"] == gender


def test_a_front_without_values_keeps_its_keys(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    nothing = dict.fromkeys(fake.reading.front.fields)  # type: ignore[union-attr]
    fake.reading = reading(front=nothing)
    front = client.post(URL, parts(validate_sides="1")).json()["frontside"]
    assert front == {**dict.fromkeys(BOTH["frontside"]), "document_type": "INE"}  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("trusted", "match", "both", "valid"),
    [
        (True, True, "", True),
        (True, False, "", True),
        (False, True, "", False),
        (True, True, "1", True),
        (True, False, "1", False),
        (False, True, "1", False),
    ],
)
def test_is_valid_when_trusted_and_when_asked_matching(
    client: APIClient, parts: Parts, fake: FakeReader, trusted: bool, match: bool, both: str, valid: bool
) -> None:
    fake.reading = reading(trusted=trusted, match=match)
    assert client.post(URL, parts(validate_sides=both)).json()["valid"] is valid
    assert Transaction.objects.get().valid is valid


def test_says_more_when_details_are_asked_for(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(front={"section": None})
    body = client.post(URL, parts(details="yes")).json()
    assert list(body) == [*BASE, "details"]
    details = body["details"]
    assert details["frontside"]["fields"]["CURP"] == {
        "value": "GALJ900315HDFRPN01",
        "confidence": 0.988,
        "confirmed": True,
        "box": [[10.0, 20.0], [110.0, 20.0], [110.0, 40.0], [10.0, 40.0]],
        "source": "ppocr",
        "witnesses": [],
        "reason": None,
    }
    assert details["frontside"]["fields"]["section"]["reason"] == "hidden"
    assert details["backside"]["fields"]["birth_date"]["value"] == "15-03-1990"
    assert details["backside"]["orientation"] == 180
    assert details["backside"]["findings"] == [
        {
            "name": "blur",
            "severity": 0.5,
            "advice": {"es": "Sostenga firme el teléfono.", "en": "Hold the phone still."},
        }
    ]
    assert details["validations"]["curp.check_digit"] == {"passed": True, "reason": ""}
    assert details["validations"]["mrz.composite"] == {"passed": None, "reason": "no MRZ"}
    assert details["comparisons"][0]["name"] == "date_of_birth"
    assert details["second_looks"] == [{"side": "frontside", "reader": "tesseract", "wanted": "section", "won": True}]
    assert details["milliseconds"] == {"decode": 12.3, "mrz": 30.0}
    assert (details["issuer"], details["model"], details["swapped"]) == ("INE", "G", False)


@pytest.mark.parametrize(
    ("birth", "expiry", "expected"),
    [
        (date(2008, 11, 24), date(2026, 12, 31), {"age": 18, "minor": False, "expired": False}),
        (date(2008, 11, 25), date(2025, 12, 31), {"age": 17, "minor": True, "expired": True}),
        (None, None, {"age": None, "minor": None, "expired": None}),
    ],
)
def test_says_what_follows_from_the_dates(
    client: APIClient,
    parts: Parts,
    fake: FakeReader,
    monkeypatch: pytest.MonkeyPatch,
    birth: date | None,
    expiry: date | None,
    expected: dict[str, Any],
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 24))
    fake.reading = reading(back={"birth_date": birth, "expiration_date": expiry})
    assert client.post(URL, parts(details="yes")).json()["details"]["holder"] == expected


def test_a_failure_says_what_is_wrong_with_the_pictures_when_details_are_asked_for(
    client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    fake.reading = errors.MrzNotFound("none")
    fake.reading.findings = {Side.FRONT: (), Side.BACK: reading().back.findings}
    body = client.post(URL, parts(details="yes", return_id="yes")).json()
    assert list(body) == ["error_code", "error", "valid", "id", "details"]
    advice = {"es": "Sostenga firme el teléfono.", "en": "Hold the phone still."}
    blurred = {"name": "blur", "severity": 0.5, "advice": advice}
    assert body["details"] == {"frontside": {"findings": []}, "backside": {"findings": [blurred]}}
    assert client.get(f"{URL}{body['id']}/").json() == body
    assert "details" not in client.post(URL, parts()).json()


COPIED = Suspicion(Attack.PHOTOCOPY, 0.97531, 0.6, "distinto", "unlike")
COPIED_AS_TOLD = {
    "attack": "photocopy",
    "score": 0.975,
    "threshold": 0.6,
    "suspected": True,
    "reason": {"es": "distinto", "en": "unlike"},
}


def test_says_what_the_life_test_makes_of_it(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(life=(COPIED,))
    body = client.post(URL, parts(details="yes")).json()
    assert body["details"]["life"] == [COPIED_AS_TOLD]
    assert body["valid"] is True  # it only reports


def test_a_life_test_that_is_enforced_says_what_to_do_next(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.NotLive("the life test suspects: photocopy")
    fake.reading.findings, fake.reading.life = {Side.FRONT: (), Side.BACK: ()}, (COPIED,)
    response = client.post(URL, parts(details="yes"))
    body = response.json()
    assert (response.status_code, body["error_code"], body["valid"]) == (400, 851, False)
    assert "Fotografíe la credencial misma" in body["error"]
    assert body["details"]["life"] == [COPIED_AS_TOLD]
    assert "details" not in client.post(URL, parts()).json()


def test_says_what_codes_of_the_back_hold(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    code = Code("code_128", {"cic": "345636022"}, agrees=True, reason="", box=BOX)
    fake.reading = reading(codes=(code,), address_parts={"street": "CALLE REFORMA 123"})
    details = client.post(URL, parts(details="yes")).json()["details"]
    assert details["codes"] == [
        {
            "name": "code_128",
            "numbers": {"cic": "345636022"},
            "agrees": True,
            "reason": "",
            "box": [[10.0, 20.0], [110.0, 20.0], [110.0, 40.0], [10.0, 40.0]],
        },
    ]
    assert details["address_parts"] == {"street": "CALLE REFORMA 123"}


def test_details_name_the_fields_as_the_body_does(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    body = client.post(URL, parts(details="yes", validate_sides="yes")).json()
    for side in ("frontside", "backside"):
        assert {*body["details"][side]["fields"], "document_type"} == {*body[side]}
        for name, field in body["details"][side]["fields"].items():
            assert field["value"] == body[side][name]


# --- ways to ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v3.2/ocr/", "/api/v3.2/ocr", "/api/ocr/", "/api/ocr"])
def test_every_path_reads(client: APIClient, parts: Parts, fake: FakeReader, path: str) -> None:
    assert same(client.post(path, parts()), BASE)


@pytest.mark.parametrize("document_type", ["id_mexico", "mexican_id"])
def test_both_document_types_mean_the_same(
    client: APIClient, parts: Parts, fake: FakeReader, document_type: str
) -> None:
    assert client.post(URL, parts(document_type=document_type)).status_code == 200


@pytest.mark.parametrize("spelling", YES)
def test_yes_is_yes_in_every_spelling(client: APIClient, parts: Parts, fake: FakeReader, spelling: str) -> None:
    body = client.post(URL, parts(return_id=spelling, validate_sides=spelling, details=spelling)).json()
    assert list(body) == [*BOTH, "id", "details"]


@pytest.mark.parametrize("spelling", NO)
def test_no_is_no_in_every_spelling(client: APIClient, parts: Parts, fake: FakeReader, spelling: str) -> None:
    assert same(client.post(URL, parts(return_id=spelling, validate_sides=spelling, details=spelling)), BASE)


@pytest.mark.parametrize("flag", ["return_id", "validate_sides", "details"])
@pytest.mark.parametrize("spelling", NEITHER)
def test_neither_yes_nor_no_is_850(client: APIClient, parts: Parts, fake: FakeReader, flag: str, spelling: str) -> None:
    response = client.post(URL, parts(**{flag: spelling}))
    assert (response.status_code, response.json()["error_code"]) == (400, 850)


@pytest.mark.parametrize(
    ("device", "known"),
    [("ios", "IOS"), ("Android", "ANDROID"), ("DESKTOP", "DESKTOP"), ("toaster", "UNKNOWN"), ("", "UNKNOWN")],
)
def test_any_device_is_welcome(client: APIClient, parts: Parts, fake: FakeReader, device: str, known: str) -> None:
    assert client.post(URL, parts(device=device)).status_code == 200
    assert Transaction.objects.get().device == known


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "image/png"])
def test_answers_json_whatever_is_accepted(client: APIClient, parts: Parts, fake: FakeReader, accept: str) -> None:
    response = client.post(URL, parts(), HTTP_ACCEPT=accept)
    assert same(response, BASE)


def test_of_parts_sent_twice_the_last_counts(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    twice = [SimpleUploadedFile("a.jpg", JPEG + b"first"), SimpleUploadedFile("b.jpg", JPEG + b"last")]
    assert client.post(URL, parts(frontside=twice, return_id=["no", "yes"])).json()["id"]
    assert fake.calls[0][0] == JPEG + b"last"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client: APIClient, method: str) -> None:
    assert getattr(client, method)(URL).status_code == 405
    assert not Transaction.objects.exists()


def test_nothing_is_kept_by_caches_between(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts())
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"


# --- what goes wrong --------------------------------------------------------------------------------------------------


def code(response: Any) -> int:
    assert response.status_code == 400, response.content
    assert response.json()["valid"] is False
    return int(response.json()["error_code"])


def test_missing_parts_are_809_and_810(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    assert code(client.post(URL, parts(frontside=None))) == 809
    assert code(client.post(URL, parts(backside=None))) == 810
    assert code(client.post(URL, parts(frontside="front", backside=None))) == 809
    assert not fake.calls


@pytest.mark.parametrize("document_type", [None, "", "passport", "ID_MEXICO ñ\x00", "x" * 1000])
def test_an_unknown_document_type_is_816(
    client: APIClient, parts: Parts, fake: FakeReader, document_type: str | None
) -> None:
    assert code(client.post(URL, parts(document_type=document_type))) == 816


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", ""),
        ("", "multipart/form-data"),
        ("x", "multipart/form-data"),
        ("x", "multipart/form-data; boundary=y"),
        ("document_type=id_mexico&frontside=x", "application/x-www-form-urlencoded"),
        ('{"frontside": "x", "document_type": "id_mexico"}', "application/json"),
        ("[1, 2]", "application/json"),
        ("{broken", "application/json"),
        ('{"document_type": "\\ud800"}', "application/json"),
        ("\xff\xd8\xff", "image/jpeg"),
        ("x", "nonsense"),
    ],
)
def test_a_body_without_files_is_809(client: APIClient, fake: FakeReader, body: str, content_type: str) -> None:
    response = client.generic("POST", URL, body, content_type)
    assert code(response) == 809
    assert Transaction.objects.get().outcome == 809


def test_flags_in_json_are_understood(client: APIClient, fake: FakeReader) -> None:
    body = client.post(URL, {"return_id": True, "validate_sides": 0, "details": None}, format="json").json()
    assert body["error_code"] == 809
    assert body["id"] == Transaction.objects.get().pk


def test_a_body_over_5_mib_is_800_unparsed(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    large = SimpleUploadedFile("front.jpg", JPEG + bytes(5 * 1024 * 1024), "image/jpeg")
    assert code(client.post(URL, parts(frontside=large, return_id="True"))) == 800


def test_uploads_stay_in_memory(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    picture = JPEG + bytes(4 * 1024 * 1024)
    assert client.post(URL, parts(frontside=SimpleUploadedFile("f.jpg", picture))).status_code == 200
    assert fake.calls[0][0] == picture


def test_too_many_parts_are_800(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    assert code(client.post(URL, parts(**{f"part{i}": "x" for i in range(1100)}))) == 800


def test_of_several_failures_the_contract_says_which_is_told(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.UnreadableFile()
    everything = {"details": "?", "frontside": None, "backside": None, "document_type": "passport"}
    told = []
    while everything:
        told.append(code(client.post(URL, parts(**everything))))
        everything.pop(next(iter(everything)))
    told.append(code(client.post(URL, parts())))
    assert told == [850, 809, 810, 816, 800]


def test_a_failure_carries_the_id_when_asked_for(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.FrontNotFound()
    response = client.post(URL, parts(return_id="True"))
    assert same(
        response,
        {
            "error_code": 806,
            "error": "No se pudo extraer la metadata del documento",
            "valid": False,
            "id": Transaction.objects.get().pk,
        },
    )


# --- transactions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v3.2/ocr/{}/", "/api/v3.2/ocr/{}", "/api/ocr/{}/", "/api/ocr/{}"])
def test_the_same_answer_is_given_again(client: APIClient, parts: Parts, fake: FakeReader, path: str) -> None:
    first = client.post(URL, parts(return_id="True", validate_sides="True", details="True"))
    again = client.get(path.format(first.json()["id"]))
    assert again.status_code == 200
    assert again.content == first.content


def test_a_failure_is_given_again_in_its_first_language(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.MrzNotFound()
    first = client.post(URL, parts(return_id="True"))
    again = client.get(f"{URL}{first.json()['id']}/", HTTP_ACCEPT_LANGUAGE="en")
    assert (again.status_code, again.content) == (200, first.content)


def test_someone_elses_transaction_does_not_exist(
    client: APIClient, parts: Parts, fake: FakeReader, other: User
) -> None:
    pk = client.post(URL, parts(return_id="True")).json()["id"]
    stranger = signed_in(other)
    assert stranger.get(f"{URL}{pk}/").status_code == 404
    assert stranger.delete(f"{URL}{pk}/").status_code == 404
    assert stranger.get(URL).json()["results"] == []
    assert client.get(f"{URL}{pk}/").status_code == 200


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40, "x"])
def test_no_transaction_is_404(client: APIClient, pk: str) -> None:
    assert client.get(f"{URL}{pk}/").status_code == 404


def test_deleting_erases_what_is_personal(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    pk = client.post(URL, parts(return_id="True", details="True")).json()["id"]
    assert client.delete(f"{URL}{pk}/").status_code == 204
    for method in (client.get, client.delete):
        assert method(f"{URL}{pk}/").status_code == 410
    row = Transaction.objects.filter(pk=pk).values().get()
    kept = {name: value for name, value in row.items() if value not in (None, "")}
    assert kept.keys() == {"id", "owner_id", "created", "finished", "erased", "outcome", "binding", "reviews_written"}
    listed = client.get(URL).json()["results"]
    assert [(line["id"], line["outcome_code"], line["valid"]) for line in listed] == [(pk, 200, None)]


def test_a_transaction_without_an_answer_is_409(client: APIClient, user: User) -> None:
    row = Transaction.objects.create(owner=user)
    assert client.get(f"{URL}{row.pk}/").status_code == 409
    assert client.delete(f"{URL}{row.pk}/").status_code == 409


def test_lists_newest_first_page_by_page(client: APIClient, parts: Parts, fake: FakeReader, user: User) -> None:
    Transaction.objects.bulk_create(Transaction(owner=user, outcome=200) for _ in range(60))
    client.post(URL, parts())
    fake.reading = errors.CurpNotFound()
    client.post(URL, parts())
    page = client.get(URL).json()
    assert list(page) == ["next", "previous", "results"]
    assert (page["previous"], len(page["results"])) == (None, 50)
    failed, read = page["results"][:2]
    assert list(failed) == ["id", "time", "outcome_code", "valid", "match"]
    assert (failed["outcome_code"], failed["valid"], failed["match"]) == (819, False, None)
    assert (read["outcome_code"], read["valid"], read["match"]) == (200, True, True)
    last = client.get(page["next"]).json()
    ids = [line["id"] for line in page["results"] + last["results"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), last["next"]) == (62, None)
    assert client.get(last["previous"]).json()["results"] == page["results"]


def test_what_comes_meanwhile_shifts_no_page(client: APIClient, user: User) -> None:
    rows = Transaction.objects.bulk_create(Transaction(owner=user, outcome=200) for _ in range(60))
    following = client.get(URL).json()["next"]
    Transaction.objects.create(owner=user, outcome=200)
    assert [line["id"] for line in client.get(following).json()["results"]] == [row.pk for row in rows[9::-1]]


def test_a_page_is_one_query_and_counts_nothing(
    client: APIClient, user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Transaction.objects.bulk_create(Transaction(owner=user, outcome=200) for _ in range(60))
    with django_assert_num_queries(2) as asked:  # whose token it is, and the page
        client.get(URL)
    assert "COUNT(" not in asked.captured_queries[-1]["sql"]


@pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD0tMQ==", "bz0tMQ=="])
def test_a_cursor_that_nobody_gave_is_404(client: APIClient, cursor: str) -> None:
    """The last ones say `p=abc`, `p=-1` and `o=-1`."""
    assert client.get(URL, {"cursor": cursor}).status_code == 404


# --- throttling -------------------------------------------------------------------------------------------------------


def test_the_31st_token_in_a_minute_is_429(user: User) -> None:
    client = APIClient()
    login = {"username": "ana", "password": "wrong"}
    for attempt in range(30):
        login["username"] = f"ana{attempt}"  # each account locks by itself, and earlier
        assert client.post("/api/token/", login, HTTP_X_FORWARDED_FOR=f"10.0.0.{attempt}").status_code == 401
    refused = client.post("/api/token/", login, HTTP_X_FORWARDED_FOR="10.0.0.99")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert client.post("/api/token/", login, REMOTE_ADDR="10.9.9.9").status_code == 401


def test_reading_is_not_throttled_by_default(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    assert {client.post(URL, parts()).status_code for _ in range(40)} == {200}


def test_reading_is_throttled_by_a_setting(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReadingThrottle, "THROTTLE_RATES", {"ocr": "2/minute"})
    assert [client.post(URL, parts()).status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(URL).status_code == 200
    last = Transaction.objects.first()
    assert last is not None
    assert (last.outcome, last.status, last.valid) == (429, 429, False)


def test_the_throttles_are_the_settings(settings: Settings) -> None:
    assert AddressThrottle().rate == settings.TOKEN_RATE == "30/minute"
    assert ReadingThrottle().rate is settings.OCR_RATE is None


# --- health -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/health/live", "/api/health/live/", "/health/live"])
def test_is_alive(path: str) -> None:
    assert APIClient().get(path).json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/api/health/ready", "/api/health/ready/", "/health/ready"])
def test_is_ready(db: None, fake: FakeReader, path: str) -> None:
    assert APIClient().get(path).json() == {"status": "ready"}
