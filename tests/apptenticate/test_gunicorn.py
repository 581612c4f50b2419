"""The log of requests: what was asked for, and never what somebody searched for."""

from datetime import timedelta
from types import SimpleNamespace

from gunicorn.config import Config
from gunicorn.glogging import Logger

from apptenticate import gunicorn


def test_a_line_tells_the_path_alone() -> None:
    config = Config()
    config.set("access_log_format", gunicorn.access_log_format)
    request = SimpleNamespace(
        headers=[("REFERER", "/admin/?q=GALJ900315HDFRPN01"), ("AUTHORIZATION", "Bearer secret")], method="GET"
    )
    environment = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/admin/ocr/transaction/?q=GALJ900315HDFRPN01",
        "PATH_INFO": "/admin/ocr/transaction/",
        "QUERY_STRING": "q=GALJ900315HDFRPN01",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_REFERER": "/admin/?q=GALJ900315HDFRPN01",
    }
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[])
    atoms = Logger(config).atoms(answer, request, environment, timedelta(milliseconds=5))
    line = gunicorn.access_log_format % Logger.atoms_wrapper_class(atoms)
    assert '10.0.0.1 "GET /admin/ocr/transaction/" 200 12 bytes 5 ms' in line
    assert "GALJ" not in line
    assert "secret" not in line
