"""Lengths of the broker's queues."""

from collections.abc import Iterable

from celery import current_app

from fulfilment.background.broker import read_queue_lengths
from fulfilment.background.task_table import Queue


def find_empty_queues(queues: Iterable[Queue]) -> list[Queue]:
    """Those of the queues that have no message in the broker; none if the broker does not answer."""
    with current_app.connection_for_read() as connection:
        lengths = read_queue_lengths(connection, queues)
    return [Queue(name) for name, length in lengths.items() if length == 0]
