"""The page, the API and the administration warn before they deactivate, and pages say what nobody can decide."""

import json
from typing import Any

import pytest
from django.urls import reverse

from identity.people.models import Person
from identity.role_changes.models import RoleChange
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client
from tests.role_changes import make_governor


@pytest.fixture
def lone(bank: Bank) -> Bank:
    Person.objects.filter(pk=bank.ivo.pk).update(is_active=False)
    return bank


def get_key(bank: Bank) -> str:
    return f"{bank.insurance.slug}:data_owner"


def read(person: Person, page: str, *args: Any) -> str:
    return make_client(person).get(reverse(page, args=args)).content.decode()


def post(bank: Bank, **form: Any) -> Any:
    page = reverse("person-deactivate", args=[bank.ines.pk])
    client = make_client(bank.greta)
    shown = client.get(page).context["digest"]
    return client.post(page, {"shown": shown, **form})


def test_the_page_lists_what_only_they_decide_and_hands_it_over(lone: Bank) -> None:
    submit_bank_item(lone)
    page = read(lone.greta, "person-deactivate", lone.ines.pk)
    assert "Data owner of Insurance" in page
    assert "1 request waits" in page
    refused = post(lone)
    assert refused.status_code == 422
    assert "Choose who takes over each role" in refused.content.decode()
    assert post(lone, **{f"successor-{get_key(lone)}": lone.sam.pk}).status_code == 302
    assert RoleChange.objects.get().person == lone.sam
    lone.ines.refresh_from_db()
    assert not lone.ines.is_active


def test_only_governors_are_offered_it(lone: Bank) -> None:
    address = reverse("person-deactivate", args=[lone.ines.pk])
    assert address in read(lone.greta, "person", lone.ines.pk)
    assert address not in read(lone.ana, "person", lone.ines.pk)
    assert make_client(lone.ana).get(address).status_code == 404


def test_the_api_lists_duties_and_hands_them_over(lone: Bank) -> None:
    client = make_client(lone.greta)
    listed = client.get(f"/api/v1/people/{lone.ines.pk}/duties").json()
    assert [one["key"] for one in listed["duties"]] == [get_key(lone)]
    body = {
        "duties_hash": listed["duties_hash"],
        "successors": [{"duty": get_key(lone), "person": lone.sam.email}],
    }
    answer = client.post(
        f"/api/v1/people/{lone.ines.pk}/deactivate", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert [one["state"] for one in answer.json()["role_changes"]] == ["waiting"]
    assert make_client(lone.ana).get(f"/api/v1/people/{lone.greta.pk}/duties").status_code == 404


def test_the_administration_asks_before_it_deactivates(lone: Bank) -> None:
    client = make_client(lone.greta)
    page = reverse("admin:identity_person_change", args=[lone.ines.pk])
    assert "Nobody else is data owner of Insurance." in client.get(page).content.decode()
    form = {"email": lone.ines.email, "name": lone.ines.name, "title": ""}
    for prefix in ("memberships", "platform_roles"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    refused = client.post(page, form)
    assert "Nobody else is data owner of Insurance." in refused.content.decode()
    lone.ines.refresh_from_db()
    assert lone.ines.is_active
    assert client.post(page, {**form, "accepts_vacancies": "on"}).status_code == 302
    lone.ines.refresh_from_db()
    assert not lone.ines.is_active


def test_pages_say_that_nobody_can_decide(lone: Bank) -> None:
    item, hanna = submit_bank_item(lone), make_governor()
    said = "Nobody can decide this: Insurance has no active data owner."
    pages: list[tuple[Person, str, list[object]]] = [
        (lone.ana, "access-request", [item.request_id]),
        (lone.ana, "table", [lone.claims.pk]),
        (lone.ana, "data-product", [lone.product.slug]),
        (hanna, "review", [item.pk]),
    ]
    for person, page, args in pages:
        assert said not in read(person, page, *args), page
    Person.objects.filter(pk=lone.ines.pk).update(is_active=False)
    for person, page, args in pages:
        assert said in read(person, page, *args), page
    assert "Insurance has no active data owner." in read(hanna, "reviews")
    assert "Insurance has no active data owner." not in read(lone.ana, "reviews")
