"""The settings that the URL of a broker becomes."""

import ssl

import pytest
from django.core.exceptions import ImproperlyConfigured

from background.broker import build_broker_settings


@pytest.mark.parametrize(
    ("url", "broker_url"),
    [
        ("", "memory://"),
        ("redis://:secret@valkey:6379/2", "redis://:secret@valkey:6379/2"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock"),
        ("unix:///run/valkey.sock?db=2", "redis+socket:///run/valkey.sock?virtual_host=2"),
        ("amqps://market:secret@rabbit/mesh", "amqps://market:secret@rabbit/mesh"),
        ("sqs://?region=eu-west-1", "sqs://"),
    ],
)
def test_the_url_is_spelled_as_celery_wants_it(url: str, broker_url: str) -> None:
    assert build_broker_settings(url)["broker_url"] == broker_url


def test_certificates_of_redis_are_checked() -> None:
    found = build_broker_settings("rediss://valkey:6380/0")
    assert found["broker_use_ssl"] == {"ssl_cert_reqs": ssl.CERT_REQUIRED}


def test_sqs_has_a_region_and_a_prefix() -> None:
    options = build_broker_settings("sqs://?region=eu-west-1&prefix=test-")["broker_transport_options"]
    assert (options["region"], options["queue_name_prefix"]) == ("eu-west-1", "test-")
    options = build_broker_settings("sqs://")["broker_transport_options"]
    assert (options.get("region"), options["queue_name_prefix"]) == (None, "meshmarket-")


@pytest.mark.parametrize("url", ["kafka://broker", "valkey://broker", "valkey"])
def test_other_brokers_are_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Supported are redis://, .*sqs://"):
        build_broker_settings(url)


@pytest.mark.parametrize("url", ["sqs://key:secret@", "sqs://localhost:9324", "sqs://?queue=a"])
def test_sqs_takes_neither_keys_nor_a_host(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="without keys"):
        build_broker_settings(url)
