"""Calls under a key of the caller's: the same answer again, and nothing done twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from audit import clock
from audit.models import Event
from identity.people.models import Person
from requests_app.access_requests.models import Remark
from requests_app.grants.models import Grant
from requests_app.idempotency import ANSWER_RETENTION, CALL_TIMEOUT, FirstAnswer
from tests.bank import Bank, approve, asked_item
from tests.portal.conftest import signed_in

KEY = {"Idempotency-Key": "mine-1"}


def post(client: Client, address: str, key: str = "mine-1", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    return client.post(f"/api/v1/{address}", body, content_type="application/json", headers=headers)


def test_an_approval_sent_twice_is_answered_twice_and_done_once(bank: Bank) -> None:
    item, ines = asked_item(bank), signed_in(bank.ines)
    shown = ines.get(f"/api/v1/items/{item.pk}/review").json()["effects_hash"]
    first, second = (post(ines, f"items/{item.pk}/approve", effects_hash=shown) for _time in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 200
    assert (Grant.objects.count(), Event.objects.filter(verb="approve_item").count()) == (1, 1)


@pytest.mark.parametrize("verb", ["reject", "withdraw", "revoke"])
def test_each_ending_is_repeated_as_it_was_answered(bank: Bank, verb: str) -> None:
    item = asked_item(bank)
    if verb == "revoke":
        address, client, body = (
            f"grants/{approve(bank, item).pk}/revoke",
            signed_in(bank.ines),
            {"reason": "x"},
        )
    else:
        person = bank.ana if verb == "withdraw" else bank.ines
        address, client, body = f"items/{item.pk}/{verb}", signed_in(person), {"comment": "No."}
    first, second = (post(client, address, **body) for _time in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert Event.objects.filter(verb__startswith=verb).count() == 1


def test_without_a_key_a_second_one_is_told_that_it_comes_too_late(bank: Bank) -> None:
    item, ana = asked_item(bank), signed_in(bank.ana)
    answers = [ana.post(f"/api/v1/items/{item.pk}/withdraw") for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert not FirstAnswer.objects.exists()


def test_a_key_is_for_one_call_and_one_person(bank: Bank) -> None:
    item = asked_item(bank)
    address, said = f"items/{item.pk}/remarks", {"comment": "For the board.", "key": "k"}
    for person in (bank.ana, bank.ines):
        assert remark(person, address, said).status_code == 201
    other = remark(bank.ana, address, said | {"comment": "Something else."})
    assert (other.status_code, other.json()["field"]) == (400, "Idempotency-Key")
    assert Remark.objects.count() == 2


def remark(person: Person, address: str, said: dict[str, str]) -> Any:
    return signed_in(person).post(f"/api/v1/{address}", said, content_type="application/json", headers=KEY)


def test_a_refused_call_leaves_its_key_free(bank: Bank) -> None:
    item, ines = asked_item(bank), signed_in(bank.ines)
    assert post(ines, f"items/{item.pk}/reject", comment=" ").status_code == 400
    assert not FirstAnswer.objects.exists()
    assert post(ines, f"items/{item.pk}/reject", comment="No.").status_code == 200


def test_while_the_first_is_under_way_a_second_waits_and_later_takes_over(bank: Bank) -> None:
    item, ana = asked_item(bank), signed_in(bank.ana)
    post(ana, f"items/{item.pk}/withdraw")
    FirstAnswer.objects.update(status=None, body=None)
    assert post(ana, f"items/{item.pk}/withdraw").status_code == 409
    assert FirstAnswer.objects.count() == 1
    FirstAnswer.objects.update(began_at=clock.now() - CALL_TIMEOUT - timedelta(seconds=1))
    again = post(ana, f"items/{item.pk}/withdraw")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_a_key_is_forgotten_after_its_time(bank: Bank) -> None:
    address = f"items/{asked_item(bank).pk}/remarks"
    remark(bank.ana, address, {"comment": "For the board.", "key": "first"})
    FirstAnswer.objects.update(began_at=clock.now() - ANSWER_RETENTION - timedelta(seconds=1))
    assert remark(bank.ana, address, {"comment": "For the audit.", "key": "second"}).status_code == 201
    assert FirstAnswer.objects.count() == 1


def test_an_endless_key_is_refused(bank: Bank) -> None:
    answer = post(signed_in(bank.ana), f"items/{asked_item(bank).pk}/withdraw", key="k" * 65)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")


LOOKS_ONLY = {"plan_passing_on"}
"""Calls that change nothing, and are posts for the length of what they are asked."""


def test_every_unsafe_call_takes_a_key() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    missing = {
        said["operationId"]
        for methods in schema["paths"].values()
        for method, said in methods.items()
        if method == "post" and "Idempotency-Key" not in {one["name"] for one in said.get("parameters", [])}
    }
    assert missing == LOOKS_ONLY
