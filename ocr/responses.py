"""What the API's reference says of every answer: its status, what it holds, and an example: the published ones, where
the hosted API has published any. `serializers` says what each holds; what a view answers is its own to name."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, PolymorphicProxySerializer

from ocr.models import EVENTS
from ocr.serializers import (
    AccessTokenSerializer,
    BackAnswerSerializer,
    BatchLineSerializer,
    BatchProgressSerializer,
    BatchPromiseSerializer,
    BothSidesAnswerSerializer,
    DeliverySerializer,
    DetailSerializer,
    FailureSerializer,
    NewWebhookSerializer,
    PromiseSerializer,
    SecretSerializer,
    TokenPairSerializer,
    TransactionSerializer,
    WebhookSerializer,
)

_BACK = {
    "document_type": "INE",
    "country_code": "MEX",
    "document_number": "1234567890123",
    "citizen_id": "137438414",
    "cic": "345636022",
    "birth_date": "15-03-1990",
    "gender": "Male",
    "expiration_date": "2025-12-31",
}
_NAME = {"name": "JUAN CARLOS", "surname": "GARCIA LOPEZ"}
_FRONT = {
    **_NAME,
    "address": "CALLE REFORMA 123 COL CENTRO",
    "CURP": "GALJ900315HDFRPN01",
    "elector_key": "GLRJNC90031512H400",
    "validity_period": "2024-2034",
    "date_of_birth": "15-03-1990",
    "document_type": "INE",
    "section": "1234",
    "gender": "Male",
    "emission_number": "12",
}
_BACK_ANSWER = {**_BACK, "surname": _NAME["surname"], "name": _NAME["name"], "valid": True}
_BOTH_ANSWER = {
    "backside": {**_BACK, **_NAME},
    "frontside": _FRONT,
    "matches_percentage": 85.5,
    "match": True,
    "valid": True,
}
_DETAILS = {
    "issuer": "INE",
    "model": "G",
    "swapped": False,
    "backside": {
        "orientation": 0,
        "fields": {
            "cic": {
                "value": "345636022",
                "confidence": 0.998,
                "confirmed": True,
                "box": [[212.0, 640.5], [466.0, 640.5], [466.0, 672.0], [212.0, 672.0]],
                "source": "ppocr",
                "witnesses": ["mrz.cic_check_digit"],
                "reason": None,
            },
        },
        "findings": [],
    },
    "frontside": {
        "orientation": 0,
        "fields": {
            "gender": {
                "value": None,
                "confidence": 0.0,
                "confirmed": False,
                "box": None,
                "source": None,
                "witnesses": [],
                "reason": "hidden",
            },
        },
        "findings": [
            {
                "name": "glare",
                "severity": 0.4,
                "advice": {
                    "es": "Incline un poco la credencial para que no refleje la luz.",
                    "en": "Tilt the card a little so that it does not reflect the light.",
                },
            },
        ],
    },
    "validations": {"curp.check_digit": {"passed": True, "reason": ""}},
    "codes": [
        {
            "name": "code_128",
            "numbers": {"cic": "345636022"},
            "agrees": True,
            "reason": "",
            "box": [[90.0, 40.5], [466.0, 40.5], [466.0, 92.0], [90.0, 92.0]],
        },
    ],
    "life": [
        {
            "attack": "screen",
            "score": 0.031,
            "threshold": 0.62,
            "suspected": False,
            "reason": {"es": "nada fuera de lo común", "en": "nothing unusual"},
        },
    ],
    "holder": {"age": 36, "minor": False, "expired": False},
    "address_parts": {
        "street": "C REFORMA 123",
        "settlement": "COL CENTRO",
        "postal_code": "06000",
        "municipality": "CUAUHTEMOC",
        "state": "CDMX",
    },
    "seen_before": {"card": 0, "person": 1, "other_data": 0},
    "comparisons": [
        {
            "name": "date_of_birth",
            "front": "15-03-1990",
            "back": "15-03-1990",
            "similarity": 1.0,
            "weight": 2.0,
            "contradicts": False,
        },
    ],
    "matches_percentage": 85.5,
    "match": True,
    "doubts": [],
    "second_looks": [{"side": "frontside", "reader": "tesseract", "wanted": "section", "won": True}],
    "milliseconds": {"decode": 12.1, "read": 80.4, "judge": 5.2, "life": 12.7},
}

_READ = OpenApiResponse(
    PolymorphicProxySerializer(
        "Answer", [BackAnswerSerializer, BothSidesAnswerSerializer], resource_type_field_name=None, many=False
    ),
    description="The document was read; `valid` says whether everything about it is in order.",
    examples=[
        OpenApiExample("By default", _BACK_ANSWER),
        OpenApiExample("With return_id", {**_BACK_ANSWER, "id": 281234}),
        OpenApiExample("With validate_sides", _BOTH_ANSWER),
        OpenApiExample("With validate_sides and return_id", {**_BOTH_ANSWER, "id": 281234}),
        OpenApiExample("With details (shortened)", {**_BACK_ANSWER, "details": _DETAILS}),
    ],
)
_REPEATED = OpenApiResponse(
    PolymorphicProxySerializer(
        "FirstAnswer",
        [BackAnswerSerializer, BothSidesAnswerSerializer, FailureSerializer],
        resource_type_field_name=None,
        many=False,
    ),
    description="The body as first answered, failures too.",
    examples=[OpenApiExample("A document that was read", {**_BACK_ANSWER, "id": 281234})],
)

_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiLi4uIn0.c2lnbmF0dXJl"  # noqa: S105  (signs nothing)

INCOMPLETE = OpenApiResponse(OpenApiTypes.OBJECT, description="what is missing or cannot be read, part by part")
OBTAINING_RESPONSES = {
    200: OpenApiResponse(
        TokenPairSerializer, examples=[OpenApiExample("Both tokens", {"refresh": _TOKEN, "access": _TOKEN})]
    ),
    400: INCOMPLETE,
    401: DetailSerializer,
    429: DetailSerializer,
}
REFRESHING_RESPONSES = {
    200: OpenApiResponse(AccessTokenSerializer, examples=[OpenApiExample("The access token", {"access": _TOKEN})]),
    400: INCOMPLETE,
    401: DetailSerializer,
}
_PROMISED = OpenApiResponse(
    PromiseSerializer,
    description="It will be read; the answer stands at `Location` then.",
    examples=[OpenApiExample("Promised", {"id": 281234})],
)
READING_RESPONSES = {
    200: _READ,
    202: _PROMISED,
    400: FailureSerializer,
    401: DetailSerializer,
    409: DetailSerializer,
    422: DetailSerializer,
    429: DetailSerializer,
    503: PolymorphicProxySerializer("Unavailable", [FailureSerializer, DetailSerializer], None),
}
LISTING_RESPONSES = {
    200: OpenApiResponse(
        TransactionSerializer(many=True),
        examples=[
            OpenApiExample(
                "A page",
                {
                    "id": 281234,
                    "time": "2026-11-22T12:00:00.123456-06:00",
                    "outcome_code": 200,
                    "valid": True,
                    "match": True,
                },
            )
        ],
    ),
    401: DetailSerializer,
    404: DetailSerializer,
}
REPEATING_RESPONSES = {200: _REPEATED, 202: _PROMISED, **dict.fromkeys((401, 404, 409, 410), DetailSerializer)}
_WEBHOOK = {
    "id": 3,
    "url": "https://receiver.example/credentials",
    "events": list(EVENTS),
    "active": True,
    "created": "2026-11-27T12:00:00.123456-06:00",
    "failures": 0,
}
_SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
_DELIVERY = {
    "id": 41,
    "message": "msg_5f0c1d3e8b7a4c2f9d6e1a2b3c4d5e6f",
    "event": "transaction.finished",
    "transaction": 281234,
    "batch": None,
    "created": "2026-11-27T12:00:01.123456-06:00",
    "state": "delivered",
    "attempts": 2,
    "due": None,
    "delivered": "2026-11-27T12:00:06.654321-06:00",
    "status": 204,
    "trouble": "",
}
_SENT_SOON = {
    **_DELIVERY,
    "state": "waiting",
    "attempts": 0,
    "due": "2026-11-27T12:00:01.123456-06:00",
    "delivered": None,
    "status": None,
}
_OWNERS = dict.fromkeys((401, 404), DetailSerializer)
_WRONG_WEBHOOK = OpenApiResponse(
    OpenApiTypes.OBJECT,
    description="What is wrong, part by part; `detail` where it is not about a part.",
    examples=[
        OpenApiExample(
            "An address of a neighbour", {"url": ["Nothing is sent to addresses of this machine and its network."]}
        ),
        OpenApiExample("No JSON", {"detail": "JSON parse error - Expecting value: line 1 column 1 (char 0)"}),
    ],
)
MAKING_WEBHOOK_RESPONSES = {
    201: OpenApiResponse(
        NewWebhookSerializer,
        description="`Location` is where it stands; the secret is not shown again.",
        examples=[OpenApiExample("A webhook", {**_WEBHOOK, **_SECRET})],
    ),
    400: _WRONG_WEBHOOK,
    401: DetailSerializer,
}
WEBHOOKS_RESPONSES = {
    200: OpenApiResponse(WebhookSerializer(many=True), examples=[OpenApiExample("A page", _WEBHOOK)]),
    **_OWNERS,
}
WEBHOOK_RESPONSES = {
    200: OpenApiResponse(WebhookSerializer, examples=[OpenApiExample("A webhook", _WEBHOOK)]),
    **_OWNERS,
}
CHANGING_WEBHOOK_RESPONSES = {
    200: OpenApiResponse(WebhookSerializer, examples=[OpenApiExample("Off", {**_WEBHOOK, "active": False})]),
    400: _WRONG_WEBHOOK,
    **_OWNERS,
}
ENDING_WEBHOOK_RESPONSES = {204: None, **_OWNERS}
SECRET_RESPONSES = {
    200: OpenApiResponse(
        SecretSerializer,
        description="For a day what is sent bears the signature of the one before, too.",
        examples=[OpenApiExample("Another secret", _SECRET)],
    ),
    **_OWNERS,
}
DELIVERIES_RESPONSES = {
    200: OpenApiResponse(DeliverySerializer(many=True), examples=[OpenApiExample("A page", _DELIVERY)]),
    **_OWNERS,
}
DELIVERY_RESPONSES = {
    200: OpenApiResponse(DeliverySerializer, examples=[OpenApiExample("Arrived, the second time", _DELIVERY)]),
    **_OWNERS,
}
_IS_OFF = OpenApiResponse(
    DetailSerializer,
    examples=[OpenApiExample("Off", {"detail": "This webhook is off. Switch it on first: PATCH active to true."})],
)
SENDING_RESPONSES = {
    202: OpenApiResponse(
        DeliverySerializer,
        description="It is sent at once; `Location` tells whether it has arrived.",
        examples=[OpenApiExample("On its way", _SENT_SOON)],
    ),
    400: _IS_OFF,
    **_OWNERS,
}
ERASING_RESPONSES = {204: None, **dict.fromkeys((401, 404, 409, 410), DetailSerializer)}
IMAGE_RESPONSES: dict[Any, Any] = {
    (200, "image/jpeg"): OpenApiTypes.BINARY,
    **dict.fromkeys((401, 404, 409, 410), DetailSerializer),
    503: FailureSerializer,
}
_WHOSE = dict.fromkeys((401, 404), DetailSerializer)
_BATCH = {"id": 12, "created": "2026-11-24T12:00:00.123456-06:00", "finished": None}
PROMISING_BATCH_RESPONSES = {
    202: OpenApiResponse(
        BatchPromiseSerializer,
        description="Every card of it will be read; `Location` tells how far it is.",
        examples=[OpenApiExample("Promised", {"id": 12, "cards": 240, "unpaired": []})],
    ),
    400: PolymorphicProxySerializer("Refused", [FailureSerializer, DetailSerializer], None),
    401: DetailSerializer,
    429: DetailSerializer,
    503: READING_RESPONSES[503],
}
BATCHES_RESPONSES = {
    200: OpenApiResponse(
        BatchLineSerializer(many=True),
        examples=[OpenApiExample("Finished", {**_BATCH, "finished": "2026-11-24T12:03:10.654321-06:00"})],
    ),
    **_WHOSE,
}
BATCH_RESPONSES = {
    200: OpenApiResponse(
        BatchProgressSerializer,
        examples=[
            OpenApiExample(
                "Half of it",
                {**_BATCH, "cards": 240, "waiting": 119, "outcomes": {"200": 118, "814": 3}, "valid": 117},
            )
        ],
    ),
    **_WHOSE,
}
ENDING_RESPONSES = {204: None, 409: DetailSerializer, **_WHOSE}
RESULTS_RESPONSES: dict[Any, Any] = {
    (200, "application/x-ndjson"): OpenApiResponse(
        OpenApiTypes.STR,
        examples=[
            OpenApiExample(
                "One card, shortened",
                '{"card": "ana", "front": "ana_front.jpg", "back": "ana_back.jpg", "id": 281234, "code": 200, '
                '"erased": false, "seconds": 0.112, "answer": {"valid": true}}\n',
                media_type="application/x-ndjson",
            )
        ],
    ),
    **_WHOSE,
}
"""What each operation may answer; `exception_handler` adds the examples of what goes wrong."""
