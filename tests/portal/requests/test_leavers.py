"""What a deactivated person left behind, on the pages: marked wherever it shows, and taken over by the team."""

from typing import Any

import pytest
from django.urls import reverse

from identity.people.models import Membership, Person
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.inbox.counts import clear_cache
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client

LEFT = "Ana Keller has left. Someone from BI can take over the request or close it."
TAKE_OVER = "Take over"


@pytest.fixture
def ben(bank: Bank) -> Person:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [person := factories.make_person("Ben Vogt")])
    return person


def deactivate(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)
    clear_cache()


@pytest.fixture
def waiting(bank: Bank) -> RequestItem:
    item = submit_bank_item(bank)
    deactivate(bank.ana)
    return RequestItem.objects.get(pk=item.pk)


def read_page(person: Person, name: str, *args: Any, **query: str) -> str:
    return make_client(person).get(reverse(name, args=args), query).content.decode()


def test_the_inbox_marks_it_and_offers_no_tick(bank: Bank, waiting: RequestItem) -> None:
    for whose in ("mine", "teams"):
        shown = read_page(bank.ines, "reviews", whose=whose)
        assert "Needs attention" in shown
        assert f'name="item" value="{waiting.pk}"' not in shown


def test_the_review_says_who_can_act_and_has_no_decision(bank: Bank, waiting: RequestItem) -> None:
    shown = read_page(bank.ines, "review", waiting.pk)
    assert LEFT in shown
    assert 'value="approve"' not in shown


def test_a_decision_that_is_sent_all_the_same_is_refused(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    address = reverse("review", args=[item.pk])
    shown = ines.get(address).context["review"].effects_hash
    deactivate(bank.ana)
    answer = ines.post(address, {"answer": "approve", "effects_hash": shown, "comment": ""})
    assert answer.status_code == 422
    assert LEFT in answer.content.decode()


def test_the_page_of_several_leaves_it_out(bank: Bank, waiting: RequestItem) -> None:
    answer = make_client(bank.ines).get(reverse("bulk-review"), {"item": waiting.pk})
    assert (answer.context["rows"], answer.context["missing_count"]) == ((), 1)


def test_a_colleague_takes_it_over_on_the_requests_page(
    bank: Bank, ben: Person, waiting: RequestItem
) -> None:
    request = waiting.request_id
    assert f"Request {request} of Ana Keller for BI" in read_page(ben, "access-requests")
    assert TAKE_OVER in read_page(ben, "access-request", request)
    assert TAKE_OVER not in read_page(bank.ines, "access-request", request)
    answer = make_client(ben).post(reverse("access-request-take-over", args=[request]), follow=True)
    assert "You are now responsible for this request." in answer.content.decode()
    assert AccessRequest.objects.get(pk=request).current_requester == ben
    shown = read_page(bank.ines, "review", waiting.pk)
    assert "Taken over by" in shown
    assert 'value="approve"' in shown


def test_who_may_not_take_it_over_is_told_why(bank: Bank, waiting: RequestItem) -> None:
    address = reverse("access-request-take-over", args=[waiting.request_id])
    answer = make_client(bank.ines).post(address, follow=True)
    assert "Not taken over: You are not a member of BI." in answer.content.decode()
    assert make_client(bank.sam).post(address).status_code == 404


def test_a_colleague_withdraws_it(bank: Bank, ben: Person, waiting: RequestItem) -> None:
    make_client(ben).post(reverse("request-item-withdraw", args=[waiting.pk]))
    assert RequestItem.objects.get(pk=waiting.pk).state == ItemState.WITHDRAWN
    assert "Ben Vogt withdrew it" in read_page(ben, "access-request", waiting.request_id)


def test_live_access_is_marked_for_its_owner(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    mark = "Ana Keller has left"
    pages: list[tuple[Any, ...]] = [
        ("data-product-access", bank.product.slug),
        ("grant-proof", grant.pk),
        ("reviews",),
    ]
    assert not any(mark in read_page(bank.ines, name, *args) for name, *args in pages)
    deactivate(bank.ana)
    assert all(mark in read_page(bank.ines, name, *args) for name, *args in pages)


def test_the_api_says_so_and_takes_over(bank: Bank, ben: Person, waiting: RequestItem) -> None:
    found = read(bank.ines, "reviews")["results"][0]
    assert (found["state_reason"], found["sentence"], found["next"]) == ("requester_inactive", LEFT, "team")
    review = read(bank.ines, f"reviews/{waiting.pk}")
    assert (review["may_decide"], review["obstacle"]) == ({"allowed": False, "reason": LEFT}, LEFT)
    body = {"outcome": "approve", "effects_hash": review["effects_hash"]}
    said = send(bank.ines, f"reviews/{waiting.pk}/decisions", body)
    assert (said.status_code, said.json()["detail"]) == (403, LEFT)
    taken = take_over(ben, waiting)
    assert taken.status_code == 200
    assert taken.json()["taken_over_by"]["name"] == "Ben Vogt"
    assert take_over(bank.sam, waiting).status_code == 404


def take_over(person: Person, item: RequestItem) -> Any:
    return send(person, f"access-requests/{item.request_id}/take-over")
