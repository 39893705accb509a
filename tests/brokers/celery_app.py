"""A small Celery application on the broker of the environment. A task writes its argument into a file when it begins and ends."""

import os
import time
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings

if not settings.configured:
    settings.configure()

from background.broker import build_broker_settings

FOLDER = Path(os.environ["TASK_FOLDER"])

app: Any = Celery("brokers")
app.conf.update(
    build_broker_settings(os.environ["MESHMARKET_BROKER_URL"]),
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    task_create_missing_queues=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
if "wait_time_seconds" in app.conf.broker_transport_options:
    # The last poll of an earlier test's worker may take a message with it.
    app.conf.broker_transport_options["wait_time_seconds"] = 1
if timeout := os.environ.get("TASK_VISIBILITY_TIMEOUT"):
    app.conf.broker_transport_options |= {
        "visibility_timeout": int(timeout),
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }


@app.task(name="brokers.work")
def work(mark: str, seconds: float = 0.0) -> None:
    write(f"{mark} begun {os.getpid()}")
    time.sleep(seconds)
    write(f"{mark} ended")


def write(line: str) -> None:
    with (FOLDER / "lines").open("a") as file:
        file.write(f"{line}\n")
