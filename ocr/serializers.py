"""Between form parts or JSON and Python: what a request asks for, and the bodies that answer it.

A request is understood leniently and never refused here: what is missing or makes no sense becomes None, and
`services` says which failure is reported first. Keys of the bodies and their order are contract.md's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer

from ocr import posting
from ocr.models import EVENTS, Batch, Delivery, Transaction, Trouble, Webhook
from ocr.pipeline.documents import BY_PARAMETER
from ocr.pipeline.types import (
    Attack,
    Code,
    Comparison,
    Device,
    Field,
    Finding,
    Quad,
    Reading,
    SecondLook,
    Side,
    SideReading,
    Suspicion,
    Validation,
)
from ocr.posting import BadTarget

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Row = Mapping[str, Any]

# --- what a request asks for ------------------------------------------------------------------------------------------

DOCUMENT_TYPES = tuple(BY_PARAMETER)
"""The published pages use both for the one document."""

FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "t", "1", "yes", "y", "on", "si", "sí", "s", "verdadero"), True),
    **dict.fromkeys(("false", "f", "0", "no", "n", "off", "falso", ""), False),
}
"""Every spelling of yes and no; any case, quotation marks around it or not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, understood. None stands for a picture that was not sent, or a flag that is neither yes nor no."""

    frontside: bytes | None = None
    backside: bytes | None = None
    document_type: str = ""
    return_id: bool | None = False
    validate_sides: bool | None = False
    device: Device = Device.UNKNOWN
    details: bool | None = False
    too_large: bool = False
    idempotency_key: str = ""


class PictureField(serializers.FileField):
    """A file's bytes; None for anything that is not a file."""

    def run_validation(self, data: object = empty) -> bytes | None:
        return data.read() if isinstance(data, UploadedFile) else None


class DocumentTypeField(serializers.ChoiceField):
    """The text that was sent, known or not."""

    def run_validation(self, data: object = empty) -> str:
        return _plain(data)


class FlagField(serializers.BooleanField):
    """Yes or no in any spelling, no when left out; None for what is neither."""

    def run_validation(self, data: object = empty) -> bool | None:
        return FLAGS.get(_plain(data).casefold())


class DeviceField(serializers.ChoiceField):
    """What took the picture, in any case; whatever else is said counts as unknown."""

    def run_validation(self, data: object = empty) -> Device:
        return Device.__members__.get(_plain(data).upper(), Device.UNKNOWN)


def _plain(data: object) -> str:
    return "" if data is empty or data is None else str(data).strip().strip("\"'")


class DocumentSerializer(serializers.Serializer[Asked]):
    """Two pictures of one credential, and how to answer."""

    frontside = PictureField(help_text="JPEG of the front, at most 2 MiB")
    backside = PictureField(help_text="JPEG of the back, at most 2 MiB")
    document_type = DocumentTypeField(DOCUMENT_TYPES, help_text="both mean the INE or IFE credential")
    return_id = FlagField(required=False, help_text="yes: the answer carries the transaction's id")
    validate_sides = FlagField(required=False, help_text="yes: both sides are answered and compared")
    device = DeviceField(["IOS", "ANDROID", "DESKTOP"], required=False, help_text="what took the pictures")
    details = FlagField(required=False, help_text="yes: the answer carries the `details` object")


def understand(parts: Row, idempotency_key: str = "") -> Asked:
    return Asked(**_made(DocumentSerializer).run_validation(parts), idempotency_key=idempotency_key)


# --- the two sides ----------------------------------------------------------------------------------------------------

GENDERS = {"H": "Male", "M": "Female", "X": "X"}
"""The card's H (hombre) and M (mujer), said in English on both sides."""


@extend_schema_field({"type": "string", "enum": ["INE"]})
class IneField(serializers.ReadOnlyField):
    """Always `INE`, as published; issuer and model stand in `details`."""

    def get_attribute(self, instance: object) -> str:  # noqa: ARG002
        return "INE"


@extend_schema_field({"type": "string", "enum": [*GENDERS.values(), None], "nullable": True})
class GenderField(serializers.ReadOnlyField):
    def to_representation(self, value: str) -> str:
        return GENDERS[value]


class TextField(serializers.CharField):
    """A text that may be null: hidden, unreadable, or not on this model. Never left out."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401  (DRF's own signature)
        super().__init__(allow_null=True, **kwargs)


@extend_schema_field({"type": "string", "pattern": r"^\d{2}-\d{2}-\d{4}$", "nullable": True, "example": "15-03-1990"})
class DayFirstField(serializers.DateField):
    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(format="%d-%m-%Y", allow_null=True, help_text="DD-MM-YYYY", **kwargs)


class YearFirstField(serializers.DateField):
    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(format="%Y-%m-%d", allow_null=True, help_text="YYYY-MM-DD", **kwargs)


class FrontsideSerializer(serializers.Serializer[Row]):
    name = TextField()
    surname = TextField()
    address = TextField()
    CURP = TextField(source="curp")
    elector_key = TextField()
    validity_period = TextField(help_text="first year-last year")
    date_of_birth = DayFirstField()
    document_type = IneField()
    section = TextField()
    gender = GenderField()
    emission_number = TextField()


class _NumbersSerializer(serializers.Serializer[Row]):
    """What both forms of the back begin with; they differ in the order of the two names."""

    document_type = IneField()
    country_code = TextField()
    document_number = TextField(help_text="the 13 digits after << on MRZ line 1")
    citizen_id = TextField(help_text="the last 9 of those 13")
    cic = TextField(help_text="the 9 digits after IDMEX")
    birth_date = DayFirstField()
    gender = GenderField()
    expiration_date = YearFirstField()


class BacksideSerializer(_NumbersSerializer):
    name = TextField()
    surname = TextField()


# --- details ----------------------------------------------------------------------------------------------------------


class FieldSerializer(serializers.Serializer[Row]):
    value = TextField()
    confidence = serializers.FloatField(help_text="0 to 1")
    confirmed = serializers.BooleanField(help_text="a witness, a second reader or the character scores vouch for it")
    box = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        allow_null=True,
        help_text="four corners, each x and y in pixels of the picture as sent",
    )
    source = TextField(help_text="the reader that it came from")  # type: ignore[assignment]
    witnesses = serializers.ListField(child=serializers.CharField())
    reason = TextField(help_text="why the value is null")


class AdviceSerializer(serializers.Serializer[Row]):
    es = serializers.CharField()
    en = serializers.CharField()


class FindingSerializer(serializers.Serializer[Row]):
    name = serializers.CharField(help_text="blur, glare, resolution, cut_off, dark")
    severity = serializers.FloatField(help_text="0 to 1")
    advice = AdviceSerializer(help_text="what the person holding the phone does about it")


class SideSerializer(serializers.Serializer[Row]):
    orientation = serializers.IntegerField(help_text="degrees, counter-clockwise, by which the text stands turned")
    fields = serializers.DictField(child=FieldSerializer())  # type: ignore[assignment]
    findings = FindingSerializer(many=True)


class ValidationSerializer(serializers.Serializer[Row]):
    passed = serializers.BooleanField(allow_null=True, help_text="null: the card offers nothing to check")
    reason = serializers.CharField()


class ComparisonSerializer(serializers.Serializer[Row]):
    name = serializers.CharField()
    front = serializers.CharField()
    back = serializers.CharField()
    similarity = serializers.FloatField(help_text="0 to 1")
    weight = serializers.FloatField()
    contradicts = serializers.BooleanField()


class SecondLookSerializer(serializers.Serializer[Row]):
    side = serializers.CharField()
    reader = serializers.CharField()
    wanted = serializers.CharField()
    won = serializers.BooleanField()


class CodeSerializer(serializers.Serializer[Row]):
    name = serializers.CharField(help_text="service_qr or code_128")
    numbers = serializers.DictField(child=serializers.CharField(), help_text="what it holds, by the fields it repeats")
    agrees = serializers.BooleanField(allow_null=True, help_text="with the MRZ; null: that says nothing")
    reason = serializers.CharField(help_text="what differs")
    box = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class ReasonSerializer(serializers.Serializer[Row]):
    es = serializers.CharField()
    en = serializers.CharField()


class SuspicionSerializer(serializers.Serializer[Row]):
    """How much speaks for one attack, whether or not a life test is enforced."""

    attack = serializers.CharField(help_text=", ".join(Attack))
    score = serializers.FloatField(help_text="0 to 1")
    threshold = serializers.FloatField(help_text="of the device and of APPTENTICATE_LIFE_STRICTNESS")
    suspected = serializers.BooleanField(help_text="the score reaches the threshold")
    reason = ReasonSerializer(help_text="what speaks for it")


class HolderSerializer(serializers.Serializer[Row]):
    """What follows from the dates, on the day of the reading."""

    age = serializers.IntegerField(allow_null=True, help_text="in whole years")
    minor = serializers.BooleanField(allow_null=True, help_text="under 18")
    expired = serializers.BooleanField(allow_null=True, help_text="the card's last day has passed")


class AddressPartsSerializer(serializers.Serializer[Row]):
    """In the words of the card; null: not there, or not told apart."""

    street = TextField(help_text="with its numbers")
    settlement = TextField(help_text="the colonia, with the word for its kind")
    postal_code = TextField()
    municipality = TextField()
    state = TextField()


class SeenBeforeSerializer(serializers.Serializer[Row]):
    """Earlier transactions of the same account whose data is still kept."""

    card = serializers.IntegerField(help_text="with the same CIC")
    person = serializers.IntegerField(help_text="with the same CURP")
    other_data = serializers.IntegerField(
        help_text="that share the CIC, the CURP or the elector key, but not what these belong to"
    )


class DetailsSerializer(serializers.Serializer[Row]):
    """Everything about a reading. The transaction keeps it too, asked for or not."""

    issuer = serializers.CharField()
    model = TextField(help_text="D to J")
    swapped = serializers.BooleanField(help_text="the back was sent as front, and the front as back")
    backside = SideSerializer()
    frontside = SideSerializer()
    validations = serializers.DictField(child=ValidationSerializer())
    codes = CodeSerializer(many=True, help_text="machine codes of the back that could be read")
    life = SuspicionSerializer(many=True, help_text="one of each attack; none where APPTENTICATE_LIFE_TEST is off")
    holder = HolderSerializer()
    address_parts = AddressPartsSerializer()
    seen_before = SeenBeforeSerializer()
    comparisons = ComparisonSerializer(many=True)
    matches_percentage = serializers.FloatField()
    match = serializers.BooleanField()
    doubts = serializers.ListField(child=serializers.CharField(), help_text="why valid is false")
    second_looks = SecondLookSerializer(many=True)
    milliseconds = serializers.DictField(child=serializers.FloatField(), help_text="per stage, in order")


def details(reading: Reading, today: date) -> dict[str, Any]:
    """Shape a reading as `DetailsSerializer` describes it, but for what was seen before; values stand as they do in the
    body."""
    return {
        "issuer": reading.issuer,
        "model": reading.model,
        "swapped": reading.swapped,
        "backside": _side(reading.back, BacksideSerializer),
        "frontside": _side(reading.front, FrontsideSerializer),
        "validations": {check.name: _validation(check) for check in reading.validations},
        "codes": [_code(code) for code in reading.codes],
        "life": [_suspicion(suspicion) for suspicion in reading.life],
        "holder": _holder(reading.back, today),
        "address_parts": dict(reading.address_parts),
        "comparisons": [_comparison(pair) for pair in reading.comparisons],
        "matches_percentage": reading.percentage,
        "match": reading.match,
        "doubts": list(reading.doubts),
        "second_looks": [_second_look(look) for look in reading.second_looks],
        "milliseconds": {stage: round(spent, 1) for stage, spent in reading.milliseconds.items()},
    }


def _side(side: SideReading, serializer_class: type[serializers.Serializer[Row]]) -> dict[str, Any]:
    phrased = _phrase(serializer_class, _values(side))
    return {
        "orientation": side.turn,
        "fields": {
            key: _field(side.fields[str(field.source)], phrased[key])
            for key, field in _made(serializer_class).fields.items()
            if field.source in side.fields
        },
        "findings": [_finding(finding) for finding in side.findings],
    }


def _phrase(serializer_class: type[serializers.Serializer[Row]], values: Row) -> dict[str, Any]:
    return dict(_made(serializer_class).to_representation(values))


@cache
def _made(serializer_class: type[serializers.Serializer[Row]]) -> serializers.Serializer[Row]:
    """Made once: copying its fields for every answer takes longer than all else that phrases it."""
    return serializer_class()


def _values(side: SideReading) -> Row:
    return {name: field.value for name, field in side.fields.items()}


def _field(field: Field, value: str | None) -> Row:
    return {
        "value": value,
        "confidence": round(field.confidence, 3),
        "confirmed": field.confirmed,
        "box": field.box and _corners(field.box),
        "source": field.source,
        "witnesses": list(field.witnesses),
        "reason": field.reason,
    }


def _corners(box: Quad) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in box]


def _finding(finding: Finding) -> Row:
    advice = {"es": finding.advice_es, "en": finding.advice_en}
    return {"name": finding.name, "severity": round(finding.severity, 3), "advice": advice}


def _validation(check: Validation) -> Row:
    return {"passed": check.passed, "reason": check.reason}


def _code(code: Code) -> Row:
    return {
        "name": code.name,
        "numbers": dict(code.numbers),
        "agrees": code.agrees,
        "reason": code.reason,
        "box": _corners(code.box),
    }


def _suspicion(suspicion: Suspicion) -> Row:
    return {
        "attack": suspicion.attack.value,
        "score": round(suspicion.score, 3),
        "threshold": round(suspicion.threshold, 3),
        "suspected": suspicion.suspected,
        "reason": {"es": suspicion.reason_es, "en": suspicion.reason_en},
    }


def _holder(back: SideReading, today: date) -> Row:
    born, last_day = back.fields["birth_date"].value, back.fields["expiration_date"].value
    age = _years(born, today) if isinstance(born, date) else None
    return {
        "age": age,
        "minor": None if age is None else age < FULL_AGE,
        "expired": last_day < today if isinstance(last_day, date) else None,
    }


FULL_AGE = 18
"""Years (Constitución Política, article 34)."""


def _years(since: date, today: date) -> int:
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def _comparison(pair: Comparison) -> Row:
    return {
        "name": pair.name,
        "front": pair.front,
        "back": pair.back,
        "similarity": round(pair.similarity, 3),
        "weight": pair.weight,
        "contradicts": pair.contradicts,
    }


def _second_look(look: SecondLook) -> Row:
    return {"side": look.side.value, "reader": look.reader, "wanted": look.wanted, "won": look.won}


# --- the bodies -------------------------------------------------------------------------------------------------------


class BackAnswerSerializer(_NumbersSerializer):
    """The answer as it is by default: both sides are read and validated, the back is shown."""

    surname = TextField()
    name = TextField()
    valid = serializers.BooleanField()
    id = serializers.IntegerField(required=False, help_text="with return_id")
    details = DetailsSerializer(required=False, help_text="with details")


class BothSidesAnswerSerializer(serializers.Serializer[Row]):
    """The answer with `validate_sides`."""

    backside = BacksideSerializer()
    frontside = FrontsideSerializer()
    matches_percentage = serializers.FloatField(help_text="0 to 100, one decimal")
    match = serializers.BooleanField()
    valid = serializers.BooleanField()
    id = serializers.IntegerField(required=False, help_text="with return_id")
    details = DetailsSerializer(required=False, help_text="with details")


class FindingsSerializer(serializers.Serializer[Row]):
    findings = FindingSerializer(many=True)


class FailureDetailsSerializer(serializers.Serializer[Row]):
    """What is wrong with the pictures: perhaps that is why they could not be read. `life` comes with 851."""

    backside = FindingsSerializer()
    frontside = FindingsSerializer()
    life = SuspicionSerializer(many=True, required=False)


class FailureSerializer(serializers.Serializer[Row]):
    """The answer that says what the sender can mend."""

    error_code = serializers.IntegerField()
    error = serializers.CharField()
    valid = serializers.BooleanField(help_text="always false")
    id = serializers.IntegerField(required=False, help_text="with return_id")
    details = FailureDetailsSerializer(required=False, help_text="with details, where the pictures could be opened")


def failure_details(findings: Mapping[Side, tuple[Finding, ...]], life: Sequence[Suspicion] = ()) -> dict[str, Any]:
    """Shape what is wrong with the pictures as `FailureDetailsSerializer` describes it."""
    sides = {side.value: {"findings": [_finding(finding) for finding in findings[side]]} for side in findings}
    return sides | ({"life": [_suspicion(suspicion) for suspicion in life]} if life else {})


def back_body(reading: Reading, more: Row) -> dict[str, Any]:
    """`more` is what the card does not say: valid, and the keys that were asked for; `details` as it made them."""
    return _answer(BackAnswerSerializer, {**_values(reading.back), **more})


def both_sides_body(reading: Reading, more: Row) -> dict[str, Any]:
    sides = {"backside": _values(reading.back), "frontside": _values(reading.front)}
    match = {"matches_percentage": reading.percentage, "match": reading.match}
    return _answer(BothSidesAnswerSerializer, {**sides, **match, **more})


def _answer(serializer_class: type[serializers.Serializer[Row]], values: Row) -> dict[str, Any]:
    """Details are phrased already: phrasing them twice takes as long as all the rest."""
    plain = {name: value for name, value in values.items() if name != "details"}
    return _phrase(serializer_class, plain) | {name: value for name, value in values.items() if name == "details"}


# --- transactions -----------------------------------------------------------------------------------------------------


class TransactionSerializer(serializers.ModelSerializer[Transaction]):
    """One line of the list."""

    time = serializers.DateTimeField(source="created")
    outcome_code = serializers.IntegerField(source="outcome", allow_null=True, help_text="200, or the error code")

    class Meta:
        model = Transaction
        fields = ("id", "time", "outcome_code", "valid", "match")


class PromiseSerializer(serializers.Serializer[Row]):
    """An answer is promised: under this id it will stand."""

    id = serializers.IntegerField()


class BatchSerializer(serializers.Serializer[Row]):
    """A ZIP of pictures, and how to answer each card of it."""

    cards = serializers.FileField(help_text="pictures named like ana_front.jpg and ana_back.jpg, in folders or not")
    document_type = DocumentTypeField(DOCUMENT_TYPES, required=False, help_text="both mean the INE or IFE credential")
    validate_sides = FlagField(required=False, help_text="yes: both sides are answered and compared")
    device = DeviceField(["IOS", "ANDROID", "DESKTOP"], required=False, help_text="what took the pictures")
    details = FlagField(required=False, help_text="yes: the answers carry the `details` object")


class UnpairedSerializer(serializers.Serializer[Row]):
    """A picture of which no card was made."""

    name = serializers.CharField()
    reason = serializers.CharField()


class BatchPromiseSerializer(PromiseSerializer):
    """An answer is promised to so many cards."""

    cards = serializers.IntegerField()
    unpaired = UnpairedSerializer(many=True)


class BatchLineSerializer(serializers.ModelSerializer[Batch]):
    """One line of the list."""

    class Meta:
        model = Batch
        fields = ("id", "created", "finished")


class BatchProgressSerializer(BatchLineSerializer):
    """How far a batch is."""

    cards = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="cards that are not answered yet")
    outcomes = serializers.DictField(child=serializers.IntegerField(), help_text="cards by code, 200 or an error")
    valid = serializers.IntegerField(help_text="cards that are valid")

    class Meta(BatchLineSerializer.Meta):
        fields = (*BatchLineSerializer.Meta.fields, "cards", "waiting", "outcomes", "valid")  # type: ignore[assignment]


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """Where an account is told of events."""

    url = serializers.CharField(max_length=500, help_text="https://…: events are posted there, redirects not followed")
    events = serializers.ListField(
        child=serializers.ChoiceField(EVENTS), min_length=1, default=list(EVENTS), help_text="which; all by default"
    )

    class Meta:
        model = Webhook
        fields = ("id", "url", "events", "active", "created", "failures")
        read_only_fields = ("created", "failures")

    def validate_url(self, url: str) -> str:
        try:
            posting.target(url, private=settings.OCR_WEBHOOKS_PRIVATE)
        except BadTarget as error:
            raise serializers.ValidationError(WHY_NOT_THERE[error.reason]) from error
        return url

    def update(self, hook: Webhook, changed: Row) -> Webhook:
        """Nothing else of it: its secret may have been changed meanwhile, or it may have been switched off."""
        for name, value in changed.items():
            setattr(hook, name, value)
        hook.save(update_fields=changed.keys())
        return hook

    def validate_events(self, events: list[str]) -> list[str]:
        """Each once, in the order in which they are told of here."""
        return [event for event in EVENTS if event in events]


WHY_NOT_THERE: Mapping[str, "StrOrPromise"] = {
    posting.NO_URL: _("Give an address such as https://receiver.example/path, without a name or a password in it."),
    posting.SCHEME: _("Nothing is sent unencrypted: give an address that begins with https://."),
    posting.NEIGHBOUR: _("Nothing is sent to addresses of this machine and its network."),
}


class SecretSerializer(serializers.Serializer[Row]):
    """What signs, shown this once."""

    secret = serializers.CharField(help_text="verifies what is sent (Standard Webhooks); it is not shown again")


class NewWebhookSerializer(WebhookSerializer):
    """A webhook, and what signs, shown this once."""

    secret = serializers.CharField(help_text="verifies what is sent (Standard Webhooks); it is not shown again")

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")  # type: ignore[assignment]


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event on its way to a webhook."""

    message = serializers.CharField(source="__str__", help_text="the header webhook-id, the same each time it is sent")
    state = serializers.ChoiceField(("waiting", "delivered", "failed"))
    due = serializers.DateTimeField(allow_null=True, help_text="when it is sent next; null: it is not")
    status = serializers.IntegerField(allow_null=True, help_text="how the receiver answered last")
    trouble = serializers.ChoiceField(Trouble.choices, allow_blank=True, help_text="why it has not arrived, last time")

    class Meta:
        model = Delivery
        fields = (
            "id", "message", "event", "transaction", "batch", "created", "state", "attempts", "due", "delivered",
            "status", "trouble",
        )  # fmt: skip


class DetailSerializer(serializers.Serializer[Row]):
    """What is said when it is not about a document."""

    detail = serializers.CharField()


# --- tokens -----------------------------------------------------------------------------------------------------------


class ObtainSerializer(TokenObtainPairSerializer):
    """A login like any other: it is told, so that wrong passwords before it are forgotten."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        pair = super().validate(attrs)
        user_logged_in.send(type(self.user), request=self.context["request"], user=self.user)
        return pair


class RefreshSerializer(TokenRefreshSerializer):
    """A refresh token dies with the password that it was made with; simplejwt lets it make access tokens, dead ones."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        JWTAuthentication().get_user(self.token_class(attrs["refresh"]))
        return super().validate(attrs)


class TokenPairSerializer(serializers.Serializer[Row]):
    refresh = serializers.CharField(help_text="for other access tokens, a day by default")
    access = serializers.CharField(help_text="for `Authorization: Bearer …`, five minutes by default")


class AccessTokenSerializer(serializers.Serializer[Row]):
    access = serializers.CharField()
