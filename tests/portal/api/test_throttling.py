"""The API limits how many requests a person or a token sends in a minute, and says how many are left."""

import json
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from identity.people.models import Person
from marketplace.caching import build_cache_settings
from portal.api.throttling import PolicyThrottle
from tests.bank import Bank
from tests.portal.conftest import make_client

BROKER = os.environ.get("REDIS_URL", "")
LIMIT, POLICY = "RateLimit", "RateLimit-Policy"


@pytest.fixture(autouse=True)
def _limited(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    use_cache(settings, "")
    settings.REST_FRAMEWORK = configured.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"default": "3/min", "search": "2/min"}
    }
    monkeypatch.setattr(PolicyThrottle, "timer", lambda _self: 1_800_000_000.0)
    monkeypatch.setattr(PolicyThrottle, "paused_until", 0.0)


def use_cache(settings: Settings, address: str) -> None:
    """A cache of this test alone."""
    settings.CACHES = {"default": {**build_cache_settings(address), "KEY_PREFIX": uuid.uuid4().hex}}


def get(person: Person, address: str = "/api/v1/grants") -> HttpResponse:
    answer = make_client(person).get(address)
    assert isinstance(answer, HttpResponse)
    return answer


def get_remaining(answer: HttpResponse) -> int:
    return int(answer[LIMIT].partition(";r=")[2].partition(";")[0])


def test_each_answer_says_how_many_requests_are_left(bank: Bank) -> None:
    answers = [get(bank.ana) for _ in range(3)]
    assert {answer[POLICY] for answer in answers} == {'"default";q=3;w=60'}
    assert [get_remaining(answer) for answer in answers] == [2, 1, 0]
    assert 0 < int(answers[0][LIMIT].partition(";t=")[2]) <= 60


def test_a_request_beyond_the_limit_is_answered_429_with_the_time_to_wait(bank: Bank) -> None:
    refused = [get(bank.ana) for _ in range(4)][-1]
    assert refused.status_code == 429
    assert refused["Retry-After"] == refused[LIMIT].partition(";t=")[2]
    problem = json.loads(refused.content)
    assert (problem["code"], problem["detail"]) == (
        "throttled", f"You sent too many requests. Try again in {refused['Retry-After']} s.",
    )  # fmt: skip


def test_an_error_counts_and_says_so_too(bank: Bank) -> None:
    answer = get(bank.ana, "/api/v1/grants?unknown=1")
    assert (answer.status_code, get_remaining(answer)) == (400, 2)


def test_the_limit_is_lifted_in_the_next_window(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = int([get(bank.ana) for _ in range(4)][-1]["Retry-After"])
    monkeypatch.setattr(PolicyThrottle, "timer", lambda _self: 1_800_000_000.0 + wait - 1)
    assert get(bank.ana).status_code == 429
    monkeypatch.setattr(PolicyThrottle, "timer", lambda _self: 1_800_000_000.0 + wait)
    assert (get(bank.ana).status_code, get_remaining(get(bank.ana))) == (200, 1)


def test_people_do_not_use_up_the_quota_of_others(bank: Bank) -> None:
    assert [get(bank.ana).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert get_remaining(get(bank.ines)) == 2


def test_searches_count_on_their_own(bank: Bank) -> None:
    answers = [get(bank.ana, "/api/v1/search?q=claims") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0][POLICY] == '"search";q=2;w=60'
    assert get(bank.ana, "/api/v1/search?format=csv").status_code == 429
    assert get_remaining(get(bank.ana)) == 2


def test_without_a_rate_nothing_is_counted(bank: Bank, settings: Settings) -> None:
    settings.REST_FRAMEWORK = configured.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"default": None}}
    answer = [get(bank.ana) for _ in range(5)][-1]
    assert answer.status_code == 200
    assert LIMIT not in answer


def check_throttle(person: Person, token: int | None) -> bool:
    request = Request(APIRequestFactory().get("/api/v1/grants"))
    request.user, request.auth = person, token and SimpleNamespace(pk=token)
    view = APIView()
    view.headers = {}
    return not PolicyThrottle().allow_request(request, view)


def test_each_token_has_a_quota_of_its_own() -> None:
    person = Person(pk=7)
    assert [check_throttle(person, 1) for _ in range(4)] == [False, False, False, True]
    assert not check_throttle(person, 2)
    assert not check_throttle(person, None)


@pytest.mark.parametrize(
    "address",
    ["", pytest.param(BROKER, marks=pytest.mark.skipif(not BROKER, reason="there is no Valkey here"))],
    ids=["memory", "valkey"],
)
def test_requests_at_the_same_time_are_all_counted(settings: Settings, address: str) -> None:
    use_cache(settings, address)
    with ThreadPoolExecutor(8) as threads:
        refused = list(threads.map(lambda _: check_throttle(Person(pk=7), None), range(40)))
    assert refused.count(False) == 3


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock"])
def test_without_its_cache_the_api_answers_and_limits_nobody(
    bank: Bank, settings: Settings, address: str
) -> None:
    use_cache(settings, address)
    answers = [get(bank.ana) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert LIMIT not in answers[0]
