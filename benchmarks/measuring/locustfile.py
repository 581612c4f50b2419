"""What locust runs: callers that post documents, each so many a second at most, and count as failed what is not read.

Told by the environment, since locust starts it in a process of its own: `LOAD_TOKEN`, `LOAD_FOLDER` with pairs of JPEGs
(`N-front.jpg`, `N-back.jpg`), and `LOAD_RATE`, documents a second of one caller; 0: as fast as they are answered.
"""

import os
import random
import time
from pathlib import Path

from locust import HttpUser, task

_RATE = float(os.environ["LOAD_RATE"])
_DOCUMENTS = [
    (front.read_bytes(), front.with_name(front.name.replace("front", "back")).read_bytes())
    for front in sorted(Path(os.environ["LOAD_FOLDER"]).glob("*-front.jpg"))
]


class Caller(HttpUser):
    """One client of the service."""

    due = 0.0
    """When the next document is to be posted."""

    def on_start(self) -> None:
        """No proxy stands between us and loopback; callers do not all begin at once."""
        self.client.trust_env = False
        self.client.headers["Authorization"] = f"Bearer {os.environ['LOAD_TOKEN']}"
        if _RATE:
            self.due = time.time() + random.random() / _RATE
            time.sleep(max(0.0, self.due - time.time()))

    def wait_time(self) -> float:
        """Until the next is due. locust's own `constant_throughput` posts the first two at once: a queue that a short
        run never works off."""
        if not _RATE:
            return 0.0
        self.due += 1 / _RATE
        return max(0.0, self.due - time.time())

    @task
    def read(self) -> None:
        front, back = random.choice(_DOCUMENTS)
        pictures = {"frontside": ("front.jpg", front, "image/jpeg"), "backside": ("back.jpg", back, "image/jpeg")}
        self.client.post("/api/v3.2/ocr/", data={"document_type": "id_mexico"}, files=pictures, name="document")
