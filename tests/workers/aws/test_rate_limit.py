"""One bucket for all workers; throttling slows it down, success speeds it up again."""

import time

import pytest
from pytest_django.fixtures import Settings

from fulfilment.rounds import RateLimitBucket, Step
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws import calls

API = ("111111111111", "eu-central-1", "BatchGrantPermissions")


@pytest.mark.django_db
def test_a_burst_is_let_through_then_the_rate_holds(settings: Settings) -> None:
    settings.BURST, settings.CALLS_PER_SECOND = 3, 20.0
    with as_role("meshmarket_worker"):
        assert [calls.take_token(*API) for _ in range(4)] == [True, True, True, False]
        time.sleep(0.06)
        assert calls.take_token(*API)


@pytest.mark.django_db
def test_a_handful_is_what_there_is(settings: Settings) -> None:
    settings.BURST, settings.CALLS_PER_SECOND = 10, 0.01
    with as_role("meshmarket_worker"):
        assert [calls.take_tokens(*API, 4) for _ in range(5)] == [1, 4, 4, 1, 0]
        assert not calls.take_token(*API)
        RateLimitBucket.objects.update(tokens=3.0)
        assert calls.take_tokens(*API, 4) == 3


@pytest.mark.django_db
def test_each_api_of_each_account_has_its_own(settings: Settings) -> None:
    settings.BURST, settings.CALLS_PER_SECOND = 1, 0.01
    with as_role("meshmarket_worker"):
        assert calls.take_token(*API)
        assert not calls.take_token(*API)
        assert calls.take_token("222222222222", *API[1:])
        assert calls.take_token(*API[:2], "CreateDatabase")


@pytest.mark.django_db
def test_throttling_halves_the_rate_and_success_brings_it_back(settings: Settings) -> None:
    settings.BURST, settings.CALLS_PER_SECOND = 5, 8.0
    with as_role("meshmarket_worker"):
        calls.take_token(*API)
        for _ in range(20):
            calls.adapt_rate(*API, throttled=True)
        assert RateLimitBucket.objects.get().rate == calls.MIN_RATE
        for _ in range(200):
            calls.adapt_rate(*API, throttled=False)
    assert RateLimitBucket.objects.get().rate == 8.0


def test_a_used_up_rate_delays_and_loses_nothing(mesh: Mesh, settings: Settings) -> None:
    settings.BURST, settings.CALLS_PER_SECOND = 1, 0.4
    first, second = mesh.grant(), mesh.grant(account="610000000001")
    mesh.run_until_presence(first, "present")
    mesh.run_until_presence(second, "present")
    assert Step.objects.filter(outcome="skipped", error__contains="call rate limit").exists()
