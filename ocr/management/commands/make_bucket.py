"""`manage.py make_bucket`: make the bucket that APPTENTICATE_STORAGE names, where there is none."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Make the bucket that APPTENTICATE_STORAGE names, where there is none."
    requires_system_checks = ()  # they ask for it

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        if not settings.BUCKET:
            raise CommandError("APPTENTICATE_STORAGE names no bucket.")
        from ocr.buckets import Bucket  # noqa: PLC0415 - boto3 is loaded where a bucket is named alone

        try:
            is_new = Bucket(**settings.BUCKET_OPTIONS).make()
        except OSError as error:
            raise CommandError(f"{error}.") from error
        self.stdout.write(f"The bucket {settings.BUCKET[0]} {'was made' if is_new else 'is there'}.")
