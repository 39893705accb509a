"""A queue of SQS that somebody deleted is created again, without a restart of the web."""

import pytest

from tests.brokers.processes import Publisher


@pytest.mark.parametrize("broker", ["sqs"], indirect=True)
def test_a_deleted_queue_is_created_again(publisher: Publisher) -> None:
    assert publisher.send("before", "engine")["sent"]
    publisher.delete_sqs_queues()
    assert not publisher.send("meanwhile", "engine")["sent"]
    assert publisher.send("after", "engine")["sent"]
    assert publisher.read_lengths()["engine"] == 1
