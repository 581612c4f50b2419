"""Registers the app and its checks with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OcrConfig(AppConfig):
    name = "ocr"
    verbose_name = _("Credential reading")

    def ready(self) -> None:
        from ocr import checks  # noqa: F401, PLC0415  (importing registers them, once the models are there)
