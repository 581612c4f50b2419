"""Every failure becomes an answer here, and only here: status, text, language, and headers.

Comes in: whatever a view raised. Goes out: the contract's failure body for an `OcrError`, the contract's English 401
for a token, Django REST framework's own answer for the rest it knows, and a logged 500 for what nobody foresaw.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import get_language
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, NotFound, Throttled
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as rest_framework_handler

from ocr import services
from ocr.batch_views import BatchRefused, OneAtATime, StillReading
from ocr.models import Transaction
from ocr.pipeline.errors import ErrorCode, OcrError, ServiceFault
from ocr.serializers import failure_details
from ocr.views import Erased, ObtainTokenView, OtherRequest, RefreshTokenView, Unanswered

log = logging.getLogger(__name__)


class Wording(NamedTuple):
    """How one failure is said; the settings may put another status or text in its place."""

    es: str
    en: str
    status: int = status.HTTP_400_BAD_REQUEST


_AGAIN_BACK: Final = "Fotografíe de nuevo el reverso, con las tres líneas de abajo completas, nítidas y sin reflejos."
_AGAIN_FRONT: Final = "Fotografíe de nuevo el frente, completo, nítido y sin reflejos."

# The English texts of 800 to 819 and the Spanish one of 806 are the published ones.
WORDINGS: Mapping[ErrorCode, Wording] = {
    ErrorCode.UNREADABLE_FILE: Wording(
        "No se pudo procesar el archivo enviado. Envíe cada lado como una foto JPEG de 2 MiB como máximo.",
        "Sent file could not be processed correctly.",
    ),
    ErrorCode.BIRTH_DATE: Wording(
        f"No se pudo leer la fecha de nacimiento. {_AGAIN_BACK}",
        "Could not process the date of birth.",
    ),
    ErrorCode.GENDER: Wording(
        f"No se pudo leer el sexo. {_AGAIN_BACK}",
        "Could not process the gender.",
    ),
    ErrorCode.EXPIRATION_DATE: Wording(
        f"No se pudo leer la fecha de vencimiento. {_AGAIN_BACK}",
        "Could not process the expiration date.",
    ),
    ErrorCode.NO_FRONT: Wording(
        "No se pudo extraer la metadata del documento",
        "Could not extract document metadata.",
    ),
    ErrorCode.NO_NAMES: Wording(
        f"No se pudieron extraer los nombres del documento. {_AGAIN_BACK}",
        "Could not extract names from the document.",
    ),
    ErrorCode.NO_NUMBER: Wording(
        f"No se pudo extraer el número de identificación del documento. {_AGAIN_BACK}",
        "Could not extract the identification number from the document.",
    ),
    ErrorCode.FRONTSIDE_MISSING: Wording(
        'La solicitud no incluye el archivo "frontside". Adjunte la foto del frente de la credencial.',
        'The "frontside" was not sent in the request.',
    ),
    ErrorCode.BACKSIDE_MISSING: Wording(
        'La solicitud no incluye el archivo "backside". Adjunte la foto del reverso de la credencial.',
        'The "backside" was not sent in the request.',
    ),
    ErrorCode.NO_MRZ: Wording(
        f"No se encontró la zona de lectura mecánica (MRZ) del documento. {_AGAIN_BACK}",
        "Could not extract the MRZ from the document.",
    ),
    ErrorCode.WRONG_DOCUMENT: Wording(
        "El documento no corresponde al indicado en los parámetros. "
        "Envíe una credencial para votar (INE o IFE) con document_type=id_mexico.",
        "The document does not match the one specified in the parameters.",
    ),
    ErrorCode.NO_CURP: Wording(
        f"No se pudo extraer la CURP del documento. {_AGAIN_FRONT}",
        "Could not extract the CURP from the document.",
    ),
    ErrorCode.BAD_FLAG: Wording(
        "Un parámetro de sí o no tiene otro valor. Envíe True o False en return_id, validate_sides y details.",
        "A yes/no parameter has another value. Send True or False in return_id, validate_sides and details.",
    ),
    ErrorCode.NOT_LIVE: Wording(
        "No se pudo comprobar que la credencial está presente. "
        "Fotografíe la credencial misma, no una copia ni una pantalla.",
        "Could not verify that the card is present. Photograph the card itself, not a copy or a screen.",
    ),
    ErrorCode.READER_DOWN: Wording(
        "El lector no está disponible en este momento. Inténtelo de nuevo en unos segundos.",
        "The reader is not available right now. Try again in a few seconds.",
        status.HTTP_503_SERVICE_UNAVAILABLE,
    ),
}

# Clients of the hosted service rely on these, in English; simplejwt 5.5.1 says some of them otherwise.
MISSING_TOKEN: Final = {"detail": "Authentication credentials were not provided."}
BAD_LOGIN: Final = {"detail": "No active account found with the given credentials"}
BAD_REFRESH_TOKEN: Final = {"detail": "Token is invalid or expired", "code": "token_not_valid"}
BAD_ACCESS_TOKEN: Final = {
    "detail": "Given token not valid for any token type",
    "code": "token_not_valid",
    "messages": [{"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}],
}
AWAY: Final = {"detail": "The service cannot store anything right now. Try again in a few seconds."}
UNFORESEEN: Final = {"detail": "Internal server error."}


_ASKED_AGAIN: Final = (status.HTTP_409_CONFLICT, status.HTTP_429_TOO_MANY_REQUESTS, status.HTTP_503_SERVICE_UNAVAILABLE)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Answer for an exception, and remember the answer where it closes a transaction."""
    view: APIView = context["view"]
    transaction: Transaction | None = getattr(view, "transaction", None)
    response = _response(error, context, transaction)
    if transaction is not None:
        services.remember(transaction, response.status_code, response.data)
    return response


def close_unheard(error: Exception, transaction: Transaction) -> None:
    """Phrase an exception and keep the answer where nobody waits for it, in the language that is active."""
    response = _response(error, {}, transaction)
    services.remember(transaction, response.status_code, response.data)


def _response(error: Exception, context: dict[str, Any], transaction: Transaction | None) -> Response:
    if isinstance(error, OcrError):
        return _failure(error, transaction)
    if isinstance(error, OperationalError | InterfaceError | OSError):
        log.error("storage, transaction %s", transaction, exc_info=error)
        headers = {"Retry-After": str(settings.OCR_RETRY_AFTER)}
        return Response(AWAY, status.HTTP_503_SERVICE_UNAVAILABLE, headers=headers)
    response = rest_framework_handler(error, context)
    if response is None:
        log.error("unforeseen, transaction %s", transaction, exc_info=error)
        return Response(UNFORESEEN, status.HTTP_500_INTERNAL_SERVER_ERROR)
    if isinstance(error, NotAuthenticated | AuthenticationFailed):
        response.data = _refusal(error, context["view"])
    if response.status_code in _ASKED_AGAIN:
        response.headers.setdefault("Retry-After", str(settings.OCR_RETRY_AFTER))
    return response


def _failure(error: OcrError, transaction: Transaction | None) -> Response:
    level = logging.ERROR if isinstance(error, ServiceFault) else logging.INFO
    # Where too many ask, each is refused: one line each.
    log.log(level, "%d, transaction %s: %s", error.code, transaction, error, exc_info=error.__cause__)
    wording = worded(error.code)
    body = failure_body(error.code, transaction)
    if error.findings and transaction is not None and transaction.details:
        body["details"] = failure_details(error.findings, error.life)
    response = Response(body, wording.status)
    if wording.status == status.HTTP_503_SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(settings.OCR_RETRY_AFTER)
    return response


def worded(code: ErrorCode) -> Wording:
    """How the code is said here and now, the settings considered."""
    return WORDINGS[code]._replace(**settings.OCR_ERRORS.get(code, {}))


def failure_body(code: ErrorCode, transaction: Transaction | None = None) -> dict[str, Any]:
    text = worded(code).en if (get_language() or "").startswith("en") else worded(code).es
    body: dict[str, Any] = {"error_code": code.value, "error": text, "valid": False}
    if transaction is not None and transaction.return_id:
        body["id"] = transaction.pk
    return body


def _refusal(error: NotAuthenticated | AuthenticationFailed, view: APIView) -> Mapping[str, Any]:
    if isinstance(view, ObtainTokenView):
        return BAD_LOGIN
    if isinstance(view, RefreshTokenView):
        return BAD_REFRESH_TOKEN
    return MISSING_TOKEN if isinstance(error, NotAuthenticated) else BAD_ACCESS_TOKEN


# --- examples for the API's documentation -----------------------------------------------------------------------------


def document_failures(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Put an example of every failure into the OpenAPI schema (a hook of drf-spectacular)."""
    for path, operations in result["paths"].items():
        for operation in operations.values():
            for number, response in operation["responses"].items():
                _add_examples(response, _examples(path, int(number)))
    return result


def _add_examples(response: dict[str, Any], examples: Mapping[str, Any]) -> None:
    for content in response.get("content", {}).values():
        if examples and "examples" not in content:
            content["examples"] = {name: {"value": value} for name, value in examples.items()}


def _examples(path: str, number: int) -> dict[str, Any]:
    if number == status.HTTP_401_UNAUTHORIZED:
        return _refusals(path)
    others, codes = _OF_A_BATCH if path in _BATCHES else (_OF_A_DOCUMENT, ErrorCode)
    failures = {f"{code.value} {code.name}": failure_body(code) for code in codes if worded(code).status == number}
    said = {kind.__name__: {"detail": str(kind.default_detail)} for kind in others if kind.status_code == number}
    return failures | said


_BATCHES: Final = ("/api/v3.2/ocr/batch/", "/api/v3.2/ocr/batch/{id}/")
_OF_A_DOCUMENT: Final = (NotFound, Unanswered, Erased, Throttled, OtherRequest)
_OF_A_BATCH: Final = (
    (NotFound, StillReading, Throttled, BatchRefused, OneAtATime),
    (ErrorCode.WRONG_DOCUMENT, ErrorCode.BAD_FLAG, ErrorCode.READER_DOWN),
)


def _refusals(path: str) -> dict[str, Any]:
    if path.endswith("/token/"):
        return {"wrong name or password": BAD_LOGIN}
    if path.endswith("/refresh/"):
        return {"malformed, expired or revoked": BAD_REFRESH_TOKEN}
    return {"no token": MISSING_TOKEN, "malformed, expired or revoked": BAD_ACCESS_TOKEN}
