"""The Celery application: queues, routes and limits of the workers' tasks, made of the table in `background`."""

import os
import sys

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings
from kombu import Exchange
from kombu import Queue as BrokerQueue

from background.broker import build_broker_settings
from background.task_table import DISPATCH_TASK, TASKS, Queue
from marketplace.broker_connection import BrokerAMQP, use_resilient_redis
from workers.gc_tuning import reduce_collection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")

use_resilient_redis()
app = Celery("meshmarket", amqp=BrokerAMQP)
app.conf.update(
    build_broker_settings(settings.BROKER_URL),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    imports=["workers.tasks", "workers.heartbeat"],
    task_queues=[BrokerQueue(queue, Exchange(queue), routing_key=queue) for queue in Queue],
    task_default_queue=Queue.DEFAULT,
    task_routes={
        name: {"queue": queue}
        for name, queue in [
            (DISPATCH_TASK, Queue.ENGINE),
            *((name, definition.queue) for name, definition in TASKS.items()),
        ]
    },
    task_annotations={
        name: {
            "soft_time_limit": definition.soft_limit,
            "time_limit": definition.hard_limit,
            "rate_limit": settings.QUEUE_RATES[definition.queue] or None,
        }
        for name, definition in TASKS.items()
    },
    task_publish_retry=False,
    task_ignore_result=True,
    # With late acknowledgement, so that a message is taken only by a process that can begin it.
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    # What Flower shows of tasks.
    worker_send_task_events=settings.TASK_EVENTS,
    task_send_sent_event=settings.TASK_EVENTS,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # Celery would close the connections after each task; Django closes them when they are old (`workers.tasks`).
    CELERY_DB_REUSE_MAX=sys.maxsize,
    beat_scheduler="workers.scheduler:DispatchScheduler",
)


@setup_logging.connect
def _keep_logging(**_told: object) -> None:
    """Celery would replace Django's configuration."""


@worker_init.connect
def _tune_garbage_collection(**_told: object) -> None:
    reduce_collection()
