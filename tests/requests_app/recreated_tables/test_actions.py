"""A table that was created again: one decision keeps its grants or ends them, and nothing is kept that differs."""

from typing import Any

import pytest

from audit.models import Event
from catalog.mirror.models import Column, Table
from catalog.products.models import ProductTable
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.display_states.vocabulary import Reason, State
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.recreated_tables.models import KeptGrant, RecreatedTable
from requests_app.recreated_tables.states import RecreatedTableState
from requests_app.review.access_status import get_access_status
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank
from tests.recreated_tables import COLUMNS, end, grant_claims, keep, make_stale, open_one, recreate


def get(grant: Grant) -> Grant:
    return Grant.objects.select_related("intent", "item__table__database", "item__request__requester").get(
        pk=grant.pk
    )


def test_keeping_binds_grant_item_intent_and_product_to_the_new_table(bank: Bank) -> None:
    grant = grant_claims(bank)
    make_stale(bank, grant)
    generation = grant.intent.generation
    table = recreate(bank.claims)
    row = keep(bank.ivo, open_one())
    kept = get(grant)
    assert (kept.table_id, kept.item.table_id) == (table.pk, table.pk)
    assert kept.intent.recreated_as == kept.intent.table_access.table_created == table.glue_created_at
    assert (kept.intent.generation, kept.effects_hash) == (generation + 1, grant.effects_hash)
    assert ProductTable.objects.get(product=bank.product).table == table
    assert (row.state, row.decided_by) == (RecreatedTableState.KEPT, bank.ivo)
    event = Event.objects.get(verb="keep_recreated_table")
    assert (event.subject, event.data["grants"]) == (row.subject, [grant.pk])
    assert get_access_status(kept).display_state.state == State.APPLYING
    with pytest.raises(IllegalTransitionError):
        keep(bank.ivo, row)


def test_nothing_is_granted_before_the_decision(bank: Bank) -> None:
    grant = grant_claims(bank)
    make_stale(bank, grant)
    recreate(bank.claims)
    row = open_one()
    left = get(grant)
    assert (left.table_id, left.intent.recreated_as, row.state) == (bank.claims.pk, "", "open")
    status = get_access_status(left)
    assert status.display_state.reason == Reason.EFFECTS_CHANGED
    assert "A data owner of Insurance decides whether the grant is kept" in status.sentence


def test_it_may_be_created_again_any_number_of_times(bank: Bank) -> None:
    grant = grant_claims(bank)
    former = bank.claims
    for _day in range(3):
        table = recreate(former)
        keep(bank.ines, open_one())
        assert get(grant).intent.table_access.table_created == table.glue_created_at
        former = table
    assert KeptGrant.objects.filter(grant=grant).count() == 3


def test_an_undecided_one_is_replaced_by_the_decision_on_the_next_table(bank: Bank) -> None:
    grant = grant_claims(bank)
    first = recreate(bank.claims)
    lapsed = open_one()
    second = recreate(first)
    row = open_one()
    lapsed.refresh_from_db()
    assert (lapsed.state, row.table) == (RecreatedTableState.LAPSED, second)
    keep(bank.ines, row)
    assert get(grant).table == second


def test_ending_ends_all_grants(bank: Bank) -> None:
    grant = grant_claims(bank)
    recreate(bank.claims)
    row = open_one()
    with pytest.raises(RefusedError):
        end(bank.ivo, row, " ")
    row = end(bank.ivo, row)
    ended = get(grant)
    assert (row.state, ended.state, ended.end_reason) == ("ended", GrantState.REVOKED, "Another table.")
    assert ended.intent.ended_at is not None


def change_type(table: Table) -> None:
    Column.objects.filter(table=table, name="amount").update(type="int")


def make_key(table: Table) -> None:
    Column.objects.filter(table=table, name="iban").update(is_partition_key=True)


def classify(table: Table) -> None:
    Column.objects.filter(table=table, name="amount").update(classification="sensitive")


DIFFERENCES: dict[str, Any] = {
    "another type": ({}, change_type),
    "a column is gone": ({"columns": ("claim_id", "iban")}, None),
    "a hidden column is a partition key": ({}, make_key),
    "more sensitive": ({}, classify),
    "another location": ({"location": "s3://gold/elsewhere/"}, None),
    "a view": ({"kind": "VIRTUAL_VIEW", "view": {"text": "SELECT 1"}}, None),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_what_differs_in_what_a_grant_names_is_not_kept(bank: Bank, difference: str) -> None:
    grant = grant_claims(bank)
    changes, also = DIFFERENCES[difference]
    table = recreate(bank.claims, **changes)
    if also:
        also(table)
    row = open_one()
    with pytest.raises(RefusedError, match="None of these grants can be kept"):
        keep(bank.ivo, row)
    assert (get(grant).table, get(grant).state) == (bank.claims, GrantState.LIVE)


def test_keeping_ends_the_grants_that_name_what_differs(bank: Bank) -> None:
    amounts = grant_claims(bank)
    other = factories.make_principal(bank.bi_account, "ids")
    ids = grant_claims(
        bank,
        principal=other,
        idempotency_key="ids",
        items=[RequestedItem(bank.claims.pk, ("claim_id",), False, bank.product.pk)],
    )
    change_type(recreate(bank.claims))
    assert keep(bank.ivo, open_one()).state == RecreatedTableState.KEPT
    assert get(amounts).state == GrantState.REVOKED
    assert "amount" in get(amounts).end_reason
    assert (get(ids).state, get(ids).intent.recreated_as != "") == (GrantState.LIVE, True)


def test_what_the_grant_does_not_name_may_differ_when_a_person_decides(bank: Bank) -> None:
    grant = grant_claims(bank)
    recreate(bank.claims, (*COLUMNS, "note"), data_format="parquet")
    keep(bank.ivo, open_one())
    assert get(grant).intent.recreated_as


def test_another_comparison_than_was_shown_is_refused(bank: Bank) -> None:
    grant_claims(bank)
    table = recreate(bank.claims)
    row = open_one()
    change_type(table)
    for shown in ("0" * 64, ""):
        with pytest.raises(RefusedError, match="changed since you opened"):
            keep(bank.ivo, row, shown)


def test_only_a_data_owner_of_the_domain_decides(bank: Bank) -> None:
    grant_claims(bank)
    recreate(bank.claims)
    row = open_one()
    with pytest.raises(ForbiddenError):
        keep(bank.greta, row)
    for person in (bank.ana, bank.sam):
        with pytest.raises(NotFoundError):
            keep(person, row)
        with pytest.raises(NotFoundError):
            end(person, row)


def test_nobody_keeps_their_own_grant_and_another_owner_decides_on_it(bank: Bank) -> None:
    factories.add_members(bank.bi, "member", [bank.ivo])
    grant = grant_claims(bank, acting_user=bank.ivo)
    recreate(bank.claims)
    row = open_one()
    with pytest.raises(ForbiddenError):
        keep(bank.ivo, row)
    assert keep(bank.ines, row).state == RecreatedTableState.KEPT
    assert get(grant).intent.recreated_as


def test_data_owners_are_told_once(bank: Bank) -> None:
    grant_claims(bank)
    recreate(bank.claims, created_by="arn:aws:sts::1:assumed-role/dbt/run")
    open_one()
    open_one()
    event = Event.objects.get(verb="find_recreated_table")
    assert (sorted(event.data["people"]), event.data["count"]) == (sorted([bank.ines.pk, bank.ivo.pk]), 1)
    assert event.data["reason"] == "arn:aws:sts::1:assumed-role/dbt/run"
    assert RecreatedTable.objects.count() == 1


def test_a_table_that_was_gone_for_a_while_is_said_to_be_created_again(bank: Bank) -> None:
    grant = grant_claims(bank)
    make_stale(bank, grant, "table insurance_gold.claims no longer exists")
    assert "Ana Keller" in get_access_status(get(grant)).sentence
    recreate(bank.claims)
    open_one()
    assert "was created again" in get(grant).intent.failure
    assert "A data owner of Insurance decides" in get_access_status(get(grant)).sentence
