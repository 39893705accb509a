"""Calls under a key of the caller's: the same answer again, and nothing done twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from audit.models import Event
from identity.people.models import Person
from kernel import clock
from requests_app.access_requests.models import Comment
from requests_app.grants.models import Grant
from requests_app.idempotency import CALL_TIMEOUT, RESPONSE_RETENTION, IdempotentCall
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client


def post(client: Client, address: str, key: str = "mine-1", **body: Any) -> Any:
    return send(client, address, body, key=key)


def test_an_approval_sent_twice_is_answered_twice_and_done_once(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    said = {"outcome": "approve", "effects_hash": read(ines, f"reviews/{item.pk}")["effects_hash"]}
    first, second = (post(ines, f"reviews/{item.pk}/decisions", **said) for _time in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 201
    assert (Grant.objects.count(), Event.objects.filter(verb="approve_item").count()) == (1, 1)


@pytest.mark.parametrize("verb", ["reject", "withdraw", "revoke"])
def test_each_ending_is_repeated_as_it_was_answered(bank: Bank, verb: str) -> None:
    item = submit_bank_item(bank)
    body = {} if verb == "withdraw" else {"comment": "No."}
    if verb == "revoke":
        address, client = f"grants/{approve(bank, item).pk}/revoke", make_client(bank.ines)
    elif verb == "reject":
        address, client = f"reviews/{item.pk}/decisions", make_client(bank.ines)
        body |= {"outcome": "reject"}
    else:
        address, client = f"request-items/{item.pk}/withdraw", make_client(bank.ana)
    first, second = (post(client, address, **body) for _time in range(2))
    assert (first.status_code // 100, first.json()) == (2, second.json())
    assert Event.objects.filter(verb__startswith=verb).count() == 1


def test_without_a_key_a_second_one_is_told_that_it_comes_too_late(bank: Bank) -> None:
    address = f"request-items/{submit_bank_item(bank).pk}/withdraw"
    assert [send(bank.ana, address).status_code for _time in range(2)] == [200, 409]
    assert not IdempotentCall.objects.exists()


def test_a_key_is_for_one_call_and_one_person(bank: Bank) -> None:
    address = f"request-items/{submit_bank_item(bank).pk}/comments"
    for person in (bank.ana, bank.ines):
        assert comment(person, address, "For the board.").status_code == 201
    other = comment(bank.ana, address, "Something else.")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert place_of(other) == "Idempotency-Key"
    assert Comment.objects.count() == 2


def comment(person: Person, address: str, text: str) -> Any:
    return send(person, address, {"comment": text}, key="k")


def test_a_refused_call_leaves_its_key_free(bank: Bank) -> None:
    address, ines = f"reviews/{submit_bank_item(bank).pk}/decisions", make_client(bank.ines)
    assert post(ines, address, outcome="reject", comment=" ").status_code == 422
    assert not IdempotentCall.objects.exists()
    assert post(ines, address, outcome="reject", comment="No.").status_code == 201


def test_while_the_first_is_under_way_a_second_waits_and_later_takes_over(bank: Bank) -> None:
    address, ana = f"request-items/{submit_bank_item(bank).pk}/withdraw", make_client(bank.ana)
    post(ana, address)
    IdempotentCall.objects.update(status=None, body=None)
    running = post(ana, address)
    assert (running.status_code, running.json()["code"]) == (409, "call_in_progress")
    assert IdempotentCall.objects.count() == 1
    IdempotentCall.objects.update(began_at=clock.now() - CALL_TIMEOUT - timedelta(seconds=1))
    again = post(ana, address)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_state")


def test_a_key_is_forgotten_after_its_time(bank: Bank) -> None:
    address = f"request-items/{submit_bank_item(bank).pk}/comments"
    comment(bank.ana, address, "For the board.")
    IdempotentCall.objects.update(began_at=clock.now() - RESPONSE_RETENTION - timedelta(seconds=1))
    assert post(make_client(bank.ana), address, key="other", comment="For the audit.").status_code == 201
    assert IdempotentCall.objects.count() == 1


def test_an_endless_key_is_refused(bank: Bank) -> None:
    answer = post(make_client(bank.ana), f"request-items/{submit_bank_item(bank).pk}/withdraw", key="k" * 65)
    assert (answer.status_code, place_of(answer)) == (422, "Idempotency-Key")


WITHOUT_KEY = {
    "create_lineage_event": "an event that comes again changes nothing",
    "create_lineage_events": "an event that comes again changes nothing",
    "create_quality_results": "a result that comes again changes nothing",
    "create_query": "a service may send it, and keys are a person's",
    "create_credentials": "a service may send it, and keys are a person's",
    "collect_credentials": "answers to keys are stored, and this one holds the secret",
    "create_token": "answers to keys are stored, and this one holds the secret",
}


def test_every_unsafe_call_takes_a_key() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    missing = {
        said["operationId"]
        for methods in schema["paths"].values()
        for method, said in methods.items()
        if method in {"post", "patch"}
        and "Idempotency-Key" not in {one["name"] for one in said.get("parameters", [])}
    }
    assert missing == WITHOUT_KEY.keys()
