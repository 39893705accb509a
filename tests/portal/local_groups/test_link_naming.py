"""The choice of links on the page of an account's local groups: who has it there, and what it leads to."""

import pytest
from django.urls import reverse

from fulfilment.intents.models import Intent
from fulfilment.observations.storage import get_data_catalog
from identity.accounts.models import Account
from identity.people.models import Membership, Person, PlatformRole
from lakeformation.values.resource_links import link_database_name, link_name
from portal.access.query_examples import build_query_names
from requests_app.grants.consumer_names import get_linked_database
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.portal.api.calls import patch, read
from tests.portal.conftest import make_client


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account, who was given something."""
    approve(bank, submit_bank_item(bank))
    tom = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    return tom


def read_page(bank: Bank, person: Person) -> str:
    return (
        make_client(person).get(reverse("local-groups", args=[bank.bi_account.account_id])).content.decode()
    )


def post_choice(bank: Bank, person: Person, way: str, database: str = "") -> str:
    address = reverse("link-naming", args=[bank.bi_account.account_id])
    answer = make_client(person).post(address, {"way": way, "database": database}, follow=True)
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def read_choice(bank: Bank) -> object:
    return Account.objects.get(pk=bank.bi_account.pk).table_links


def test_an_admin_chooses_for_the_account_and_for_one_database(bank: Bank, tom: Person) -> None:
    key = f"{bank.catalog.pk}/{bank.claims.database.name}"
    assert f'name="database" value="{key}"' in read_page(bank, tom)
    assert "Saved. The new names are created and proven first" in post_choice(bank, tom, "tables", key)
    page = read_page(bank, tom)
    assert 'value="tables" selected' in page
    assert "1 grant is being moved" in page
    post_choice(bank, tom, "tables")
    assert read_choice(bank) == {key: True, "": True}


def test_what_is_so_already_is_said(bank: Bank, tom: Person) -> None:
    assert "This is already the setting." in post_choice(bank, tom, "database")


def test_an_auditor_reads_the_choice_and_has_no_form(bank: Bank, tom: Person) -> None:
    auditor = factories.make_person("Ina Auditor")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    page = read_page(bank, auditor)
    assert "link to the database" in page
    assert reverse("link-naming", args=[bank.bi_account.account_id]) not in page
    post_choice(bank, auditor, "tables")
    assert read_choice(bank) == {}


def test_for_others_there_is_nothing(bank: Bank, tom: Person) -> None:
    assert post_choice(bank, bank.ana, "tables") == "404"
    assert read_choice(bank) == {}


def test_a_governance_admin_chooses_in_the_administration_pages(bank: Bank, tom: Person) -> None:
    greta = factories.make_admin()
    form = {"action": "use_table_links", "_selected_action": [bank.bi_account.pk]}
    page = make_client(greta).post(reverse("admin:identity_account_changelist"), form, follow=True)
    assert "the new names are created and proven" in page.content.decode()
    assert read_choice(bank) == {"": True}


def test_the_api_tells_and_takes_the_choice(bank: Bank, tom: Person) -> None:
    address = f"accounts/{bank.bi_account.account_id}/link-naming"
    etag = make_client(tom).get(f"/api/v1/{address}")["ETag"]
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
    before = build_query_names(grant).database
    post_choice(bank, tom, "tables")
    after = build_query_names(Grant.objects.get()).database
    assert (before, after) == (
        link_name("insurance_gold", get_data_catalog(bank.catalog)),
        f"{before}_tables",
    )
    intent = Intent.objects.get(pk=grant.intent_id)
    intent.presence, intent.proven_generation = Intent.Presence.PRESENT, 1
    assert intent.consumer_database == before
    intent.proven_generation = 2
    assert intent.consumer_database == after


def test_the_table_page_names_where_it_would_be_found(bank: Bank, tom: Person) -> None:
    post_choice(bank, tom, "tables")
    account = Account.objects.get(pk=bank.bi_account.pk)
    assert get_linked_database(bank.claims, account) == link_database_name(
        "insurance_gold", get_data_catalog(bank.catalog)
    )
    assert get_linked_database(bank.claims, bank.catalog.account) == "insurance_gold"
