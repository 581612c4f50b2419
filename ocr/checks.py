"""What Django checks before it starts: that the settings of this app name things that exist."""

import shutil
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core import checks
from django.core.checks import CheckMessage

from ocr import pictures
from ocr.pipeline.errors import ErrorCode


@checks.register()
def readers_exist(**_: object) -> list[CheckMessage]:
    from ocr.pipeline import engines  # noqa: PLC0415 - checked when asked; the process that serves loads no reader

    readers = {"OCR_FRONT_READERS": engines.FRONT, "OCR_BACK_READERS": engines.BACK}
    return [
        checks.Error(
            f"{setting} names {name!r}, which does not read that side.",
            hint=f"Name one or more of {', '.join(known)}, separated by commas, in APPTENTICATE_{setting[4:]}.",
            id="ocr.E001",
        )
        for setting, known in readers.items()
        for name in getattr(settings, setting) or ("nothing",)
        if name not in known
    ]


@checks.register(checks.Tags.admin)
def the_admin_makes_sense(**_: object) -> list[CheckMessage]:
    """Django looks at what is registered, and what is shown registers itself when somebody first asks for it."""
    from apptenticate import administration  # noqa: F401, PLC0415 - checked when asked, as above

    return admin.site.check(None)


@checks.register()
def tesseract_is_installed(**_: object) -> list[CheckMessage]:
    named = {*settings.OCR_FRONT_READERS, *settings.OCR_BACK_READERS}
    if not named & {"tesseract", "passporteye"} or shutil.which("tesseract"):
        return []
    hint = "Install tesseract-ocr and tesseract-ocr-spa (./run setup does), or leave both readers out."
    return [checks.Error("The readers tesseract and passporteye need Tesseract.", hint=hint, id="ocr.E002")]


@checks.register()
def error_overrides_make_sense(**_: object) -> list[CheckMessage]:
    hint = 'APPTENTICATE_ERRORS is JSON such as {"806": {"status": 422, "es": "…", "en": "…"}}.'
    return [
        checks.Error(f"OCR_ERRORS: {complaint}.", hint=hint, id="ocr.E003")
        for code, row in settings.OCR_ERRORS.items()
        for complaint in _complaints(code, row)
    ]


def _complaints(code: int, row: dict[str, Any]) -> Iterator[str]:
    if code not in set(ErrorCode):
        yield f"there is no error {code}"
    for key, value in row.items():
        match key, value:
            case "status", int() if 400 <= value <= 599:
                pass
            case (("es" | "en"), str()) if value:
                pass
            case _:
                yield f"{code} cannot have {key!r}: {value!r}"


@checks.register()
def pictures_have_a_place(**_: object) -> list[CheckMessage]:
    """One that is away comes back; one that is not there, or lets nobody in, is somebody's mistake."""
    hint = "See APPTENTICATE_STORAGE, and that its key may list, read, write and delete there."
    try:
        pictures.reach()
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        return [checks.Error(f"Pictures have no place: {error}.", hint=hint, id="ocr.E004")]
    except OSError as error:
        return [checks.Warning(f"The place of pictures is away: {error}.", hint=hint, id="ocr.W002")]
    return []


@checks.register(checks.Tags.security, deploy=True)
def tokens_travel_encrypted(**_: object) -> list[CheckMessage]:
    if settings.SESSION_COOKIE_SECURE or set(settings.ALLOWED_HOSTS) <= settings.LOOPBACK:
        return []
    hint = "Put a proxy that speaks TLS in front and set APPTENTICATE_HTTPS=yes and APPTENTICATE_PROXIES=1."
    return [checks.Warning("Passwords and credentials would travel unencrypted.", hint=hint, id="ocr.W001")]
