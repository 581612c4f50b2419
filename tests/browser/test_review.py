"""A person reviews transactions in the admin, in a real browser: what they see, point at, type, and where they get."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from benchmarks.measuring.service import Service
from tests.browser.conftest import FIXTURES, PASSWORD, PHONE, Opened, keep_screenshot, overflow, serious_faults

LIST = "/admin/ocr/transaction/"
GOOD, TWO_PEOPLE, SPECIMEN, NO_CARD = "g_scan", "bad_other_persons_back", "bad_specimen", "bad_814_landscape"


@pytest.fixture(scope="module")
def posted(service: Service) -> dict[str, int]:
    """Documents that were read, by fixture: one good, two that need a person, one that was refused."""
    pair = {"username": service.name, "password": service.password}
    token = requests.post(f"{service.url}/api/token/", data=pair, timeout=30).json()["access"]
    return {name: _post(service, token, FIXTURES / name) for name in (GOOD, TWO_PEOPLE, SPECIMEN, NO_CARD)}


def _post(service: Service, token: str, card: Path) -> int:
    files = {f"{side}side": (card / f"{side}.jpg").read_bytes() for side in ("front", "back")}
    asked = {"document_type": "id_mexico", "return_id": "1", "validate_sides": "1"}
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{service.url}/api/v3.2/ocr/"
    return int(requests.post(url, files=files, data=asked, headers=headers, timeout=60).json()["id"])


@pytest.fixture
def desk(open_page: Opened, admin: str, posted: dict[str, int]) -> Page:
    return _signed_in(open_page("/admin/"), admin)


def _signed_in(page: Page, name: str) -> Page:
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    expect(page.locator("#content")).to_be_visible()
    return page


def one(page: Page, pk: int) -> Page:
    page.goto(f"{LIST}{pk}/change/")
    return page


def row(page: Page, path: str) -> Locator:
    return page.locator(f'tr[data-field="{path}"]')


def area(page: Page, path: str) -> Locator:
    return page.locator(f'polygon[data-field="{path}"]')


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_both_cards_stand_side_by_side_with_every_place_drawn(desk: Page, posted: dict[str, int]) -> None:
    one(desk, posted[GOOD])
    front, back = (card.bounding_box() for card in desk.locator("svg.card").all())
    assert front is not None
    assert back is not None
    assert back["x"] > front["x"] + front["width"]
    assert front["width"] / front["height"] == pytest.approx(1.586, abs=0.02)
    expect(desk.locator("polygon.area")).to_have_count(19)
    expect(row(desk, "frontside.CURP")).to_contain_text("QUPV860720MDFXXR07")
    keep_screenshot(desk, "review-desktop")


def test_a_value_and_its_place_light_up_together(desk: Page, posted: dict[str, int]) -> None:
    one(desk, posted[GOOD])
    lit = re.compile(r"\blit\b")
    row(desk, "frontside.CURP").hover()
    expect(area(desk, "frontside.CURP")).to_have_class(lit)
    row(desk, "backside.cic").focus()
    expect(area(desk, "backside.cic")).to_have_class(lit)
    area(desk, "frontside.section").hover()
    expect(row(desk, "frontside.section")).to_have_class(lit)
    expect(area(desk, "frontside.CURP")).not_to_have_class(lit)


def test_the_place_of_a_value_is_where_it_is_printed(desk: Page, posted: dict[str, int]) -> None:
    """The straightened card of the specimen's layout has the CURP in the middle, near the bottom (ine.md)."""
    one(desk, posted[GOOD])
    card, place = desk.locator("svg.card").first.bounding_box(), area(desk, "frontside.CURP").bounding_box()
    assert card is not None
    assert place is not None
    across = (place["x"] + place["width"] / 2 - card["x"]) / card["width"]
    down = (place["y"] + place["height"] / 2 - card["y"]) / card["height"]
    assert (across, down) == pytest.approx((0.47, 0.82), abs=0.06)


def test_a_refused_document_is_shown_as_it_was_sent(desk: Page, posted: dict[str, int]) -> None:
    one(desk, posted[NO_CARD])
    expect(desk.locator("svg.card")).to_have_count(2)
    expect(desk.locator(".complaint")).to_contain_text("814")
    expect(desk.locator("button.approve")).to_have_count(0)
    keep_screenshot(desk, "review-refused")


@pytest.mark.parametrize("path", ["", "dashboard/"])
def test_list_and_dashboard(desk: Page, path: str) -> None:
    desk.goto(f"{LIST}{path}")
    keep_screenshot(desk, f"review-{path.strip('/') or 'list'}")
    assert serious_faults(desk) == []


def test_axe_finds_no_serious_fault(desk: Page, posted: dict[str, int]) -> None:
    for name in (GOOD, TWO_PEOPLE, NO_CARD):
        assert serious_faults(one(desk, posted[name])) == []


def test_a_phone_shows_it_without_scrolling_sideways(open_page: Opened, admin: str, posted: dict[str, int]) -> None:
    phone = one(_signed_in(open_page("/admin/", viewport=PHONE, locale="en-US"), admin), posted[TWO_PEOPLE])
    assert overflow(phone) <= 0
    expect(phone.locator(".verdicts")).to_contain_text("not valid")
    keep_screenshot(phone, "review-phone")


# --- what is done -----------------------------------------------------------------------------------------------------


def test_two_at_one_transaction(open_page: Opened, admin: str, posted: dict[str, int]) -> None:
    first, second = (one(_signed_in(open_page("/admin/"), admin), posted[GOOD]) for _ in range(2))
    first.fill("#note", "vista en la sucursal")
    first.click("button.save")
    expect(first.locator(".history")).to_contain_text("vista en la sucursal")
    second.fill("#note", "lo que yo escribí")
    second.click("button.approve")
    expect(second.locator("[role=alert]")).to_contain_text("Otra persona revisó")
    expect(second.locator("#note")).to_have_value("lo que yo escribí")
    expect(second.locator(".history")).to_contain_text("vista en la sucursal")


def test_review_correct_approve_and_the_next_one_opens(desk: Page, posted: dict[str, int]) -> None:
    """By keyboard alone, from the list to the end of the queue."""
    desk.goto(LIST)
    desk.get_by_role("link", name="Revisar la siguiente").press("Enter")
    expect(desk).to_have_url(re.compile(f"/{posted[TWO_PEOPLE]}/change/"))
    expect(desk.locator(".reasons")).to_contain_text("los lados no coinciden")

    desk.keyboard.press("c")
    typed = desk.locator("input:focus")
    path = (typed.get_attribute("name") or "").removeprefix("correct:")
    desk.keyboard.type("CORREGIDO A MANO")
    desk.keyboard.press("Enter")
    expect(row(desk, path).locator(".corrected")).to_have_text("CORREGIDO A MANO")
    expect(row(desk, path).locator(".value")).to_be_visible()
    keep_screenshot(desk, "review-corrected")

    desk.locator("h1").click()
    desk.keyboard.press("r")
    desk.keyboard.type("credencial de otra persona")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(f"/{posted[SPECIMEN]}/change/"))
    expect(desk.locator(".messagelist")).to_contain_text("rechazada")

    desk.keyboard.press("a")
    expect(desk).to_have_url(re.compile(f"{LIST}$"))
    expect(desk.locator(".messagelist")).to_contain_text("aprobada")
    expect(desk.locator("#result_list")).to_contain_text("rechazada")


def test_letters_typed_into_a_note_decide_nothing(desk: Page, posted: dict[str, int]) -> None:
    one(desk, posted[GOOD])
    desk.fill("#note", "")
    desk.locator("#note").press_sequentially("arns")
    expect(desk.locator("#note")).to_have_value("arns")
    expect(desk).to_have_url(re.compile(f"/{posted[GOOD]}/change/"))


def test_nothing_waits_and_it_is_said_where_one_gets(desk: Page) -> None:
    desk.goto(f"{LIST}next/")
    expect(desk).to_have_url(re.compile(f"{LIST}$"))
