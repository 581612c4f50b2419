"""The Celery application: `celery --app apptenticate.celery worker` is a worker that reads (`./run worker`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apptenticate.settings")

app = Celery("apptenticate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["ocr"])
