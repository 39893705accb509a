"""Sends tasks and reads queue lengths as its standard input says: one JSON list a line, answered by one line."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from kombu.exceptions import OperationalError

from background.broker import read_queue_lengths
from tests.brokers.celery_app import app
from tests.brokers.processes import QUEUES


def send(mark: str, queue: str, seconds: float = 0.0) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        app.send_task("brokers.work", args=[mark, seconds], queue=queue, ignore_result=True, retry=False)
        sent = True
    except OperationalError:
        sent = False
    return {"sent": sent, "seconds": time.perf_counter() - began}


def read_lengths() -> dict[str, int | None]:
    with app.connection_for_read() as connection:
        return read_queue_lengths(connection, [*QUEUES, "missing"])


def purge() -> None:
    with app.connection_for_write() as connection:
        for queue in QUEUES:
            app.amqp.queues[queue](connection.default_channel).declare()
            connection.default_channel.queue_purge(queue)


def set_visibility_timeout(seconds: int) -> None:
    """Of the queues of SQS, which keep the one that they were created with."""
    for client, address in list_sqs_queues():
        client.set_queue_attributes(QueueUrl=address, Attributes={"VisibilityTimeout": str(seconds)})


def delete_sqs_queues() -> None:
    for client, address in list_sqs_queues():
        client.delete_queue(QueueUrl=address)


def list_sqs_queues() -> list[tuple[Any, str]]:
    """Their addresses, each with a client."""
    with app.connection_for_write() as connection:
        if connection.transport.driver_type != "sqs":
            return []
        channel = connection.default_channel
        client, names = channel.sqs(), [channel.canonical_queue_name(queue) for queue in QUEUES]
        return [(client, client.get_queue_url(QueueName=name)["QueueUrl"]) for name in names]


if __name__ == "__main__":
    actions: dict[str, Callable[..., Any]] = {
        "send": send,
        "lengths": read_lengths,
        "purge": purge,
        "timeout": set_visibility_timeout,
        "delete": delete_sqs_queues,
    }
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(actions[name](*arguments)) + "\n")
        sys.stdout.flush()
