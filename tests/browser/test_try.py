"""The page to try it on, as people use it: with a mouse, a finger, a keyboard and a camera."""

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import (
    CLERK,
    FIXTURES,
    PASSWORD,
    PHONE,
    Opened,
    card_alone,
    keep_screenshot,
    overflow,
    serious_faults,
)

CARD = FIXTURES / "g_scan"
READ = json.loads((CARD / "expected.json").read_text(encoding="utf-8"))["body"]


def sign_in(page: Page) -> None:
    give_password(page, PASSWORD)
    expect(page.locator("#desk")).to_be_visible()


def give_password(page: Page, password: str) -> None:
    page.locator("#username").fill(CLERK)
    page.locator("#password").fill(password)
    page.locator("#sign-in [type=submit]").click()


def slot(page: Page, side: str) -> Locator:
    return page.locator(f".slot[data-side={side}]")


def choose(page: Page, front: Path, back: Path) -> None:
    for side, picture in (("front", front), ("back", back)):
        slot(page, side).locator(".picker").set_input_files(picture)
        expect(slot(page, side).locator(".preview")).to_be_visible()


def read_card(page: Page, folder: Path = CARD) -> None:
    sign_in(page)
    choose(page, folder / "front.jpg", folder / "back.jpg")
    page.locator("#read").click()
    expect(page.locator("#result")).to_be_visible()


def wait_until(page: Page, condition: str) -> None:
    """Asks from outside: Playwright's own waiting evaluates text inside the page, which its Content-Security-Policy
    forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"not within 5 seconds: {condition}")


def row(page: Page, side: str, field: str) -> Locator:
    return page.locator(f".side[data-side={side}] tr[data-field={field}]")


def box(page: Page, side: str, field: str) -> Locator:
    return page.locator(f'.side[data-side={side}] polygon[data-fields~="{side}.{field}"]')


def drop(page: Page, target: str, *files: Path) -> None:
    """As a file manager does: all files in one drop."""
    given = [{"name": file.name, "coded": base64.b64encode(file.read_bytes()).decode()} for file in files]
    page.evaluate(
        """([target, files]) => {
            const data = new DataTransfer();
            for (const {name, coded} of files) {
                const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
                data.items.add(new File([bytes], name, {type: "image/jpeg"}));
            }
            const dropped = new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true});
            document.querySelector(target).dispatchEvent(dropped);
        }""",
        [target, given],
    )


# --- sign in


def test_a_wrong_password_is_said(page: Page) -> None:
    give_password(page, "no such password")
    expect(page.locator("#sign-in-told")).to_have_text("El usuario y la contraseña no corresponden.")
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#desk")).to_be_hidden()


def test_tokens_stay_in_memory_and_whoever_signs_out_leaves_nothing(page: Page) -> None:
    read_card(page)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert page.locator("#password").input_value() == ""
    page.locator("#sign-out").click()
    expect(page.locator("#door")).to_be_visible()
    expect(page.locator("#result")).to_be_hidden()
    assert READ["frontside"]["CURP"] not in page.content()


def test_a_session_that_ended_asks_again_and_keeps_the_pictures(page: Page) -> None:
    def ended(route: Route) -> None:
        route.fulfill(status=401, json={"detail": "Token is invalid or expired", "code": "token_not_valid"})

    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.route("**/api/v3.2/ocr/", ended)
    page.route("**/api/token/refresh/", ended)
    page.locator("#read").click()
    expect(page.locator("#sign-in-told")).to_contain_text("Su sesión terminó")
    page.unroute_all()
    sign_in(page)
    expect(slot(page, "back").locator(".preview")).to_be_visible()
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("Válida")


def test_an_access_token_that_ended_is_renewed_unseen(page: Page) -> None:
    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.route("**/api/v3.2/ocr/", lambda route: route.fulfill(status=401, json={"code": "token_not_valid"}), times=1)
    with page.expect_request("**/api/token/refresh/"):
        page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("Válida")


# --- two pictures


def test_two_pictures_dropped_at_once_are_read(page: Page) -> None:
    sign_in(page)
    expect(page.locator("#read")).to_be_disabled()
    drop(page, ".slot[data-side=back] .drop", CARD / "back.jpg", CARD / "front.jpg")
    expect(page.locator("#read")).to_be_enabled()
    expect(slot(page, "front").locator(".told")).to_contain_text("front.jpg")  # their names tell them apart
    keep_screenshot(page, "try-desktop-pictures")
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("Válida")
    expect(page.locator("#verdict-title")).to_be_focused()
    expect(row(page, "front", "CURP").locator(".value")).to_have_text(READ["frontside"]["CURP"])
    expect(row(page, "back", "cic").locator(".value")).to_have_text(READ["backside"]["cic"])
    expect(page.locator(".facts")).to_contain_text("Ambos lados corresponden, 100 %")
    expect(page.locator(".checks .tick.passed")).to_have_count(7)
    expect(page.locator(".pairs tbody tr")).to_have_count(11)
    keep_screenshot(page, "try-desktop-result")


def test_one_dropped_after_the_other_fill_both_sides(page: Page) -> None:
    sign_in(page)
    drop(page, ".slot[data-side=back] .drop", CARD / "back.jpg")
    expect(page.locator("#go-told")).to_have_text("Ahora agregue el frente.")
    drop(page, "main", CARD / "front.jpg")
    expect(slot(page, "front").locator(".preview")).to_be_visible()
    slot(page, "back").locator(".remove").click()
    expect(page.locator("#read")).to_be_disabled()


def test_what_is_no_jpeg_or_too_large_is_encoded_anew(page: Page, tmp_path: Path) -> None:
    png, large = tmp_path / "front.png", tmp_path / "back.jpg"
    front, back = cv2.imread(str(CARD / "front.jpg")), cv2.imread(str(CARD / "back.jpg"))
    assert front is not None
    assert back is not None
    cv2.imwrite(str(png), front)
    grown = cv2.resize(back, None, fx=2.6, fy=2.6, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(large), grown, [cv2.IMWRITE_JPEG_QUALITY, 99])
    assert large.stat().st_size > 2 * 1024 * 1024
    sign_in(page)
    choose(page, png, large)
    expect(slot(page, "front").locator(".told")).to_contain_text("front.png era PNG")
    expect(slot(page, "back").locator(".told")).to_contain_text("se envía como JPEG")
    expect(slot(page, "back").locator(".told")).to_contain_text("3000 ×")
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("Válida")


def test_what_is_no_picture_is_said(page: Page, tmp_path: Path) -> None:
    (tmp_path / "front.heic").write_bytes(b"\0\0\0\x18ftypheic, but no more")
    sign_in(page)
    slot(page, "front").locator(".picker").set_input_files(tmp_path / "front.heic")
    expect(slot(page, "front").locator(".told")).to_contain_text("Este navegador no puede abrir front.heic")


# --- the answer over the pictures


def test_a_row_and_its_box_light_up_together(page: Page) -> None:
    read_card(page)
    curp, key = row(page, "front", "CURP"), row(page, "front", "elector_key")
    curp.locator("button").focus()
    expect(box(page, "front", "CURP")).to_have_class(re.compile(r"\blit\b"))
    expect(box(page, "front", "elector_key")).not_to_have_class(re.compile(r"\blit\b"))
    expect(page.locator(".side[data-side=front] .label.lit")).to_have_text("CURP")
    key.locator("button").click()
    expect(key.locator("button")).to_have_attribute("aria-pressed", "true")
    box(page, "back", "cic").hover()
    expect(row(page, "back", "cic")).to_have_class(re.compile(r"\blit\b"))
    expect(row(page, "back", "document_number")).to_have_class(re.compile(r"\blit\b"))  # the same line of the MRZ
    page.locator(".tabs").hover()
    expect(key).to_have_class(re.compile(r"\blit\b"))  # what was clicked stays lit
    expect(row(page, "back", "cic")).not_to_have_class(re.compile(r"\blit\b"))


def test_boxes_stand_on_what_was_read(page: Page) -> None:
    """In pixels of the picture as it was sent, so that they lie right whatever its size on the screen."""
    read_card(page)
    answer = json.loads(page.locator("#panel-json pre").text_content() or "")
    corners = answer["details"]["frontside"]["fields"]["CURP"]["box"]
    picture = page.locator(".side[data-side=front] .picture").bounding_box()
    drawn = box(page, "front", "CURP").bounding_box()
    size = page.locator(".side[data-side=front] .picture img").evaluate(
        "image => [image.naturalWidth, image.naturalHeight]"
    )
    assert picture is not None
    assert drawn is not None
    scale = picture["width"] / size[0]
    assert abs(drawn["x"] - picture["x"] - min(x for x, _ in corners) * scale) < 4
    assert abs(drawn["y"] - picture["y"] - min(y for _, y in corners) * scale) < 4


def test_swapped_sides_are_drawn_where_they_lie(page: Page) -> None:
    read_card(page, FIXTURES / "g_swapped_sides")
    expect(page.locator(".reasons")).to_contain_text("Los lados llegaron invertidos")
    shown = page.locator(".side[data-side=front] .picture img").get_attribute("src")
    assert shown == slot(page, "back").locator(".preview").get_attribute("src")


def test_a_card_that_is_not_valid_says_why(page: Page) -> None:
    read_card(page, FIXTURES / "bad_other_persons_back")
    expect(page.locator("#verdict-title")).to_have_text("No válida")
    expect(page.locator(".reasons")).to_contain_text("se contradicen")
    expect(page.locator(".reasons")).to_contain_text("Los dos lados difieren: Apellidos")
    assert page.locator(".pairs tr.failed").count() > 0
    keep_screenshot(page, "try-desktop-not-valid")


def test_what_a_field_lacks_is_said(page: Page) -> None:
    read_card(page, FIXTURES / "g_hidden_sex")
    expect(row(page, "front", "gender")).to_contain_text("no se encontró en la credencial")
    expect(page.locator(".side[data-side=back] .findings")).to_contain_text("Hay reflejos")


MORE = {
    "holder": {"age": 16, "minor": True, "expired": True},
    "address_parts": {
        "street": "RTNO PALMA 359 INT D",
        "settlement": "RCHO BUENAVISTA",
        "postal_code": "38423",
        "municipality": "MANZANILLO",
        "state": None,
    },
    "codes": [
        {
            "name": "service_qr",
            "numbers": {"document_number": "2652728198295", "cic": "226179229"},
            "agrees": False,
            "box": [[150, 360], [290, 360], [290, 500], [150, 500]],
            "reason": "cic unlike the MRZ's",
        },
    ],
    "seen_before": {"card": 2, "person": 1, "other_data": 0},
}


def test_holder_address_codes_and_earlier_readings_are_shown(page: Page) -> None:
    read_card(page)
    expect(page.locator(".codes .tick")).to_have_count(2)
    expect(page.locator(".codes")).to_contain_text("226179228")
    expect(page.locator(".address")).to_contain_text("MANZANILLO")
    body = json.loads(page.locator("#panel-json pre").text_content() or "")
    body["details"] |= MORE
    page.route("**/api/v3.2/ocr/", lambda route: route.fulfill(json=body))
    page.locator("#read").click()
    expect(page.locator(".facts")).to_contain_text("16 años")
    expect(page.locator(".facts")).to_contain_text("Menor de edad")
    expect(page.locator(".facts")).to_contain_text("Vencida")
    expect(page.locator(".address dd")).to_have_count(4)
    expect(page.locator(".seen")).to_contain_text("2 veces")
    expect(page.locator(".codes .failed")).to_contain_text("226179229")
    page.locator(".codes .tick").hover()
    expect(page.locator(".box.code")).to_have_class(re.compile(r"\blit\b"))
    assert serious_faults(page) == []


def attack(name: str, score: float, reason: str) -> dict[str, Any]:
    told = {"attack": name, "score": score, "threshold": 0.6, "suspected": score >= 0.6}
    return {**told, "reason": {"es": reason, "en": f"{reason}, in English"}}


LIFE = [attack("photocopy", 0.971, "los colores"), attack("screen", 0.043, "nada fuera de lo común")]


def test_what_the_life_test_says_is_shown(page: Page) -> None:
    read_card(page)
    expect(page.locator(".life .tick")).to_have_count(7)
    body = json.loads(page.locator("#panel-json pre").text_content() or "")
    body["details"]["life"] = LIFE
    page.route("**/api/v3.2/ocr/", lambda route: route.fulfill(json=body))
    page.locator("#read").click()
    expect(page.locator(".life .tick")).to_have_count(2)
    expect(page.locator(".life .failed")).to_contain_text("fotocopia")
    expect(page.locator(".life .failed")).to_contain_text("97 %, sospechosa desde 60 %: los colores")
    expect(page.locator(".life .passed")).to_contain_text("No sospechosa")
    assert serious_faults(page) == []
    body["details"]["life"] = []
    page.locator("#read").click()
    expect(page.locator(".more")).to_be_visible()
    expect(page.locator(".life")).to_be_hidden()


# --- no answer


def test_a_refusal_by_the_life_test_says_what_it_suspects(page: Page) -> None:
    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    sides: dict[str, Any] = {side: {"findings": []} for side in ("frontside", "backside")}
    refused = {"error_code": 851, "error": "…", "valid": False, "details": {**sides, "life": LIFE}}
    page.route("**/api/v3.2/ocr/", lambda route: route.fulfill(status=400, json=refused))
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("No se leyó")
    expect(page.locator(".reasons li")).to_have_count(1)
    expect(page.locator(".reasons")).to_have_text("fotocopia: los colores")
    expect(page.locator(".cure")).to_contain_text("Fotografíe la credencial misma")


def test_a_picture_without_a_card_says_what_to_do(page: Page) -> None:
    read_card(page, FIXTURES / "bad_814_landscape")
    expect(page.locator("#verdict-title")).to_have_text("No se leyó")
    expect(page.locator("#verdict-title")).to_be_focused()
    expect(page.locator(".why")).to_contain_text("No se encontró la zona de lectura mecánica (MRZ)")
    expect(page.locator(".cure")).to_contain_text("Fotografíe el reverso")
    expect(page.locator(".facts")).to_contain_text("Código 814")
    expect(page.locator("#panel-json pre")).to_contain_text('"error_code": 814')
    keep_screenshot(page, "try-desktop-refused")
    assert serious_faults(page) == []
    page.locator("#another").click()
    expect(slot(page, "front").locator(".preview")).to_be_hidden()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_when_it_says(page: Page, status: int) -> None:
    def busy(route: Route) -> None:
        route.fulfill(status=status, json={"detail": "…"}, headers={"Retry-After": "1"})

    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.route("**/api/v3.2/ocr/", busy, times=1)
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("El servicio está ocupado")
    expect(page.locator("#again")).to_have_text("Intentar de nuevo en 1 s")
    expect(page.locator("#again")).to_be_disabled()
    expect(page.locator("#again")).to_be_enabled()
    page.locator("#again").click()
    expect(page.locator("#verdict-title")).to_have_text("Válida")


def test_a_broken_connection_is_said(page: Page) -> None:
    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.route("**/api/v3.2/ocr/", lambda route: route.abort())
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("No llegó respuesta")
    expect(page.locator("#again")).to_be_enabled()


def test_progress_is_shown_and_can_be_cancelled(page: Page) -> None:
    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.route("**/api/v3.2/ocr/", lambda route: None)  # no answer comes
    page.locator("#read").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("#cancel")).to_be_focused()
    keep_screenshot(page, "try-desktop-progress")
    page.locator("#cancel").click()
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#read")).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")


# --- to copy


def test_the_json_and_the_command_can_be_copied(page: Page) -> None:
    read_card(page)
    page.locator("#tab-json").click()
    page.locator("#panel-json .copy").click()
    expect(page.locator("#copy-told")).to_have_text("Copiado")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert {key: copied[key] for key in READ if key != "id"} == {key: READ[key] for key in READ if key != "id"}
    page.locator("#tab-curl").click()
    page.locator("#panel-curl .copy").first.click()
    for_token = page.evaluate("navigator.clipboard.readText()")
    page.locator("#panel-curl .copy").last.click()
    wait_until(page, "navigator.clipboard.readText().then(text => text.includes('frontside'))")
    for_card = page.evaluate("navigator.clipboard.readText()")
    keep_screenshot(page, "try-desktop-curl")
    assert PASSWORD not in for_token + for_card
    assert "eyJ" not in for_token + for_card  # as every token begins
    assert _answer_of(f"{for_token}\n{for_card}")["frontside"] == READ["frontside"]


def _answer_of(script: str) -> dict[str, Any]:
    """What a terminal shows whose user types the password and pastes both commands."""
    told = subprocess.run(
        ["bash", "-c", script], cwd=CARD, input=f"{PASSWORD}\n", check=True, capture_output=True, text=True
    )
    return dict(json.loads(told.stdout))


def test_a_transaction_can_be_erased(page: Page) -> None:
    read_card(page)
    page.locator("#erase").click()
    expect(page.locator("#erase-told")).to_contain_text("Borrada")
    expect(page.locator("#erase")).to_be_hidden()


# --- the camera


def test_the_camera_guides_and_takes_a_picture_that_is_read(open_page: Opened) -> None:
    page = open_page("/", locale="en-US")
    sign_in(page)
    slot(page, "front").locator(".use-camera").click()
    expect(page.locator("#camera")).to_be_visible()
    expect(page.locator(".hint")).to_have_text("Good. Take the picture")
    keep_screenshot(page, "try-desktop-camera", whole=False)
    assert serious_faults(page) == []
    page.locator(".shutter").click()
    expect(page.locator(".still")).to_be_visible()
    page.locator(".retake").click()
    expect(page.locator(".shutter")).to_be_focused()
    page.locator(".shutter").click()
    page.locator(".use").click()
    expect(page.locator("#camera")).to_be_hidden()
    assert page.locator("#camera video").evaluate("video => video.srcObject") is None
    expect(slot(page, "front").locator(".told")).to_contain_text("front.jpg")
    slot(page, "back").locator(".picker").set_input_files(CARD / "back.jpg")
    page.locator("#read").click()
    expect(page.locator("#verdict-title")).to_have_text("Valid")
    expect(row(page, "front", "CURP").locator(".value")).to_have_text(READ["frontside"]["CURP"])


def test_closing_the_camera_stops_it(page: Page) -> None:
    page.evaluate("""() => {
        const lend = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => (window.lent = await lend(wanted));
    }""")
    sign_in(page)
    slot(page, "back").locator(".use-camera").click()
    expect(page.locator("#camera")).to_be_visible()
    expect(page.locator("#camera-title")).to_have_text("Fotografíe el reverso")
    page.keyboard.press("Escape")
    expect(page.locator("#camera")).to_be_hidden()
    wait_until(page, "window.lent.getTracks().every(track => track.readyState === 'ended')")
    expect(slot(page, "back").locator(".use-camera")).to_be_focused()


@pytest.mark.parametrize(("lend", "said"), [
    ("async () => { throw new DOMException('', 'NotAllowedError') }", "La cámara no está permitida"),
    ("async () => { throw new DOMException('', 'NotFoundError') }", "No se encontró ninguna cámara"),
    ("async () => { throw new DOMException('', 'NotReadableError') }", "Otro programa usa la cámara"),
])  # fmt: skip
def test_without_a_camera_it_says_what_to_do(page: Page, lend: str, said: str) -> None:
    page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {lend}; }}")
    sign_in(page)
    slot(page, "front").locator(".use-camera").click()
    expect(slot(page, "front").locator(".told")).to_contain_text(said)
    expect(page.locator("#camera")).to_be_hidden()


def test_a_phone_without_the_camera_offers_its_own_camera_app(open_page: Opened) -> None:
    page = open_page("/", viewport=PHONE, has_touch=True, is_mobile=True)
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    sign_in(page)
    with page.expect_file_chooser() as chosen:
        slot(page, "front").locator(".use-camera").tap()
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files(CARD / "front.jpg")
    expect(slot(page, "front").locator(".preview")).to_be_visible()


SCENES = """async ([source, name]) => {
    const { measure, hintFor, CARD, RING } = await import("/static/ocr/try/hints.js");
    const image = new Image();
    image.src = source;
    await image.decode();
    const [width, ring] = [640, 640 * RING / (1 + 2 * RING)];
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = Math.round((width - 2 * ring) / CARD + 2 * ring);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const draw = (share, shift = 0) => {
        context.filter = "none";
        context.fillStyle = "#60646a";
        context.fillRect(0, 0, width, canvas.height);
        const [w, h] = [share * (width - 2 * ring), share * (canvas.height - 2 * ring)];
        context.drawImage(image, (width - w) / 2 + shift, (canvas.height - h) / 2, w, h);
    };
    const shade = (colour) => { context.fillStyle = colour; context.fillRect(0, 0, width, canvas.height); };
    const again = (filter) => { context.filter = filter; context.drawImage(canvas, 0, 0); };
    const scenes = {
        good: () => draw(0.95),
        closer: () => draw(0.35),
        back: () => draw(1.6),
        empty: () => draw(0),
        dark: () => { draw(0.95); shade("rgb(0 0 0 / 80%)"); },
        blurred: () => { draw(0.95); again("blur(3px)"); },
        glare: () => {
            draw(0.95);
            shade("rgb(0 0 0 / 30%)");
            context.fillStyle = "#fff";
            context.beginPath();
            context.ellipse(width / 2, canvas.height / 2, 130, 70, 0, 0, 7);
            context.fill();
        },
    };
    const pixels = () => context.getImageData(0, 0, width, canvas.height);
    if (name === "moving") {
        draw(0.95);
        const before = measure(pixels()).grey;
        draw(0.95, 60);
        return hintFor(measure(pixels(), before));
    }
    scenes[name]();
    const { grey, ...seen } = measure(pixels());
    return hintFor(seen);
}"""


def test_the_hint_tells_what_to_mend(page: Page) -> None:
    ok, coded = cv2.imencode(".png", card_alone(CARD / "front.jpg"))
    assert ok
    source = "data:image/png;base64," + base64.b64encode(coded.tobytes()).decode()
    scenes = ["good", "closer", "back", "empty", "dark", "blurred", "glare", "moving"]
    assert [page.evaluate(SCENES, [source, scene]) for scene in scenes] == scenes


# --- keyboard, phone, languages, accessibility


def test_it_can_be_used_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    _tab_to(page, "#username")
    page.keyboard.type(CLERK)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#desk-title")).to_be_focused()
    for side in ("front", "back"):
        _tab_to(page, f".slot[data-side={side}] .picker")
        with page.expect_file_chooser() as chosen:
            page.keyboard.press("Space")
        chosen.value.set_files(CARD / f"{side}.jpg")
        expect(slot(page, side).locator(".preview")).to_be_visible()
    _tab_to(page, "#read")
    page.keyboard.press("Enter")
    expect(page.locator("#verdict-title")).to_be_focused()
    _tab_to(page, "#tab-card")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-json")).to_be_focused()
    expect(page.locator("#panel-json")).to_be_visible()
    page.keyboard.press("Home")
    _tab_to(page, ".side[data-side=front] tr[data-field=CURP] button")
    expect(box(page, "front", "CURP")).to_have_class(re.compile(r"\blit\b"))
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(box(page, "front", "elector_key")).to_have_class(re.compile(r"\blit\b"))


def _tab_to(page: Page, selector: str, at_most: int = 25) -> None:
    for _ in range(at_most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_phone_shows_it_all_without_scrolling_sideways(open_page: Opened) -> None:
    page = open_page("/", viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    keep_screenshot(page, "try-phone-door")
    assert overflow(page) == 0
    sign_in(page)
    keep_screenshot(page, "try-phone-pictures")
    small = page.evaluate("""() => [...document.querySelectorAll("button, a, input:not(.hidden-text)")]
        .filter((one) => one.checkVisibility() && !one.matches(".skip") && one.getBoundingClientRect().height < 32)
        .map((one) => one.outerHTML)""")
    assert small == []
    slot(page, "front").locator(".use-camera").tap()
    expect(page.locator(".hint")).to_have_attribute("data-hint", "back")  # the film is wide, and the phone is not
    keep_screenshot(page, "try-phone-camera", whole=False)
    page.locator("#camera .close").tap()
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.locator("#read").tap()
    expect(page.locator("#verdict-title")).to_be_visible()
    for tab in ("curl", "json", "card"):
        page.locator(f"#tab-{tab}").tap()
        assert overflow(page) == 0
    assert serious_faults(page) == []
    row(page, "front", "section").locator("button").tap()
    expect(box(page, "front", "section")).to_be_in_viewport()  # the picture stays in sight
    keep_screenshot(page, "try-phone-row", whole=False)
    page.locator("body").evaluate("() => scrollTo(0, 0)")
    keep_screenshot(page, "try-phone-result")


def test_the_language_can_be_switched(page: Page) -> None:
    assert page.locator("html").get_attribute("lang") == "es"
    page.get_by_role("link", name="EN, English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with page.expect_request("**/api/v3.2/ocr/") as asked:
        read_card(page)
    assert asked.value.headers["accept-language"] == "en"
    expect(page.locator("#verdict-title")).to_have_text("Valid")


def test_axe_finds_no_serious_fault(open_page: Opened) -> None:
    page = open_page("/", locale="en-US")
    assert serious_faults(page) == []
    sign_in(page)
    choose(page, CARD / "front.jpg", CARD / "back.jpg")
    page.locator("#read").click()
    expect(page.locator("#result")).to_be_visible()
    assert serious_faults(page) == []
    page.emulate_media(color_scheme="dark")
    keep_screenshot(page, "try-desktop-dark")
    page.locator("#tab-curl").click()
    assert serious_faults(page) == []
