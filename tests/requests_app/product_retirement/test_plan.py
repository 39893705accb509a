"""What a plan says, and that exactly this ends: no more, no less, once."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from identity.people.models import Membership
from kernel import clock
from requests_app.access_requests.states import ItemState
from requests_app.grants.models import Grant
from requests_app.product_retirement.actions import end_retired_grant
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.product_retirement.plan import list_product_consumers
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.product_lifecycle import deprecate, plan_retirement, reload_product, schedule
from tests.requests_app.database_request import submit_for_bank_database
from tests.requests_app.lf_tags_request import assign_tags, submit_by_lf_tags

NAMED, ALONE, ELSEWHERE, DATABASE, TAGS, SHORT = "named", "alone", "elsewhere", "database", "tags", "short"


@pytest.fixture
def other(bank: Bank) -> DataProduct:
    """Has a table of its own; may be given the claims as well."""
    table = factories.make_table(bank.claims.database, "rates")
    return factories.make_product(bank.domain, bank.ines, [table], "Rates")


def grant_all_kinds(bank: Bank, other: DataProduct) -> dict[str, Grant]:
    """Each to a role and a person of its own. `other` publishes the claims meanwhile."""
    assign_tags(bank.claims, {"tier": "gold"})
    found = {}
    for number, kind in enumerate((NAMED, ALONE, ELSEWHERE, DATABASE, TAGS, SHORT)):
        person = factories.make_person(kind.title())
        factories.add_members(bank.bi, Membership.Role.MEMBER, [person])
        words: dict[str, Any] = {
            "principal": factories.make_principal(bank.bi_account, f"role-{number}"),
            "idempotency_key": f"form-{kind}",
            "ends_at": factories.days_from_now(5 if kind == SHORT else 30),
        }
        if kind == DATABASE:
            item = submit_for_bank_database(bank, requester=person, **words).items.get()
        elif kind == TAGS:
            item = submit_by_lf_tags(bank, acting_user=person, **words)
        else:
            products = {NAMED: bank.product.pk, SHORT: bank.product.pk, ELSEWHERE: other.pk}
            ask = RequestedItem(bank.claims.pk, ("claim_id",), False, products.get(kind))
            item = submit_bank_item(bank, acting_user=person, items=[ask], **words)
        found[kind] = approve(bank, item)
    return found


def list_ended(grants: dict[str, Grant]) -> set[str]:
    ended = set(Grant.objects.exclude(state="live").values_list("pk", flat=True))
    return {kind for kind, grant in grants.items() if grant.pk in ended}


def test_what_ends_is_what_the_plan_said(bank: Bank, other: DataProduct) -> None:
    link = other.product_tables.create(table=bank.claims, position=2)
    grants = grant_all_kinds(bank, other)
    link.delete()
    deprecate(bank)
    due_at = factories.days_from_now(10)
    plan = plan_retirement(bank, due_at)
    assert {one.grant.pk: (one.ends_at, one.is_earlier) for one in plan.ends} == {
        grants[NAMED].pk: (due_at, False),
        grants[ALONE].pk: (due_at, False),
        grants[SHORT].pk: (grants[SHORT].ends_at, True),
    }
    assert {one.pk for one in plan.kept} == {grants[kind].pk for kind in (ELSEWHERE, DATABASE, TAGS)}
    schedule(bank, due_at)
    assert carry_out_retirements(due_at - timedelta(seconds=1)) == 0
    assert list_ended(grants) == set()
    assert carry_out_retirements(due_at) == 4
    assert list_ended(grants) == {NAMED, ALONE, SHORT}
    events = Event.objects.filter(verb="revoke_grant").values_list("subject", flat=True)
    assert sorted(events) == sorted(f"grant:{grants[kind].pk}" for kind in (NAMED, ALONE, SHORT))


def test_a_grant_that_was_shown_to_stay_stays_whatever_happens_to_its_other_product(
    bank: Bank, other: DataProduct
) -> None:
    link = other.product_tables.create(table=bank.claims, position=2)
    ask = RequestedItem(bank.claims.pk, ("claim_id",), False, None)
    grant = approve(bank, submit_bank_item(bank, items=[ask]))
    deprecate(bank)
    assert plan_retirement(bank).kept == (grant,)
    retirement = schedule(bank)
    link.delete()
    assert carry_out_retirements(clock.now()) == 1
    grant.refresh_from_db()
    assert (grant.state, reload_product(bank).lifecycle) == ("live", "retired")
    assert retirement.planned == []


def test_a_planned_grant_ends_although_its_table_came_to_another_product(
    bank: Bank, other: DataProduct
) -> None:
    ask = RequestedItem(bank.claims.pk, ("claim_id",), False, None)
    grant = approve(bank, submit_bank_item(bank, items=[ask]))
    deprecate(bank)
    retirement = schedule(bank)
    other.product_tables.create(table=bank.claims, position=2)
    assert (
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=clock.now()).state == "revoked"
    )


def test_waiting_requests_are_counted_and_closed_by_the_retirement(bank: Bank) -> None:
    item = submit_bank_item(bank)
    deprecate(bank)
    assert plan_retirement(bank).waiting_count == 1
    schedule(bank)
    carry_out_retirements(clock.now())
    item.refresh_from_db()
    assert (item.state, plan_retirement(bank).ends) == (ItemState.WITHDRAWN, ())


def test_consumers_are_all_but_those_of_another_product(bank: Bank, other: DataProduct) -> None:
    other.product_tables.create(table=bank.claims, position=2)
    grant_all_kinds(bank, other)
    told = {person.name for person in list_product_consumers(reload_product(bank))}
    assert told == {kind.title() for kind in (NAMED, DATABASE, TAGS, SHORT)}
