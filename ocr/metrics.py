"""The service in figures: documents, failures, seconds and queues are counted here, and go out as Prometheus' text.

No label says anything of a person or of a document, and none has more values than can be listed. Where several
processes serve (`apptenticate/gunicorn.py`), they count in files that all of them share, and whichever is asked tells
of all. The processes that read pictures count nothing, and never load this.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from ocr.pipeline.errors import OcrError
from ocr.pipeline.types import Reading

if TYPE_CHECKING:
    from ocr.models import Transaction

disable_created_metrics()  # type: ignore[no-untyped-call]  # since when each is counted: nobody asks

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
REGISTRY: Final = CollectorRegistry()

DOCUMENTS: Final = Counter(
    "apptenticate_documents",
    "Documents asked for, by outcome: 200, an error code of the contract, 429 (too often) or 500.",
    ("outcome", "valid"),
    registry=REGISTRY,
)
SECONDS: Final = Histogram(
    "apptenticate_document_seconds",
    "Seconds that a document took, from both pictures being here until its answer is kept; failures too.",
    buckets=(0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30),
    registry=REGISTRY,
)
STAGES: Final = Histogram(
    "apptenticate_stage_seconds",
    "Seconds that each stage of reading took, of documents that were read.",
    ("stage",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
WAITING: Final = Gauge(
    "apptenticate_waiting",
    "Documents that are being read, or wait for it.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
REFUSED: Final = Counter(
    "apptenticate_refused",
    "Documents refused at once, since too many waited already.",
    registry=REGISTRY,
)
LEAST_CONFIDENCE: Final = Histogram(
    "apptenticate_least_confidence",
    "Confidence, 0 to 1, of the value that was read least surely, of each document.",
    buckets=(0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 0.99, 0.999, 1),
    registry=REGISTRY,
)
SECOND_LOOKS: Final = Counter(
    "apptenticate_second_looks",
    "Fields looked at again by another reader, since the first left them unconfirmed; won: they are confirmed now.",
    ("side", "reader", "won"),
    registry=REGISTRY,
)
RENEWALS: Final = Counter(
    "apptenticate_reading_process_renewals",
    "Reading processes replaced, since one died or took too long for a document, or the pool of all came to an end.",
    ("why",),
    registry=REGISTRY,
)
DELIVERIES: Final = Counter(
    "apptenticate_webhook_attempts",
    "Attempts to tell a webhook of an event, by what came of them: delivered, put off until later, or given up.",
    ("came_to",),
    registry=REGISTRY,
)
DELIVERY_SECONDS: Final = Histogram(
    "apptenticate_webhook_seconds",
    "Seconds from an event until a webhook was told of it, attempts that failed included.",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400),
    registry=REGISTRY,
)
BUILD: Final = Gauge(
    "apptenticate_build_info",
    "What runs: always 1, the versions are labels.",
    ("api", "python", "django", "onnxruntime"),
    multiprocess_mode="livemax",
    registry=REGISTRY,
)

DIED, TOO_LONG, POOL = "died", "too_long", "pool"
for _why in (DIED, TOO_LONG, POOL):  # a counter that is there from the start shows its first increase
    RENEWALS.labels(_why)
DELIVERED, PUT_OFF, GIVEN_UP = "delivered", "put_off", "given_up"
for _came_to in (DELIVERED, PUT_OFF, GIVEN_UP):
    DELIVERIES.labels(_came_to)


# --- counting ---------------------------------------------------------------------------------------------------------

_BROKEN: Final = 500


@contextmanager
def counted(transaction: "Transaction") -> Iterator[None]:
    """Count what a document comes to, and how long that took, by what stands in its row when it is closed."""
    outcome, valid = _BROKEN, False
    try:
        yield
        outcome, valid = transaction.outcome or _BROKEN, bool(transaction.valid)
    except OcrError as error:
        outcome = error.code
        raise
    finally:
        SECONDS.observe((transaction.milliseconds or 0) / 1000)
        count(outcome, valid=valid)


def count(outcome: int, *, valid: bool = False) -> None:
    """One more document that came to this."""
    DOCUMENTS.labels(int(outcome), _word(valid)).inc()


def observe(reading: Reading, confidence: float | None) -> None:
    """What a reading tells of how it was made."""
    for stage, milliseconds in reading.milliseconds.items():
        STAGES.labels(stage).observe(milliseconds / 1000)
    for look in reading.second_looks:
        SECOND_LOOKS.labels(look.side.value, look.reader, _word(look.won)).inc()
    if confidence is not None:
        LEAST_CONFIDENCE.observe(confidence)


def _word(holds: bool) -> str:
    return "true" if holds else "false"


# --- telling ----------------------------------------------------------------------------------------------------------


def tell_build(api: str) -> None:
    """What runs here, for comparing before and after an upgrade."""
    BUILD.labels(api, platform.python_version(), version("django"), version("onnxruntime")).set(1)


def exposed() -> bytes:
    """All figures, of all processes that count together."""
    return generate_latest(_of_all() if _SHARED in os.environ else REGISTRY)


_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"


def _of_all() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
