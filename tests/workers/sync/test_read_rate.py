"""The rate at which syncs read pages: a burst, then a steady rate that throttling lowers only for a while."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.database import as_role
from workers.aws import calls
from workers.sync.reading import TOKENS_PER_DRAW, GlueRate

pytestmark = pytest.mark.django_db
KEY = ("111111111111", "eu-central-1", "GetTables")


@pytest.fixture(autouse=True)
def worker() -> Iterator[None]:
    with as_role("meshmarket_worker"):
        yield


def make_rate() -> GlueRate:
    return GlueRate(*KEY[:2])


def test_a_burst_of_pages_is_read_at_once() -> None:
    rate = make_rate()

    assert [rate.take_token() for _ in range(settings.READ_BURST - TOKENS_PER_DRAW)].count(False) == 0


def test_a_rate_lowered_in_one_sync_rises_in_the_next() -> None:
    limit = calls.get_read_limit()
    throttled = make_rate()
    assert throttled.take_token()
    throttled.record_call(throttled=True)
    assert calls.is_slowed(*KEY, limit)

    later = make_rate()
    for _ in range(20):
        later.record_call(throttled=False)

    assert not calls.is_slowed(*KEY, limit)
