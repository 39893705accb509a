"""A longer list costs no more queries."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.accounts import Principal
from identity.people.models import Membership, Person
from kernel import clock
from requests_app.grants.subgrants.actions import create_local_group
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_request


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account."""
    person = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [person])
    return person


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(f"/api/v1/{address}").status_code == 200
    return len(caught)


def add_item(bank: Bank, number: int, *, approved: bool) -> None:
    table = factories.make_table(bank.claims.database, f"table_{number}")
    asks = [RequestedItem(table.pk, ("amount",), False, None)]
    item = submit_bank_request(bank, idempotency_key=f"form-{number}", items=asks).items.get()
    if approved:
        approve(bank, item)


@pytest.mark.parametrize(
    ("address", "who", "approved", "most"),
    [
        ("access-requests", "ana", True, 9),
        ("access-requests", "ana", False, 9),
        ("reviews", "ines", False, 8),
        ("grants", "ana", True, 7),
        ("data-products", "ana", False, 4),
    ],
)
def test_a_list_has_a_fixed_number_of_queries(
    client: Client, bank: Bank, *, address: str, who: str, approved: bool, most: int
) -> None:
    client.force_login(getattr(bank, who))
    add_item(bank, 0, approved=approved)
    first = count_queries(client, address)
    for number in range(1, 5):
        add_item(bank, number, approved=approved)
    assert count_queries(client, address) == first <= most


@pytest.mark.parametrize(("address", "most"), [("principals", 6), ("service-roles", 6), ("local-groups", 6)])
def test_a_list_of_an_account_has_a_fixed_number_of_queries(
    client: Client, bank: Bank, tom: Person, address: str, most: int
) -> None:
    client.force_login(tom)
    counts = []
    for number in range(4):
        owner = factories.make_person(f"Owner {number}")
        factories.add_members(bank.bi, "member", [owner])
        role = factories.make_principal(bank.bi_account, f"load-{number}", services=["glue.amazonaws.com"])
        Principal.objects.filter(pk=role.pk).update(owner=owner)
        group = create_local_group(
            acting_user=tom, account_id=bank.bi_account.account_id, name=f"Group {number}", now=clock.now()
        )
        assert group.pk
        counts.append(count_queries(client, address))
    assert counts[1] == counts[-1] <= most
