"""The newest request of a person's teams for a table of which something is still to come."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfilment.intents.models import Intent
from identity.people.models import Membership, Person
from kernel import clock
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.own_requests import OwnRequest, find_own_requests
from requests_app.review.actions import reject_item
from requests_app.targets.databases import FutureAccess
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.engine_readings import write_presence
from tests.requests_app.database_request import submit_for_bank_database


def find_own(bank: Bank, person: str = "ana") -> OwnRequest | None:
    return find_own_requests(getattr(bank, person), [bank.claims.pk]).get(bank.claims.pk)


def find_state(bank: Bank) -> str | None:
    own = find_own(bank)
    return own.display_state.state.value if own else None


def test_a_request_waits_for_the_person_and_the_team_and_nobody_else(bank: Bank) -> None:
    request = submit_bank_request(bank)
    colleague = factories.make_person("Cem Ay")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [colleague])

    found = find_own_requests(colleague, [bank.claims.pk])
    assert found == {bank.claims.pk: find_own(bank)}
    assert found[bank.claims.pk].request_id == request.pk
    assert found[bank.claims.pk].display_state.state == "waiting_for_review"
    assert find_own(bank, "ines") is find_own(bank, "sam") is None


def test_it_stays_theirs_without_the_team(bank: Bank) -> None:
    request = submit_bank_request(bank)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=bank.ana).delete()

    found = find_own(bank)
    assert found
    assert found.request_id == request.pk


def test_who_took_it_over_has_it(bank: Bank) -> None:
    request = submit_bank_request(bank)
    successor = factories.make_person("Cem Ay")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [successor])
    Person.objects.filter(pk=bank.ana.pk).update(is_active=False)
    assert find_state(bank) == "needs_attention"
    AccessRequest.objects.filter(pk=request.pk).update(taken_over_by=successor)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=successor).delete()

    (found,) = find_own_requests(successor, [bank.claims.pk]).values()
    assert found.display_state.state == "waiting_for_review"


def test_a_returned_request_needs_attention(bank: Bank) -> None:
    item = submit_bank_item(bank)
    RequestItem.objects.filter(pk=item.pk).update(state="returned")
    assert find_state(bank) == "needs_attention"


def test_a_grant_to_an_account_gives_nobody_the_data(bank: Bank) -> None:
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    principal = factories.make_account_principal(bank.bi_account)
    item = submit_bank_item(bank, principal=principal)
    assert find_state(bank) == "waiting_for_review"

    approve(bank, item)
    assert find_own(bank) is None


def test_a_rejected_or_ended_request_is_over(bank: Bank) -> None:
    item = submit_bank_item(bank)
    reject_item(acting_user=bank.ines, item_id=item.pk, comment="Use totals.", now=clock.now())
    assert find_own(bank) is None

    grant = approve(bank, submit_bank_item(bank, idempotency_key="form-2"))
    assert find_state(bank) == "applying"
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Done.", now=clock.now())
    assert find_own(bank) is None


def test_access_is_over_at_its_end(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=31))
    assert find_own(bank) is None


@pytest.mark.parametrize(
    ("presence", "failure", "expected"),
    [
        (Intent.Presence.ABSENT, "AWS refused GrantPermissions.", "failed"),
        (Intent.Presence.HOLD, "", "needs_attention"),
        (Intent.Presence.STALE, "", None),
        (Intent.Presence.UNKNOWN, "AWS could not be read.", "not_known"),
        (Intent.Presence.PRESENT, "", None),
    ],
)
def test_a_grant_is_shown_as_far_as_aws_has_it(
    bank: Bank, presence: Intent.Presence, failure: str, expected: str | None
) -> None:
    grant = approve(bank, submit_bank_item(bank))
    write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account, failure=failure)

    assert find_state(bank) == expected


def test_what_waits_comes_before_what_was_approved(bank: Bank) -> None:
    waiting = submit_bank_item(bank)
    approve(bank, submit_bank_item(bank, idempotency_key="form-2"))

    found = find_own(bank)
    assert found
    assert (found.request_id, found.is_waiting) == (waiting.request_id, True)


def test_metadata_and_other_tables_are_not_its_data(bank: Bank) -> None:
    metadata: dict[str, Any] = {"columns": (), "metadata_only": True}
    other = factories.make_table(bank.claims.database, "policies")
    items = [
        RequestedItem(bank.claims.pk, whole_table=False, product_id=None, **metadata),
        RequestedItem(other.pk, ("amount",), False, None),
    ]
    request = submit_bank_request(bank, items=items)
    for item in request.items.all():
        approve(bank, item)

    found = find_own_requests(bank.ana, [bank.claims.pk, other.pk])
    assert set(found) == {other.pk}


def test_a_request_for_the_database_is_for_each_of_its_tables(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, "policies")
    elsewhere = factories.make_table(factories.make_database(bank.catalog, bank.domain, "other"))
    request = submit_for_bank_database(bank, FutureAccess.TABLES)

    found = find_own_requests(bank.ana, [bank.claims.pk, other.pk, elsewhere.pk])
    assert {pk: one.request_id for pk, one in found.items()} == dict.fromkeys(
        (bank.claims.pk, other.pk), request.pk
    )


def test_one_query_however_many_tables(bank: Bank) -> None:
    tables = [factories.make_table(bank.claims.database, f"table_{number}") for number in range(5)]
    asks = [RequestedItem(table.pk, ("amount",), False, None) for table in tables]
    request = submit_bank_request(bank, items=asks)
    approve(bank, request.items.get(table=tables[0]))

    with CaptureQueriesContext(connection) as caught:
        found = find_own_requests(bank.ana, [table.pk for table in tables])
    assert (len(found), len(caught)) == (5, 2), "the teams, and the requests"
    assert find_own_requests(bank.ana, []) == {}
