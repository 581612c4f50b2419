"""Many cards in one request: a ZIP comes in and is promised an answer; how far it is, and what cards say, goes out."""
# ruff: noqa: ARG002  (the framework says what the arguments are)

from collections.abc import Iterator, Mapping
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import generics, status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ocr import archives, batches, keeping, pairs
from ocr.archives import BadArchive
from ocr.models import Batch
from ocr.pipeline.errors import BadFlag, WrongDocument
from ocr.reference import described
from ocr.responses import (
    BATCH_RESPONSES,
    BATCHES_RESPONSES,
    ENDING_RESPONSES,
    PROMISING_BATCH_RESPONSES,
    RESULTS_RESPONSES,
)
from ocr.serializers import (
    DOCUMENT_TYPES,
    Asked,
    BatchLineSerializer,
    BatchProgressSerializer,
    BatchSerializer,
    understand,
)
from ocr.views import AlwaysJson, NewestFirst, ReadingThrottle, address, body_length, person

if TYPE_CHECKING:
    from django.http import QueryDict
    from django_stubs_ext import StrOrPromise

# --- what stands against it -------------------------------------------------------------------------------------------


class BatchRefused(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("Send a ZIP of pictures as the part “cards”.")
    default_code = "batch_refused"


class StillReading(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_detail = _("No card is begun any more, but some are still being read. Ask again in a few seconds.")
    default_code = "still_reading"


class OneAtATime(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = _("Another archive is being taken. Send this one again in a few seconds.")
    default_code = "one_at_a_time"


WHY_REFUSED: Final[Mapping[str, "StrOrPromise"]] = {
    archives.NO_ZIP: _("This is no ZIP that can be unpacked: make one with “zip” or your file manager."),
    archives.LOCKED: _("The ZIP asks for a password: make it without one."),
    archives.TOO_MANY: _("There are more cards in it than one batch may have: send several."),
    archives.TOO_DENSE: _("A file in it unpacks to many times its size, which no photo does: leave it out."),
    archives.NO_CARD: _("No two pictures in it make a card: name them like ana_front.jpg and ana_back.jpg."),
}
WHY_UNPAIRED: Final[Mapping[str, "StrOrPromise"]] = {
    pairs.NO_SIDE: _("its name says no side"),
    pairs.NO_PARTNER: _("the other side is missing"),
    pairs.AMBIGUOUS: _("several pictures could be this side of the card"),
}

# --- taking an archive ------------------------------------------------------------------------------------------------


class _ArchiveInMemory(MemoryFileUploadHandler):
    """As for pictures, nothing is written to a disk unsealed; an archive may only be larger than they."""

    def handle_raw_input(self, *told: Any) -> None:  # noqa: ANN401 - of five, one matters
        _, _, length, *_ = told
        self.activated = length <= settings.OCR_BATCH_LIMIT


_taking = BoundedSemaphore(1)
"""An archive is held in memory, whole, until its pictures are kept."""


class BatchesView(generics.ListAPIView[Batch]):
    """Take an archive of cards, or list those that were taken."""

    serializer_class = BatchLineSerializer
    content_negotiation_class = AlwaysJson
    parser_classes = (MultiPartParser,)
    throttle_classes = (ReadingThrottle,)
    pagination_class = NewestFirst

    @described(
        operation_id="send_batch",
        request={"multipart/form-data": BatchSerializer},
        responses=PROMISING_BATCH_RESPONSES,
    )
    def post(self, request: Request) -> Response:
        """Promise an answer to every card in a ZIP: pictures named like ana_front.jpg and ana_back.jpg."""
        if body_length(request) > settings.OCR_BATCH_LIMIT:
            raise BatchRefused(_too_large())
        if not _taking.acquire(blocking=False):
            raise OneAtATime
        try:
            return self._taken(request)
        finally:
            _taking.release()

    def _taken(self, request: Request) -> Response:
        archive, asked = _sent(request)
        batch = batches.accept(person(request), archive, asked, get_language() or settings.LANGUAGE_CODE)
        unpaired = [{"name": name, "reason": WHY_UNPAIRED[why]} for name, why in archive.unpaired.items()]
        body = {"id": batch.pk, "cards": len(archive.cards), "unpaired": unpaired}
        where = reverse("batch", kwargs={"pk": batch.pk})
        return Response(body, status.HTTP_202_ACCEPTED, headers={"Location": where})

    @described(operation_id="list_batches", responses=BATCHES_RESPONSES)
    def get(self, request: Request) -> Response:
        """List your batches, newest first."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Batch]:
        return Batch.objects.filter(owner_id=self.request.user.pk)


def _sent(request: Request) -> tuple[archives.Archive, Asked]:
    request._request.upload_handlers = [_ArchiveInMemory(request._request)]  # noqa: SLF001 - it has no public name
    try:
        parts = cast("QueryDict", request.data)
    except (ParseError, UnsupportedMediaType, UnreadablePostError, SuspiciousOperation) as error:
        raise BatchRefused from error
    sent = request.FILES.get("cards")
    if not isinstance(sent, UploadedFile):
        raise BatchRefused
    asked = understand({"document_type": DOCUMENT_TYPES[0], **parts.dict()})
    _refuse_what_makes_no_sense(asked)
    try:
        return archives.opened(sent.read(), settings.OCR_BATCH_CARDS), asked
    except BadArchive as error:
        raise BatchRefused(WHY_REFUSED[error.reason]) from error


def _refuse_what_makes_no_sense(asked: Asked) -> None:
    """What is wrong with every card of it is said of none."""
    if None in (asked.return_id, asked.validate_sides, asked.details):
        raise BadFlag("a flag is neither yes nor no")
    if asked.document_type not in DOCUMENT_TYPES:
        raise WrongDocument("document_type is unknown")


def _too_large() -> str:
    return str(_("The request is larger than %(megabytes)d MB: send several.")) % {
        "megabytes": settings.OCR_BATCH_LIMIT // 1024 // 1024
    }


# --- one batch --------------------------------------------------------------------------------------------------------


class _OneBatch(generics.GenericAPIView[Batch]):
    """One batch of the person who asks; anyone else's does not exist."""

    serializer_class = BatchProgressSerializer
    content_negotiation_class = AlwaysJson

    def get_queryset(self) -> QuerySet[Batch]:
        return Batch.objects.filter(owner_id=self.request.user.pk)


class BatchView(_OneBatch):
    """How far it is."""

    @described(operation_id="show_batch", responses=BATCH_RESPONSES)
    def get(self, request: Request, pk: int) -> Response:
        """Tell how many of its cards are answered, and how."""
        return Response(batches.progress(self.get_object()))

    @described(operation_id="end_batch", responses=ENDING_RESPONSES)
    def delete(self, request: Request, pk: int) -> Response:
        """Stop it, and erase pictures and personal data of all its cards, for good."""
        batch = self.get_object()
        if not batches.stop(batch):
            raise StillReading
        for card in batch.cards.filter(transaction__erased=None).select_related("transaction"):
            keeping.record_look(card.transaction, person(request), address(request), keeping.ERASED)
        batches.erase(batch)
        return Response(status=status.HTTP_204_NO_CONTENT)


class BatchResultsView(_OneBatch):
    """What its cards say."""

    @described(operation_id="show_results", responses=RESULTS_RESPONSES)
    def get(self, request: Request, pk: int) -> HttpResponse | StreamingHttpResponse:
        """Show what the cards say that are answered so far: a line of JSON each, in the order of the archive."""
        lines = self._lines(request, self.get_object())
        response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        response["Content-Disposition"] = f'attachment; filename="batch-{pk}.jsonl"'
        return response

    def _lines(self, request: Request, batch: Batch) -> Iterator[str]:
        for card in batches.results(batch):
            if not card.transaction.erased:
                keeping.record_look(card.transaction, person(request), address(request), "API: batch")
            yield batches.line(card)
