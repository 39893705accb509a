"""The choice of links on the page of an account's local groups: who has it there, and what it leads to."""

import pytest
from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.storage import place_of
from identity.accounts.models import Account
from identity.people.models import Membership, Person, PlatformRole
from lakeformation.access.link_naming import landing_name, link_name
from portal.access.query_examples import landed_in, names_of
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.portal.api.calls import patch, read
from tests.portal.conftest import signed_in


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account, who was given something."""
    approve(bank, asked_item(bank))
    tom = factories.make_person("Tom Brandt")
    factories.join(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    return tom


def shown(bank: Bank, person: Person) -> str:
    return signed_in(person).get(reverse("local-groups", args=[bank.bi_account.account_id])).content.decode()


def send(bank: Bank, person: Person, way: str, database: str = "") -> str:
    address = reverse("link-naming", args=[bank.bi_account.account_id])
    answer = signed_in(person).post(address, {"way": way, "database": database}, follow=True)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def chosen(bank: Bank) -> object:
    return Account.objects.get(pk=bank.bi_account.pk).table_links


def test_an_admin_chooses_for_the_account_and_for_one_database(bank: Bank, tom: Person) -> None:
    key = f"{bank.catalog.pk}/{bank.claims.database.name}"
    assert f'name="database" value="{key}"' in shown(bank, tom)
    assert "Saved. The new names are created and proven first" in send(bank, tom, "tables", key)
    page = shown(bank, tom)
    assert 'value="tables" selected' in page
    assert "1 grant is being moved" in page
    send(bank, tom, "tables")
    assert chosen(bank) == {key: True, "": True}


def test_what_is_so_already_is_said(bank: Bank, tom: Person) -> None:
    assert "This is already the setting." in send(bank, tom, "database")


def test_an_auditor_reads_the_choice_and_has_no_form(bank: Bank, tom: Person) -> None:
    auditor = factories.make_person("Ina Auditor")
    PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    page = shown(bank, auditor)
    assert "link to the database" in page
    assert reverse("link-naming", args=[bank.bi_account.account_id]) not in page
    send(bank, auditor, "tables")
    assert chosen(bank) == {}


def test_for_others_there_is_nothing(bank: Bank, tom: Person) -> None:
    assert send(bank, bank.ana, "tables") == "404"
    assert chosen(bank) == {}


def test_a_governance_admin_chooses_in_the_administration_pages(bank: Bank, tom: Person) -> None:
    greta = factories.make_admin()
    form = {"action": "by_table_links", "_selected_action": [bank.bi_account.pk]}
    page = signed_in(greta).post(reverse("admin:identity_account_changelist"), form, follow=True)
    assert "the new names are created and proven" in page.content.decode()
    assert chosen(bank) == {"": True}


def test_the_api_tells_and_takes_the_choice(bank: Bank, tom: Person) -> None:
    address = f"accounts/{bank.bi_account.account_id}/link-naming"
    etag = signed_in(tom).get(f"/api/v1/{address}")["ETag"]
    for headers, status in (({}, 428), ({"If-Match": '"other"'}, 412)):
        assert patch(tom, address, {"naming": "table"}, **headers).status_code == status
    answer = patch(tom, address, {"naming": "table"}, **{"If-Match": etag})
    found = answer.json()
    assert (answer.status_code, found) == (200, read(tom, address))
    (database,) = found["databases"]
    assert (found["naming"], database["name"], database["is_by_table"]) == (
        "table", bank.claims.database.name, True,
    )  # fmt: skip
    change = {"databases": [{"id": database["id"], "naming": "database"}]}
    again = patch(tom, address, change, **{"If-Match": answer["ETag"]}).json()
    assert (again["naming"], again["databases"][0]["naming"]) == ("table", "database")


def test_what_one_copies_follows_once_the_new_names_are_proven(bank: Bank, tom: Person) -> None:
    grant = Grant.objects.get()
    before = names_of(grant).database
    send(bank, tom, "tables")
    after = names_of(Grant.objects.get()).database
    assert (before, after) == (link_name("insurance_gold", place_of(bank.catalog)), f"{before}_tables")
    intent = Intent.objects.get(pk=grant.intent_id)
    intent.presence, intent.proven_generation = Intent.Presence.PRESENT, 1
    assert intent.found_in == before
    intent.proven_generation = 2
    assert intent.found_in == after


def test_the_table_page_names_where_it_would_be_found(bank: Bank, tom: Person) -> None:
    send(bank, tom, "tables")
    account = Account.objects.get(pk=bank.bi_account.pk)
    assert landed_in(bank.claims, account) == landing_name("insurance_gold", place_of(bank.catalog))
    assert landed_in(bank.claims, bank.catalog.account) == "insurance_gold"
