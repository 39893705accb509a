"""Values over all rows are for those who may read all rows of the column, whatever else they may read."""

from datetime import datetime

import pytest

from catalog.mirror.models import Column, Table
from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.data_queries.actions import request_sample
from requests_app.data_queries.callers import Caller
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.queries import list_rows
from requests_app.data_queries.readers import list_readers, list_unfiltered_columns
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.queries import find_column_holders
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, submit_bank_item
from tests.data_queries import finish_query
from tests.engine_readings import write_presence

SOME_ROWS = "claim_id = 'C-1'"


def grant_rows(bank: Bank, *columns: str, row_filter: str = SOME_ROWS, key: str = "rows") -> Grant:
    """Proven, to bank.role. An empty filter gives all rows."""
    asked = RequestedItem(bank.claims.pk, columns, not columns, bank.product.pk, row_filter)
    item = submit_bank_item(bank, items=[asked], idempotency_key=key)
    grant = approve_item(
        acting_user=bank.ines, item_id=item.pk, effects_hash=compute_item_approval_hash(item), comment="", now=clock.now(),
        widenings={one.key for one in compute_effects(item).widenings},
    )  # fmt: skip
    assert grant is not None
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    return grant


@pytest.fixture
def private_columns(bank: Bank) -> list[str]:
    Column.objects.filter(table=bank.claims).exclude(name="iban").update(classification="private")
    return list(bank.claims.columns.exclude(name="iban").values_list("name", flat=True))


@pytest.fixture
def now(bank: Bank) -> datetime:
    return clock.now()


def test_a_row_filter_opens_the_column_and_not_values_over_all_rows(
    bank: Bank, private_columns: list[str], now: datetime
) -> None:
    assert not list_unfiltered_columns(bank.ana, bank.claims, now)
    grant_rows(bank, "claim_id", "amount")
    [reader] = list_readers(Caller(bank.ana), bank.claims, now)
    assert set(reader.columns) >= {"claim_id", "amount"}
    assert not list_unfiltered_columns(bank.ana, bank.claims, now)
    grant_rows(bank, "amount", row_filter="", key="all")
    assert list_unfiltered_columns(bank.ana, bank.claims, now) == {"amount"}


def test_owners_see_values_of_all_columns_and_everybody_those_of_public_ones(
    bank: Bank, private_columns: list[str], now: datetime
) -> None:
    assert list_unfiltered_columns(bank.ines, bank.claims, now) >= set(private_columns)
    Column.objects.filter(table=bank.claims, name="amount").update(classification="public")
    assert list_unfiltered_columns(bank.sam, Table.objects.get(pk=bank.claims.pk), now) == {"amount"}


def read_sample(bank: Bank) -> DataQuery:
    return finish_query(
        request_sample(acting_user=bank.ana, table_id=bank.claims.pk, now=clock.now()), [["C-7"]]
    )


def end(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())


def test_rows_that_were_read_go_with_the_access_to_them(bank: Bank, now: datetime) -> None:
    grant_rows(bank, "claim_id")
    whole = grant_rows(bank, "claim_id", row_filter="", key="all")
    query = read_sample(bank)
    assert list_rows(query, Caller(bank.ana), clock.now()) == [["C-7"]]
    end(bank, whole)
    assert list_rows(query, Caller(bank.ana), clock.now()) is None


def test_rows_stay_while_another_grant_gives_the_same(bank: Bank, now: datetime) -> None:
    first = grant_rows(bank, "claim_id")
    other = grant_rows(bank, "amount", row_filter="claim_id = 'C-2'", key="other")
    query = finish_query(
        request_sample(acting_user=bank.ana, table_id=bank.claims.pk, now=clock.now()), [["C-1", "7"]]
    )
    assert list_rows(query, Caller(bank.ana), clock.now()) is not None
    grant_rows(bank, "claim_id", "amount", key="again")
    end(bank, first)
    assert list_rows(query, Caller(bank.ana), clock.now()) is not None
    end(bank, other)
    assert list_rows(query, Caller(bank.ana), clock.now()) is None


def test_the_request_form_says_which_roles_read_some_rows_alone(bank: Bank, now: datetime) -> None:
    grant_rows(bank, "claim_id", "amount")
    grant_rows(bank, "amount", row_filter="", key="all")
    holders = find_column_holders(bank.ana, bank.claims, now)
    assert holders["claim_id"] == (f"{bank.role.name} (some rows)",)
    assert holders["amount"] == (bank.role.name,)
