"""The Celery application: queues, routes and limits of the workers' tasks, made of the table in `background`."""

import os
import sys
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import setup_logging, worker_init
from django.conf import settings
from kombu import Connection, Exchange
from kombu import Queue as BrokerQueue
from kombu.transport import redis

from background.broker import build_broker_settings
from background.task_table import DISPATCH_TASK, TASKS, Queue
from workers.gc_tuning import reduce_collection

RETRY_INTERVAL = 1.0
"""Seconds between two tries to reach the broker. Celery's own interval grows to 30 s."""


class BrokerConnection(Connection):
    """Reconnects soon after the broker is back."""

    def ensure_connection(self, errback: Any = None, max_retries: Any = None, **options: Any) -> Any:  # type: ignore[override]
        interval = {"interval_start": RETRY_INTERVAL, "interval_step": 0, "interval_max": RETRY_INTERVAL}
        return super().ensure_connection(errback, max_retries, **{**interval, **options})


class BrokerAMQP(AMQP):
    Connection = BrokerConnection


class RedisDelivery(redis.QoS):
    """Messages of a lost connection are neither put back nor acknowledged: without this, either ends the worker with an
    AttributeError. The rows say what is due, and marks of lost messages are deleted.
    """

    restore_at_shutdown = False

    def ack(self, delivery_tag: str) -> None:
        if self._has_connection:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        if self._has_connection:
            super().reject(delivery_tag, requeue)

    @property
    def _has_connection(self) -> bool:
        transport = self.channel.connection
        return transport is not None and transport.client is not None


def use_resilient_redis() -> None:
    redis.Channel.QoS = RedisDelivery


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
