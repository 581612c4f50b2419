"""HTTP in, HTTP out: each view understands its request, asks `services`, and phrases the answer.

Refused here: whoever has no valid token, and who asks too often. What is wrong with a document is raised further down;
`exception_handler` phrases it.
"""
# ruff: noqa: ARG001, ARG002  (the framework says what the arguments are)

import logging
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any, NoReturn, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotFound,
    ParseError,
    Throttled,
    UnsupportedMediaType,
)
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle, UserRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from ocr import keeping, metrics, services
from ocr.models import SEALED, SEE_PERSONS, Promise, Transaction
from ocr.pictures import NoPicture
from ocr.pipeline.errors import UnreadableFile
from ocr.pipeline.types import Side
from ocr.reference import described, noted
from ocr.responses import (
    ERASING_RESPONSES,
    IMAGE_RESPONSES,
    LISTING_RESPONSES,
    OBTAINING_RESPONSES,
    READING_RESPONSES,
    REFRESHING_RESPONSES,
    REPEATING_RESPONSES,
)
from ocr.serializers import (
    Asked,
    DocumentSerializer,
    ObtainSerializer,
    RefreshSerializer,
    TransactionSerializer,
    understand,
)

log = logging.getLogger(__name__)


class AlwaysJson(DefaultContentNegotiation):
    """JSON whatever `Accept` says: no client is turned away for a header that it did not mean."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


# --- documents --------------------------------------------------------------------------------------------------------


class ReadingThrottle(UserRateThrottle):
    """Counts what costs: documents to read, per account. Off unless a setting says otherwise."""

    scope = "ocr"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        return super().get_cache_key(request, view) if request.method == "POST" else None


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="any text of your own, new for each document: sent again within a day, it gets the first answer again",
)


PREFER = OpenApiParameter(
    "Prefer",
    location=OpenApiParameter.HEADER,
    description="`respond-async`: answered 202 with the id at once, and read afterwards; ask at `Location` (RFC 7240)",
)


class NewestFirst(CursorPagination):
    """Pages that go on from an id: none is counted, and the last costs what the first does."""

    ordering = "-id"
    cursor_query_description = "where a page begins: `next` and `previous` name it"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The framework asks the database for whatever a made-up cursor says."""
        cursor = super().decode_cursor(request)
        if cursor is not None and not str(cursor.position or 0).isdecimal():
            raise NotFound(self.invalid_cursor_message)
        return cursor


class DocumentsView(generics.ListAPIView[Transaction]):
    """Read a credential, or list what was read."""

    serializer_class = TransactionSerializer
    content_negotiation_class = AlwaysJson
    throttle_classes = (ReadingThrottle,)
    pagination_class = NewestFirst
    transaction: Transaction | None = None

    @described(
        operation_id="read_document",
        parameters=[IDEMPOTENCY_KEY, PREFER],
        request={"multipart/form-data": DocumentSerializer},
        responses=READING_RESPONSES,
    )
    def post(self, request: Request) -> Response:
        """Read both sides of a credential and answer with its data."""
        asked = _asked(request)
        transaction, is_new = services.open_transaction(person(request), asked)
        if not is_new:
            return self._answer_again(transaction, asked)
        return self._answer_now_or_later(transaction, asked)

    def _answer_now_or_later(self, transaction: Transaction, asked: Asked) -> Response:
        answer = self._promise if _prefers_not_to_wait(self.request) else self._answer
        return answer(transaction, asked)

    def _promise(self, transaction: Transaction, asked: Asked) -> Response:
        self.transaction = transaction
        services.promise(transaction, asked, get_language() or settings.LANGUAGE_CODE)
        return _promised(transaction)

    def _answer(self, transaction: Transaction, asked: Asked) -> Response:
        self.transaction = transaction
        return Response(services.answer(transaction, asked))

    def _answer_again(self, earlier: Transaction, asked: Asked) -> Response:
        """The same `Idempotency-Key`: the same answer, unless there was none, or it said to ask again."""
        if not services.is_same_request(earlier, asked):
            raise OtherRequest
        if services.reopen(earlier):
            return self._answer_now_or_later(earlier, asked)
        if earlier.answer is None:
            return _promised_or_unanswered(earlier)
        return Response(earlier.answer, earlier.status)

    @described(operation_id="list_transactions", responses=LISTING_RESPONSES)
    def get(self, request: Request) -> Response:
        """List your transactions, newest first."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Transaction]:
        return Transaction.objects.filter(owner_id=self.request.user.pk).defer(*SEALED)

    def throttled(self, request: Request, wait: float) -> NoReturn:
        self.transaction = services.record_throttled(person(request))
        super().throttled(request, wait)


def person(request: Request) -> User:
    """Whose token it is."""
    return cast("User", request.user)  # IsAuthenticated lets nobody else in


def _asked(request: Request) -> Asked:
    """What the request asks for. A body that cannot be taken apart brought no files: that is 809, not a failure."""
    if body_length(request) > settings.OCR_BODY_LIMIT:
        return Asked(too_large=True)
    try:
        parts = request.data
    except (ParseError, UnsupportedMediaType, UnreadablePostError):
        parts = {}
    except SuspiciousOperation:  # Django counts fields and files, and found too many
        return Asked(too_large=True)
    return understand(parts if isinstance(parts, Mapping) else {}, request.headers.get("Idempotency-Key", ""))


def body_length(request: Request) -> int:
    """Bytes, as the request says; servers believe it, too."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _prefers_not_to_wait(request: Request) -> bool:
    """RFC 7240: preferences stand between commas, in any case, each with parameters of its own behind a semicolon."""
    preferences = request.headers.get("Prefer", "").casefold().split(",")
    return "respond-async" in {preference.partition(";")[0].strip() for preference in preferences}


def _promised(transaction: Transaction) -> Response:
    headers = {
        "Location": reverse("transaction", kwargs={"pk": transaction.pk}),
        "Preference-Applied": "respond-async",
        "Retry-After": str(settings.OCR_RETRY_AFTER),
    }
    return Response({"id": transaction.pk}, status.HTTP_202_ACCEPTED, headers=headers)


def _promised_or_unanswered(transaction: Transaction) -> Response:
    if Promise.objects.filter(pk=transaction.pk).exists():
        return _promised(transaction)
    raise Unanswered


# --- transactions -----------------------------------------------------------------------------------------------------


class Erased(APIException):
    status_code = status.HTTP_410_GONE
    default_detail = _("This transaction's data was erased. Only the list still shows it.")
    default_code = "erased"


class Unanswered(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This transaction has no answer yet. Ask again in a few seconds.")
    default_code = "unanswered"


class OtherRequest(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This Idempotency-Key stands for another request. Use a new key for each document.")
    default_code = "other_request"


class _OneTransaction(generics.GenericAPIView[Transaction]):
    """One transaction of the person who asks; anyone else's does not exist."""

    serializer_class = TransactionSerializer
    content_negotiation_class = AlwaysJson

    def get_queryset(self) -> QuerySet[Transaction]:
        return Transaction.objects.filter(owner_id=self.request.user.pk)

    def _transaction(self) -> Transaction:
        transaction = self.get_object()
        if transaction.erased:
            raise Erased
        return transaction

    def _answered(self) -> Transaction:
        transaction = self._transaction()
        if transaction.answer is None:
            raise Unanswered
        return transaction


class TransactionView(_OneTransaction):
    """What was answered."""

    @described(operation_id="repeat_answer", responses=REPEATING_RESPONSES)
    def get(self, request: Request, pk: int) -> Response:
        """Answer what was first answered, failures too; 202 as long as an answer is only promised."""
        transaction = self._transaction()
        if transaction.answer is None:
            return _promised_or_unanswered(transaction)
        keeping.record_look(transaction, person(request), address(request), "API")
        return Response(transaction.answer)

    @described(operation_id="erase_transaction", responses=ERASING_RESPONSES)
    def delete(self, request: Request, pk: int) -> Response:
        """Erase pictures and personal data, for good; id, times and outcome code stay."""
        transaction = self._answered()
        keeping.record_look(transaction, person(request), address(request), keeping.ERASED)
        keeping.erase(transaction)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NoImage(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_detail = _("No such image of this transaction is kept: its account keeps no pictures, or nothing was read.")
    default_code = "no_image"


SIDES_SHOWN = {"front": Side.FRONT, "back": Side.BACK}
IMAGES = (*SIDES_SHOWN, "portrait", "signature")
IMAGE_NAME = OpenApiParameter("name", location=OpenApiParameter.PATH, enum=IMAGES)


class ImageView(_OneTransaction):
    """What a transaction's pictures show, for its owner and for reviewers."""

    @described(operation_id="show_image", parameters=[IMAGE_NAME], responses=IMAGE_RESPONSES)
    def get(self, request: Request, pk: int, name: str) -> HttpResponse:
        """Show one side alone, set upright, or the portrait or signature cut from the front: a small JPEG."""
        transaction = self._answered()
        image = _image(transaction, name)
        keeping.record_look(transaction, person(request), address(request), f"API: {name}")
        return HttpResponse(image, content_type="image/jpeg")

    def get_queryset(self) -> QuerySet[Transaction]:
        if person(self.request).has_perm(SEE_PERSONS):
            return Transaction.objects.all()
        return super().get_queryset()


def _image(transaction: Transaction, name: str) -> bytes:
    try:
        straight = services.shown(transaction, SIDES_SHOWN.get(name, Side.FRONT))
    except (NoPicture, UnreadableFile) as error:
        raise NoImage from error
    if name in SIDES_SHOWN:
        return straight.jpeg
    if name not in straight.parts:
        raise NoImage
    return straight.parts[name]


# --- tokens -----------------------------------------------------------------------------------------------------------


class AddressThrottle(SimpleRateThrottle):
    """Counts attempts to obtain a token, per address."""

    scope = "token"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def address(request: HttpRequest) -> str:
    """Where a request comes from, told as throttling tells it: one truth about proxies."""
    return str(BaseThrottle().get_ident(cast("Request", request)) or "")


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """Answer whoever tried too many passwords, as throttling does."""
    wait = settings.LOCKOUT_MINUTES * 60
    return JsonResponse({"detail": TOO_MANY_PASSWORDS}, status=429, headers={"Retry-After": str(wait)})


TOO_MANY_PASSWORDS = "Too many wrong passwords for this account from this address. Try again later."


class InEnglish(APIView):
    """Speaks English whatever the language asked for: clients of the hosted service rely on it (contract.md)."""

    content_negotiation_class = AlwaysJson

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401
        with translation.override("en"):
            return super().dispatch(request, *args, **kwargs)


class LockedOut(Throttled):
    default_detail = TOO_MANY_PASSWORDS

    def __init__(self) -> None:
        super().__init__(wait=settings.LOCKOUT_MINUTES * 60)


@noted(extend_schema_view(post=extend_schema(operation_id="obtain_token", responses=OBTAINING_RESPONSES)))
class ObtainTokenView(InEnglish, TokenObtainPairView):
    """Get a token pair for a user name and a password."""

    throttle_classes = (AddressThrottle,)
    serializer_class = ObtainSerializer

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        try:
            return super().post(request, *args, **kwargs)
        except AuthenticationFailed as error:
            if getattr(request, "axes_locked_out", False):
                raise LockedOut from error
            raise


@noted(extend_schema_view(post=extend_schema(operation_id="refresh_token", responses=REFRESHING_RESPONSES)))
class RefreshTokenView(InEnglish, TokenRefreshView):
    """Get another access token for a refresh token."""

    serializer_class = RefreshSerializer


# --- figures ----------------------------------------------------------------------------------------------------------


def figures(request: HttpRequest) -> HttpResponse:
    """Tell Prometheus the service's figures; to others, there is no such page."""
    if not _may_see_figures(request):
        raise Http404
    return HttpResponse(metrics.exposed(), content_type=metrics.CONTENT_TYPE)


def _may_see_figures(request: HttpRequest) -> bool:
    """Whoever has the token; where none is set, whoever asks on this machine, and on nobody else's behalf."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    is_passed_on = any(header in request.headers for header in _OF_PROXIES)
    return not is_passed_on and _is_loopback(request.META.get("REMOTE_ADDR", "").removeprefix("::ffff:"))


_OF_PROXIES = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""Through a proxy on this machine, all the world comes from loopback; and what it says of others may be made up."""


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


# --- health -----------------------------------------------------------------------------------------------------------


def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process is there."""
    return JsonResponse({"status": "alive"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer once the database is migrated and the readers are loaded; 503 until then."""
    try:
        services.prepare()
    except Exception:
        log.exception("not ready")
        return JsonResponse({"status": "not ready"}, status=503)
    return JsonResponse({"status": "ready"})
