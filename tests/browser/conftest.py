"""A real browser before the real service, for tests that look at pages as people do.

Each test gets a `page` of its own. Everything goes over HTTP: Playwright's event loop stands in the way of Django's ORM
in the same thread. Hence also the scope of what follows: it is gone before tests of another folder begin.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks.measuring.service import Service, make_user, running_service

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
ARTEFACTS = ROOT / "test-artefacts"  # screenshots of this run, for whoever wants to look
CLERK, PASSWORD = "marta", "a password that nobody guesses"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
PATIENCE = 20_000  # milliseconds: the machine may be busy with other things

expect.set_options(timeout=PATIENCE)

Pixels = np.ndarray[Any, Any]

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


# --- the service ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def service() -> Iterator[Service]:
    """As `./run serve` starts it, with a clerk among its accounts."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("APPTENTICATE_TOKEN_RATE", "off")  # every test signs in
        environment.setenv("APPTENTICATE_LANGUAGE", "es")
        with running_service(processes=1) as running:
            make_user(running, CLERK, PASSWORD)
            yield running


@pytest.fixture(scope="package")
def admin(service: Service) -> str:
    """Somebody whom the administration lets in; the password is everybody's."""
    make_user(service, "jefa", PASSWORD, "--admin")
    return "jefa"


# --- the browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own where there is none. Its camera sees a card."""
    film = tmp_path_factory.mktemp("camera") / "card.y4m"
    film.write_bytes(_film(FIXTURES / "g_scan" / "front.jpg"))
    arguments = [*QUIET, *CAMERA, f"--use-file-for-fake-video-capture={film}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


def _film(picture: Path) -> bytes:
    """A film of two frames, in which the card lies before a grey table as the page's guide frame wants it."""
    card = card_alone(picture)
    scene = np.full((720, 1280, 3), 96, np.uint8)
    height = 440
    small = cv2.resize(card, (round(card.shape[1] * height / card.shape[0]), height), interpolation=cv2.INTER_AREA)
    top, left = (720 - height) // 2, (1280 - small.shape[1]) // 2
    scene[top : top + height, left : left + small.shape[1]] = small
    frame = b"FRAME\n" + cv2.cvtColor(scene, cv2.COLOR_BGR2YUV_I420).tobytes()
    return b"YUV4MPEG2 W1280 H720 F10:1 Ip A1:1 C420jpeg\n" + 2 * frame


def card_alone(picture: Path) -> Pixels:
    """The card without what it lies on, which is darker."""
    whole = cv2.imread(str(picture))
    assert whole is not None
    rows, columns = np.where(cv2.blur(whole.max(axis=2), (9, 9)) > 110)
    return whole[rows.min() : rows.max(), columns.min() : columns.max()]


Opened = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[Opened]:
    """Open a path of the service in a browser of its own: `open_page("/", viewport=PHONE, locale="en-US")`.

    What the page throws, or what its policy forbids it, fails the test.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str = "/", **more: Any) -> Page:
        told = {"viewport": DESKTOP, "locale": "es-MX", "reduced_motion": "reduce", "base_url": service.url, **more}
        context = browser.new_context(**told)
        context.grant_permissions(["clipboard-read", "clipboard-write", "camera"])
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Opened) -> Page:
    """The page to try it on, in Spanish, on a desktop."""
    return open_page("/")


# --- what tests do with a page ----------------------------------------------------------------------------------------


def keep_screenshot(page: Page, name: str, *, whole: bool = True) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)


def serious_faults(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is shown now, in light and in dark."""
    faults: list[str] = []
    page.add_style_tag(content="* { transition: none !important }")  # no colour is judged half-way to another
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        faults += [
            f"{scheme}: {fault['id']}: {node['html']}: {node['failureSummary']}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]
    page.emulate_media(color_scheme="light")
    return faults


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
