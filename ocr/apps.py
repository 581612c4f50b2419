"""Registers the app, its checks and its roles with Django."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class OcrConfig(AppConfig):
    name = "ocr"
    verbose_name = _("Credential reading")

    def ready(self) -> None:
        from ocr import checks, roles  # noqa: F401, PLC0415  (importing registers checks, once the models are there)

        post_migrate.connect(roles.make_groups, sender=self)
