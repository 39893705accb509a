"""Reads are counted by day, role and person."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.usage.models import LastUse, PersonLastUse, QueryReader, UsageDay
from catalog.usage.recording import TableRead, delete_old_usage, forget_counts, store_reads
from kernel import clock
from tests.bank import Bank
from tests.catalog.usage.samples import count_table_reads
from tests.database import as_role

NINE = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def build_read(bank: Bank, at: datetime = NINE, **changes: Any) -> TableRead:
    facts: dict[str, Any] = {
        "reader": bank.role.unique_id, "account": bank.bi_account.account_id, "database": bank.claims.database.name,
        "table": bank.claims.name, "at": at,
    }  # fmt: skip
    return TableRead(**facts | changes)


def store(bank: Bank, *reads: TableRead, counted_from: datetime = BEGIN) -> None:
    with as_role("meshmarket_worker"):
        store_reads(bank.catalog.pk, reads, counted_from)


def test_reads_of_a_day_add_up(bank: Bank) -> None:
    store(bank, build_read(bank), build_read(bank, NINE + timedelta(hours=14, minutes=59)))
    store(bank, build_read(bank, NINE + timedelta(hours=1)), build_read(bank, NINE + timedelta(hours=15)))
    days = UsageDay.objects.order_by("day").values_list("day", "reads", "reader", "account")
    who = (bank.role.unique_id, bank.bi_account.account_id)
    assert list(days) == [(date(2026, 9, 1), 3, *who), (date(2026, 9, 2), 1, *who)]
    assert LastUse.objects.get().at == NINE + timedelta(hours=15)


def test_an_earlier_read_that_comes_late_changes_no_last_use(bank: Bank) -> None:
    store(bank, build_read(bank))
    store(bank, build_read(bank, NINE - timedelta(hours=2)))
    assert LastUse.objects.get().at == NINE
    assert UsageDay.objects.get().reads == 2


def test_reads_before_the_count_began_are_last_uses_only(bank: Bank) -> None:
    store(bank, build_read(bank), counted_from=NINE + timedelta(seconds=1))
    assert LastUse.objects.get().at == NINE
    assert not UsageDay.objects.exists()


def test_files_that_are_read_again_from_a_day_are_counted_anew(bank: Bank) -> None:
    store(bank, build_read(bank), build_read(bank, NINE - timedelta(days=1)))
    with as_role("meshmarket_worker"):
        forget_counts(bank.catalog.pk, datetime(2026, 9, 1, tzinfo=UTC))
    assert UsageDay.objects.get().day == date(2026, 8, 31)


def test_a_session_named_after_a_member_of_the_accounts_team_is_that_persons_read(bank: Bank) -> None:
    session = bank.ana.email.upper()
    store(
        bank, build_read(bank, session=session), build_read(bank, NINE - timedelta(hours=1), session=session)
    )
    assert (PersonLastUse.objects.get().person, PersonLastUse.objects.get().at) == (bank.ana, NINE)


def test_a_session_named_after_somebody_of_another_team_is_nobodys(bank: Bank) -> None:
    store(bank, build_read(bank, session=bank.sam.email), build_read(bank, session="nobody@else.example"))
    assert not PersonLastUse.objects.exists()


def test_who_ran_a_query_is_known_by_its_id(bank: Bank) -> None:
    query = uuid.uuid4()
    store(bank, build_read(bank, query=query), build_read(bank, query=query, table="policies"))
    assert QueryReader.objects.get(pk=query).reader == bank.role.unique_id


def test_days_older_than_the_limit_are_deleted(bank: Bank) -> None:
    today = clock.now().date()
    count_table_reads(bank.claims, today - timedelta(days=401))
    count_table_reads(bank.claims, today - timedelta(days=399))
    with as_role("meshmarket_worker"):
        delete_old_usage(now=clock.now())
    assert UsageDay.objects.get().day == today - timedelta(days=399)
