"""An auditor reads everything: their lists show everyone's requests and access, and they can act on none of it."""

import pytest
from django.test import Client
from django.urls import reverse

from identity.people.models import Person, PlatformRole
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.conftest import make_client


@pytest.fixture
def auditor(bank: Bank) -> Client:
    person = factories.make_person("Viktor Audit")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.AUDITOR)
    return make_client(person)


@pytest.fixture
def grants(bank: Bank) -> list[Grant]:
    role = factories.make_principal(bank.bi_account, "another")
    other = submit_bank_item(bank, principal=role, idempotency_key="form-2")
    return [approve(bank, other), approve(bank, submit_bank_item(bank))]


def list_ids(client: Client, address: str, query: str = "") -> list[int]:
    return [int(row["id"]) for row in client.get(f"{address}{query}").json()["results"]]


def test_the_api_lists_every_grant_and_every_request(auditor: Client, grants: list[Grant]) -> None:
    requests = [grant.item.request_id for grant in reversed(grants)]
    assert list_ids(auditor, reverse("api-grants")) == [grant.pk for grant in reversed(grants)]
    assert list_ids(auditor, reverse("api-access-requests")) == sorted(requests, reverse=True)
    assert list_ids(auditor, reverse("api-grants"), "?whose=mine") == []
    assert auditor.get(f"{reverse('api-grants')}?whose=theirs").status_code == 400


def test_the_pages_list_them_too_and_offer_no_deed(auditor: Client, grants: list[Grant]) -> None:
    page = auditor.get(reverse("grants"))
    assert {row.grant for row in page.context["rows"]} == set(grants)
    assert not any(row.may_revoke or row.may_extend for row in page.context["rows"])
    assert page.content.decode().count("Ana Keller") >= len(grants)
    assert auditor.get(reverse("grants"), {"whose": "mine"}).context["rows"] == []
    asked = auditor.get(reverse("access-requests"))
    assert {row.request.pk for row in asked.context["rows"]} == {grant.item.request_id for grant in grants}
    assert "Ana Keller" in asked.content.decode()


@pytest.mark.parametrize(("name", "sees"), [("ana", 2), ("ines", 0), ("sam", 0), ("greta", 0)])
def test_others_see_their_own(bank: Bank, grants: list[Grant], name: str, sees: int) -> None:
    person: Person = getattr(bank, name)
    client = make_client(person)
    assert len(list_ids(client, reverse("api-grants"))) == sees
    assert len(client.get(reverse("grants")).context["rows"]) == sees
    assert len(list_ids(client, reverse("api-access-requests"))) == sees


def test_who_asks_for_all_gets_what_they_may_see(bank: Bank, grants: list[Grant]) -> None:
    found = {name: len(list_ids(make_client(getattr(bank, name)), reverse("api-grants"), "?whose=all"))
             for name in ("ana", "ines", "sam", "greta")}  # fmt: skip
    assert found == {"ana": 2, "ines": 2, "sam": 0, "greta": 2}
    assert len(make_client(bank.greta).get(reverse("grants"), {"whose": "all"}).context["rows"]) == 2
    assert "Everyone" not in make_client(bank.sam).get(reverse("grants"), {"whose": "all"}).content.decode()
