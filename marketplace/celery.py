"""The Celery application. Messages only wake workers, so losing the broker loses nothing."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from marketplace.broker import build_broker_settings
from workers.gc_tuning import reduce_collection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

app = Celery("meshmarket")
app.conf.update(
    build_broker_settings(settings.BROKER_URL),
    broker_connection_retry_on_startup=True,
    task_publish_retry=False,
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    imports=["workers.tasks"],
    beat_schedule={
        "sync": {"task": "workers.sync_due", "schedule": settings.SYNC_EVERY},
        "audit": {"task": "workers.verify_audit", "schedule": settings.AUDIT_VERIFY_EVERY},
    },
)


@worker_init.connect
def _tune_garbage_collection(**_told: object) -> None:
    reduce_collection()
