"""Queries are counted once, by day, table, column and join."""

from datetime import date

import pytest

from catalog.mirror.models import Table
from catalog.usage.athena import MEGABYTE
from catalog.usage.models import ColumnUseDay, CountedQuery, JoinUseDay, QueryDay, QueryReader
from tests import factories
from tests.bank import Bank
from tests.catalog.usage.samples import count_queries, run_query
from tests.database import as_role

DAY = date(2026, 9, 1)


@pytest.fixture
def policies(bank: Bank) -> Table:
    return factories.make_table(bank.claims.database, "policies", ["policy_id", "holder"])


def test_a_query_counts_once_however_often_it_is_listed(bank: Bank) -> None:
    query = run_query("SELECT amount FROM claims WHERE claim_id = 'C-1'", DAY)
    assert count_queries(bank.bi_account, [query, query], [bank.claims]) == 1
    assert count_queries(bank.bi_account, [query], [bank.claims]) == 0
    row = QueryDay.objects.get()
    assert (row.day, row.table, row.queries, row.scanned_bytes) == (DAY, "claims", 1, query.scanned_bytes)
    columns = ColumnUseDay.objects.order_by("column").values_list("column", "queries")
    assert list(columns) == [("amount", 1), ("claim_id", 1)]


def test_no_text_of_a_query_is_stored(bank: Bank) -> None:
    count_queries(
        bank.bi_account,
        [run_query("SELECT amount AS secret_7 FROM claims WHERE iban = 'DE89'", DAY)],
        [bank.claims],
    )
    stored = [
        str(list(model.objects.values_list())) for model in (QueryDay, ColumnUseDay, JoinUseDay, CountedQuery)
    ]
    assert not any(word in text for text in stored for word in ("DE89", "secret_7", "SELECT"))


def test_a_join_has_a_row_from_each_side(bank: Bank, policies: Table) -> None:
    text = "SELECT c.amount, p.holder FROM claims c JOIN policies p ON p.policy_id = c.claim_id"
    count_queries(bank.bi_account, [run_query(text, DAY), run_query(text, DAY)], [bank.claims, policies])
    sides = JoinUseDay.objects.order_by("table").values_list(
        "table", "column", "other_table", "other_column", "queries"
    )
    assert list(sides) == [
        ("claims", "claim_id", "policies", "policy_id", 2),
        ("policies", "policy_id", "claims", "claim_id", 2),
    ]


def test_bytes_of_a_query_of_two_tables_are_divided_between_them(bank: Bank, policies: Table) -> None:
    scanned = 101 * MEGABYTE
    query = run_query("SELECT 1 FROM claims, policies", DAY, scanned + 1)
    count_queries(bank.bi_account, [query], [bank.claims, policies])
    rows = QueryDay.objects.order_by("table").values_list("scanned_bytes", "billed_bytes")
    assert [sum(column) for column in zip(*rows, strict=True)] == [scanned + 1, 102 * MEGABYTE]


@pytest.mark.parametrize(
    ("state", "scanned", "billed"),
    [
        ("SUCCEEDED", 1, 10 * MEGABYTE),
        ("SUCCEEDED", 10 * MEGABYTE + 1, 11 * MEGABYTE),
        ("SUCCEEDED", 0, 0),
        ("CANCELLED", 30 * MEGABYTE, 30 * MEGABYTE),
        ("FAILED", 30 * MEGABYTE, 0),
    ],
)
def test_athena_bills_whole_megabytes_and_ten_at_least(
    bank: Bank, state: str, scanned: int, billed: int
) -> None:
    count_queries(
        bank.bi_account, [run_query("SELECT 1 FROM claims", DAY, scanned, state=state)], [bank.claims]
    )
    assert QueryDay.objects.get().billed_bytes == billed


def test_a_failed_query_counts_but_used_no_column(bank: Bank) -> None:
    count_queries(
        bank.bi_account, [run_query("SELECT amount FROM claims", DAY, state="FAILED")], [bank.claims]
    )
    assert (QueryDay.objects.get().queries, QueryDay.objects.get().failed) == (1, 1)
    assert not ColumnUseDay.objects.exists()


def test_tables_that_are_of_no_connected_catalog_are_counted_without_a_name(bank: Bank) -> None:
    count_queries(bank.bi_account, [run_query("SELECT salary FROM private.payroll", DAY)], [bank.claims])
    row = QueryDay.objects.get()
    assert (row.catalog, row.database, row.table, row.queries) == (None, "", "", 1)
    assert not ColumnUseDay.objects.exists()


def test_a_text_that_cannot_be_read_is_counted_as_such(bank: Bank) -> None:
    queries = [
        run_query("EXECUTE daily USING 7", DAY),
        run_query("SHOW TABLES", DAY, statement_type="UTILITY"),
    ]
    count_queries(bank.bi_account, queries, [])
    assert (QueryDay.objects.get().queries, QueryDay.objects.get().unreadable) == (2, 1)


def test_the_role_that_cloudtrail_names_ran_the_query(bank: Bank) -> None:
    query = run_query("SELECT amount FROM claims", DAY)
    with as_role("meshmarket_worker"):
        QueryReader.objects.create(
            execution=query.execution,
            reader="AROABI",
            account=bank.bi_account.account_id,
            at=query.submitted_at,
        )
    count_queries(bank.bi_account, [query, run_query("SELECT amount FROM claims", DAY)], [bank.claims])
    assert sorted(QueryDay.objects.values_list("reader", flat=True)) == ["", "AROABI"]
