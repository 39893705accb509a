"""Lengths of the broker's queues."""

from collections.abc import Iterable

from celery import current_app

from background.broker import read_queue_lengths
from background.task_table import Queue


def count_messages(queues: Iterable[Queue]) -> dict[Queue, int]:
    """How many messages each of the queues has in the broker; empty if the broker does not answer."""
    with current_app.connection_for_read() as connection:
        lengths = read_queue_lengths(connection, queues)
    return {Queue(name): length for name, length in lengths.items() if length is not None}
