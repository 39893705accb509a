"""The message broker by its URL: Redis or Valkey, RabbitMQ, or Amazon SQS."""

import ssl
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError

SCHEMES = ("redis", "rediss", "unix", "amqp", "amqps", "sqs")
CONNECT_TIMEOUT_SECONDS = 0.5
SOCKET_TIMEOUT_SECONDS = 0.5
VISIBILITY_TIMEOUT_SECONDS = 7 * 3600
"""When Redis and SQS deliver an unacknowledged message again: longer than the longest task may run."""
HEARTBEAT_SECONDS = 20
SQS_READ_TIMEOUT_SECONDS = 2.0
SQS_PREFIX = "meshmarket-"
# The default blocks a publish to a dead broker for 6 s in spite of `retry=False` (kombu 5.7).
NO_RETRIES = {"max_retries": 0}


def build_broker_settings(url: str) -> dict[str, Any]:
    """Settings of the Celery application for the broker at this URL. Publishing to a dead broker costs milliseconds."""
    if not url:
        return {"broker_url": "memory://"}
    scheme = urlsplit(url).scheme
    if scheme == "sqs":
        return _build_sqs_settings(url)
    if scheme in ("amqp", "amqps"):
        return {
            "broker_url": url,
            "broker_heartbeat": HEARTBEAT_SECONDS,
            "broker_transport_options": {
                **NO_RETRIES,
                # A message that the broker did not take is an error, instead of lost in the socket's buffer.
                "confirm_publish": True,
                "connect_timeout": CONNECT_TIMEOUT_SECONDS,
                "read_timeout": SOCKET_TIMEOUT_SECONDS,
                "write_timeout": SOCKET_TIMEOUT_SECONDS,
            },
        }
    if scheme in ("redis", "rediss", "unix"):
        options = {
            **NO_RETRIES,
            "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "socket_timeout": SOCKET_TIMEOUT_SECONDS,
            "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        }
        redis_settings: dict[str, Any] = {"broker_url": url, "broker_transport_options": options}
        parts = urlsplit(url)
        if parts.scheme == "unix":
            database = dict(parse_qsl(parts.query)).get("db")
            query = f"?virtual_host={database}" if database else ""
            redis_settings["broker_url"] = f"redis+socket://{parts.path}{query}"
        if parts.scheme == "rediss":
            # Kombu's default accepts any certificate.
            redis_settings["broker_use_ssl"] = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
        return redis_settings
    supported = ", ".join(f"{known}://" for known in SCHEMES)
    raise ImproperlyConfigured(
        f"The URL of the broker begins with {scheme + '://' if scheme else 'no scheme'}. Supported are {supported}."
    )


def _build_sqs_settings(url: str) -> dict[str, Any]:
    """`sqs://?region=…&prefix=…`. Keys and endpoint are boto3's: a role, or AWS_ACCESS_KEY_ID, and AWS_ENDPOINT_URL."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    unknown = sorted(set(query) - {"region", "prefix"})
    if parts.netloc or parts.path.strip("/") or unknown:
        raise ImproperlyConfigured(
            "The URL of SQS is sqs://?region=eu-central-1&prefix=meshmarket-, without keys, host or other parameters."
        )
    options = {
        **NO_RETRIES,
        "queue_name_prefix": query.get("prefix", SQS_PREFIX),
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        "wait_time_seconds": 10,
        "polling_interval": 0.5,
        "client-config": {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "read_timeout": SQS_READ_TIMEOUT_SECONDS,
            "retries": {"total_max_attempts": 1},
        },
    }
    if "region" in query:
        options["region"] = query["region"]
    return {
        "broker_url": "sqs://",
        "broker_transport": "marketplace.sqs_transport:Transport",
        "broker_transport_options": options,
        "worker_enable_remote_control": False,
    }


def read_queue_lengths(connection: Connection, queues: Iterable[str]) -> dict[str, int | None]:
    """Messages that wait in each queue, without those that a worker has taken. All None if the broker does not answer."""
    names = list(queues)
    count = {"redis": _count_in_redis, "sqs": _count_in_sqs}.get(
        connection.transport.driver_type, _count_by_declaration
    )
    unanswered: tuple[type[BaseException], ...] = (
        OperationalError,
        *connection.connection_errors,
        *connection.channel_errors,
    )
    try:
        channel = connection.default_channel
        return {name: count(connection, channel, name) for name in names}
    except unanswered:
        return dict.fromkeys(names)


def _count_in_redis(_connection: Connection, channel: Any, queue: str) -> int:
    return int(channel.client.llen(queue))


def _count_in_sqs(_connection: Connection, channel: Any, queue: str) -> int:
    """Kombu's passive declaration would create the queue."""
    client = channel.sqs()
    try:
        url = client.get_queue_url(QueueName=channel.canonical_queue_name(queue))["QueueUrl"]
    except client.exceptions.QueueDoesNotExist:
        return 0
    attribute = "ApproximateNumberOfMessages"
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])


def _count_by_declaration(connection: Connection, _channel: Any, queue: str) -> int:
    """On a channel of its own, which RabbitMQ closes when there is no such queue."""
    own: Any
    with connection.channel() as own:
        try:
            return int(own.queue_declare(queue, passive=True).message_count)
        except ChannelError:
            return 0
