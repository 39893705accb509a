"""`manage.py chaos`, what people do to many at once: refused is what would be refused alone, and both verbs end grants."""

import random
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from kernel.queries import QueryCache
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.grants.models import Grant
from tests import factories
from tests.bank import Bank, make_bank
from tools.chaos.actors import bulk_requests
from tools.chaos.actors.bulk_requests import RequestingPeople, TableRequest
from tools.chaos.scenarios.histories import split_evenly


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def tables(bank: Bank) -> list[Table]:
    more = [factories.make_table(bank.claims.database, f"more_{number}") for number in range(3)]
    return [bank.claims, *more]


def submit_together(bank: Bank, people: RequestingPeople, tables: list[Table], key: str) -> list[RequestItem]:
    wanted = [TableRequest(table, ("claim_id",)) for table in tables]
    return people.submit(
        bank.role, wanted, duration=timedelta(days=30), purpose="Asked for together", key=key
    )


def test_several_tables_make_one_request(bank: Bank, tables: list[Table]) -> None:
    people = RequestingPeople()
    granted = people.approve_all(submit_together(bank, people, tables, "one"))
    assert AccessRequest.objects.count() == 1
    assert sorted(grant.table_id for grant in granted) == sorted(table.pk for table in tables)


def test_what_is_held_already_is_left_out_and_the_rest_is_sent(bank: Bank, tables: list[Table]) -> None:
    people = RequestingPeople()
    people.approve_all(submit_together(bank, people, tables[:2], "one"))
    assert [item.table for item in submit_together(bank, people, tables, "two")] == tables[2:]
    people.approve_all(list(RequestItem.objects.filter(state="submitted")))
    assert submit_together(bank, people, tables, "three") == []
    assert submit_together(bank, people, tables[:1], "four") == []


def test_what_became_other_since_it_was_looked_at_is_looked_at_anew(bank: Bank, tables: list[Table]) -> None:
    people, looked_at = RequestingPeople(), QueryCache()
    item, other = submit_together(bank, people, tables[:2], "one")
    people.approve(other, looked_at)
    factories.make_column(bank.claims, "came_later", 9)
    assert people.approve(item, looked_at).table == bank.claims


@pytest.mark.parametrize(("alone", "verb"), [(1.0, "revoke_grant"), (0.0, "revoke_grants")])
def test_grants_end_by_a_word_each_or_by_one_of_all(
    bank: Bank, tables: list[Table], monkeypatch: pytest.MonkeyPatch, alone: float, verb: str
) -> None:
    people = RequestingPeople()
    used = Mock(wraps=getattr(bulk_requests, verb))
    monkeypatch.setattr(bulk_requests, verb, used)
    monkeypatch.setattr(bulk_requests, "SINGLE_SHARE", alone)
    people.revoke_some(
        people.approve_all(submit_together(bank, people, tables, "one")), "Enough", random.Random(1)
    )
    assert set(Grant.objects.values_list("state", flat=True)) == {"revoked"}
    assert used.call_count == (len(tables) if alone else 1)


def test_who_decides_is_asked_for_once(bank: Bank, tables: list[Table]) -> None:
    people = RequestingPeople()
    items = submit_together(bank, people, tables, "one")
    with CaptureQueriesContext(connection) as caught:
        found = {people.find_decider(item) for item in items}
    assert (found, len(caught)) == ({bank.ines}, 1)


@pytest.mark.parametrize(
    ("wanted", "at_once", "each"), [(4, 4, [4]), (10, 4, [3, 3, 4]), (2500, 558, [500] * 5)]
)
def test_histories_are_shared_out_over_generations(wanted: int, at_once: int, each: list[int]) -> None:
    assert split_evenly(wanted, at_once) == each
