"""nginx as docs/production.md and compose.yaml have it, before the real service: only where nginx is installed."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from benchmarks.measuring.service import ROOT, _free_port, make_user, running_service
from tests.ocr.test_archives import packed

pytestmark = [
    pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="nginx is not installed"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]
PASSWORD = "a password that nobody guesses"
HOST = {"Host": "ine.example"}
CARD = ROOT / "fixtures" / "g_scan"
BEHIND = {"HTTPS": "yes", "PROXIES": "1", "ALLOWED_HOSTS": "ine.example,localhost,127.0.0.1", "TOKEN_RATE": "off"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where nginx listens, without and with TLS, and where its files lie."""

    plain: str
    secure: str
    folder: Path


@pytest.fixture(scope="module")
def session() -> requests.Session:
    session = requests.Session()
    session.trust_env = session.verify = False  # the certificate is one of our own
    return session


@pytest.fixture(scope="module", params=["docs/production.md", "deploy/nginx.conf"])
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in BEHIND.items():
            environment.setenv(f"APPTENTICATE_{name}", value)
        with running_service(processes=1) as service:
            make_user(service, "ana", PASSWORD)
            make_user(service, "jefa", PASSWORD, "--admin")
            found = Proxy(f"127.0.0.1:{_free_port()}", f"127.0.0.1:{_free_port()}", folder)
            _certificate(folder)
            shown, here = _shown(request.param, found, service.url.removeprefix("http://"))
            (folder / "nginx.conf").write_text(_configuration(shown, here))
            nginx = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"])
            try:
                time.sleep(1)
                yield found
            finally:
                nginx.terminate()
                nginx.wait()


def _certificate(folder: Path) -> None:
    command = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=ine.example"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


def _shown(name: str, proxy: Proxy, service: str) -> tuple[str, dict[str, str]]:
    """What a file shows, and what stands in the place of what in this test."""
    text = (ROOT / name).read_text(encoding="utf-8")
    here = {
        "listen 80;": f"listen {proxy.plain};",
        "listen 443 ssl;": f"listen {proxy.secure} ssl;",
        "    listen [::]:80;\n": "",
        "    listen [::]:443 ssl;\n": "",
    }
    certificate, key = f"{proxy.folder}/cert.pem", f"{proxy.folder}/key.pem"
    if name.endswith(".conf"):
        secrets = {"/run/secrets/tls_certificate": certificate, "/run/secrets/tls_key": key}
        return text, {**here, **secrets, "web:8000": service}
    (shown,) = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    files = {"/etc/ssl/ine.example.pem": certificate, "/etc/ssl/ine.example.key": key}
    return shown, {**here, **files, "127.0.0.1:8000": service}


def _configuration(shown: str, here: dict[str, str]) -> str:
    for there, instead in here.items():
        assert there in shown
        shown = shown.replace(there, instead)
    places = "".join(f"{name}_temp_path {name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"daemon off; pid pid; error_log log warn; events {{}} http {{ access_log off; {places}\n{shown} }}\n"


@pytest.fixture(scope="module")
def token(proxy: Proxy, session: requests.Session) -> dict[str, str]:
    login = {"username": "ana", "password": PASSWORD}
    answer = session.post(f"https://{proxy.secure}/api/token/", data=login, headers=HOST)
    return {**HOST, "Authorization": f"Bearer {answer.json()['access']}"}


def _read(proxy: Proxy, session: requests.Session, token: dict[str, str], front: bytes) -> requests.Response:
    files = {"frontside": front, "backside": (CARD / "back.jpg").read_bytes()}
    named = {name: (f"{name}.jpg", content, "image/jpeg") for name, content in files.items()}
    url = f"https://{proxy.secure}/api/v3.2/ocr/"
    return session.post(url, data={"document_type": "id_mexico"}, files=named, headers=token)


def test_a_card_is_read(proxy: Proxy, session: requests.Session, token: dict[str, str]) -> None:
    answer = _read(proxy, session, token, (CARD / "front.jpg").read_bytes())
    assert (answer.status_code, answer.json()["valid"]) == (200, True)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("mebibytes", [2, 5])
def test_what_is_too_large_is_told_by_the_service_and_touches_no_disk(
    proxy: Proxy, session: requests.Session, token: dict[str, str], mebibytes: int
) -> None:
    answer = _read(proxy, session, token, b"\xff\xd8\xff" + bytes(mebibytes * 2**20))
    assert (answer.status_code, answer.json()["error_code"]) == (400, 800)
    assert "temporary file" not in (proxy.folder / "log").read_text()  # nginx warns of each that it writes


def test_an_archive_that_is_larger_than_any_card_gets_through_and_touches_no_disk(
    proxy: Proxy, session: requests.Session, token: dict[str, str]
) -> None:
    cards = {f"{n}/{side}.jpg": b"\xff\xd8\xff" + bytes(5 * 2**20) for n in range(2) for side in ("front", "back")}
    archive = {"cards": ("cards.zip", packed(cards), "application/zip")}
    answer = session.post(f"https://{proxy.secure}/api/v3.2/ocr/batch/", files=archive, headers=token)
    assert (answer.status_code, answer.json()["cards"]) == (202, 2)
    assert "temporary file" not in (proxy.folder / "log").read_text()


def test_plain_http_is_sent_to_https(proxy: Proxy, session: requests.Session) -> None:
    answer = session.post(f"http://{proxy.plain}/api/token/", headers=HOST, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://ine.example/api/token/")


def test_the_administration_lets_in(proxy: Proxy, session: requests.Session) -> None:
    url = f"https://{proxy.secure}/admin/login/"
    page = session.get(url, headers=HOST)
    form = dict(re.findall(r'name="(csrfmiddlewaretoken)" value="([^"]+)', page.text))
    form |= {"username": "jefa", "password": PASSWORD, "next": "/admin/"}
    told = {**HOST, "Origin": "https://ine.example", "Cookie": f"csrftoken={page.cookies['csrftoken']}"}
    answer = session.post(url, data=form, headers=told, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_whoever_forges_addresses_is_locked_out_all_the_same(proxy: Proxy, session: requests.Session) -> None:
    login = {"username": "jefa", "password": "wrong"}
    for number in range(11):
        forged = {**HOST, "X-Forwarded-For": f"10.0.0.{number}"}
        answer = session.post(f"https://{proxy.secure}/api/token/", data=login, headers=forged)
    assert answer.status_code == 429


def test_figures_do_not_go_out(proxy: Proxy, session: requests.Session) -> None:
    answer = session.get(f"https://{proxy.secure}/metrics", headers=HOST)
    assert answer.status_code == 404
