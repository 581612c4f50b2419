"""Talks to the service as a client does: a token over HTTP, refreshed when it expires; two pictures, one answer."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from benchmarks.measuring.service import Service

_SECONDS = 120  # for one answer: the service gives up long before
_UNAUTHORISED = 401


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is empty when what came back was no JSON. `milliseconds` as the client saw them."""

    status: int
    body: dict[str, Any]
    milliseconds: float
    retry_after: str = ""

    @property
    def error_code(self) -> str | None:
        """The contract's code, or `HTTP 500` where none came with it; None for a document that was read."""
        if self.status == requests.codes.ok:
            return None
        return str(self.body.get("error_code", f"HTTP {self.status}"))


class Client:
    """One account at `service`, any number of threads: each has a connection of its own, all share the token."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._mine = threading.local()
        self._renewing = threading.Lock()
        self._tokens = self._json("token", username=service.name, password=service.password)

    @property
    def token(self) -> str:
        """The access token that is used now."""
        return self._tokens["access"]

    def read(self, front: bytes, back: bytes, **asked: bool) -> Answer:
        """Post a document; `asked` are the contract's flags."""
        token = self._tokens["access"]
        answer = self._post(front, back, asked, token)
        if answer.status == _UNAUTHORISED:
            answer = self._post(front, back, asked, self._renewed(token))
        return answer

    def _post(self, front: bytes, back: bytes, asked: dict[str, bool], token: str) -> Answer:
        started = time.perf_counter()
        response = self.session.post(
            f"{self.service.url}/api/v3.2/ocr/",
            data={"document_type": "id_mexico", **{name: str(flag) for name, flag in asked.items()}},
            files={"frontside": ("front.jpg", front, "image/jpeg"), "backside": ("back.jpg", back, "image/jpeg")},
            headers={"Authorization": f"Bearer {token}"},
            timeout=_SECONDS,
        )
        spent = (time.perf_counter() - started) * 1000
        return Answer(response.status_code, _body(response), spent, response.headers.get("Retry-After", ""))

    def _renewed(self, expired: str) -> str:
        """Another access token; of several threads that were refused, the first one fetches it."""
        with self._renewing:
            if self._tokens["access"] == expired:
                self._tokens = self._tokens | self._json("token/refresh", refresh=self._tokens["refresh"])
            return self._tokens["access"]

    def _json(self, path: str, **form: str) -> dict[str, str]:
        response = self.session.post(f"{self.service.url}/api/{path}/", data=form, timeout=_SECONDS)
        response.raise_for_status()
        return dict(response.json())

    @property
    def session(self) -> requests.Session:
        """This thread's connection."""
        if not hasattr(self._mine, "session"):
            self._mine.session = requests.Session()
            self._mine.session.trust_env = False  # no proxy stands between us and loopback
        session: requests.Session = self._mine.session
        return session


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        return dict(response.json())
    except ValueError:
        return {}
