"""Static files: what packages bring is served, of whichever thread asks first; nothing else is."""

from concurrent.futures import ThreadPoolExecutor

from rest_framework.test import APIClient

BASE = "/static/admin/css/base.css"


def status(path: str) -> int:
    return APIClient().get(path).status_code


def test_files_are_served_whoever_asks_first() -> None:
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(status, [BASE] * 4)) == {200}


def test_a_file_comes_with_its_kind_and_may_be_kept() -> None:
    answer = APIClient().get(BASE)
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "max-age=" in answer.headers["Cache-Control"]


def test_what_no_package_brings_is_not_there() -> None:
    assert (status("/static/nothing.css"), status("/static/../manage.py")) == (404, 404)
