"""Permissions read by SQL say what every row and every intent say, page by page and in numbers."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from fulfilment.intents.actions import create_intent, end_intent, share_scope_key
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts, get_data_catalog, store_permissions
from fulfilment.permissions.catalog_permissions import PermissionStatus
from fulfilment.permissions.queries import (
    PermissionFilter,
    PermissionPage,
    count_by_status,
    iterate_catalog_permissions,
    list_databases,
    load_page,
)
from kernel import clock
from lakeformation.access.base import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import DataCatalog
from tests.bank import Bank, make_bank
from tests.database import as_role, without_triggers
from tests.engine_readings import store_catalog_reading, write_presence
from tests.fulfilment.permissions.random_permissions import make_random_permissions
from tests.fulfilment.permissions.reference_permissions import PermissionTuple, compute_permissions, to_rows

LATER = timedelta(seconds=5)
"""By then some of a world's intents have run out."""


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def read_all_pages(excerpt: PermissionFilter, now: datetime, size: int) -> list[PermissionPage]:
    """All pages from the first to the last."""
    found = [load_page(excerpt, now, size)]
    while found[-1].has_next:
        found.append(load_page(excerpt, now, size, after=found[-1].last_key))
    return found


def list_rows(pages: list[PermissionPage]) -> list[PermissionTuple]:
    return [line for one in pages for line in to_rows(one.permissions)]


@pytest.mark.parametrize("seed", range(30))
def test_it_is_what_the_plain_computation_says(bank: Bank, seed: int) -> None:
    make_random_permissions(bank, random.Random(seed))
    now = clock.now() + LATER
    expected = compute_permissions(bank.catalog, now)
    lines = to_rows(iterate_catalog_permissions(PermissionFilter(bank.catalog), now))
    assert len(lines) == len(set(lines))
    assert set(lines) == expected
    assert [key for _, key, _, _ in lines] == sorted(key for _, key, _, _ in lines)
    numbers = Counter(standing for standing, *_ in expected)
    assert count_by_status(PermissionFilter(bank.catalog), now) == {
        one: numbers[one] for one in PermissionStatus
    }
    assert load_page(PermissionFilter(bank.catalog), now, 3).counts == count_by_status(
        PermissionFilter(bank.catalog), now
    )


@pytest.mark.parametrize("seed", range(30, 40))
def test_pages_leave_out_nothing_and_repeat_nothing_in_both_directions(bank: Bank, seed: int) -> None:
    make_random_permissions(bank, random.Random(seed))
    now = clock.now() + LATER
    pages = read_all_pages(PermissionFilter(bank.catalog), now, 3)
    assert list_rows(pages) == to_rows(iterate_catalog_permissions(PermissionFilter(bank.catalog), now))
    assert [one.has_previous for one in pages] == [False] + [True] * (len(pages) - 1)
    for earlier, later in pairwise(pages):
        assert load_page(PermissionFilter(bank.catalog), now, 3, before=later.first_key) == earlier


@pytest.mark.parametrize("seed", range(40, 50))
def test_filters_leave_the_lines_that_fit(bank: Bank, seed: int) -> None:
    make_random_permissions(bank, random.Random(seed))
    now = clock.now() + LATER
    every = to_rows(iterate_catalog_permissions(PermissionFilter(bank.catalog), now))
    for standing in PermissionStatus:
        asked = PermissionFilter(bank.catalog, frozenset({"gold", ""}), "gold", "ROLE/R1", standing)
        fitting = [
            one for one in every if (one[0], one[1].database, one[1].principal_arn[-2:]) == (standing, "gold", "r1")
        ]  # fmt: skip
        assert list_rows(read_all_pages(asked, now, 2)) == fitting
        assert count_by_status(asked, now)[standing] == len(fitting)
    seen = PermissionFilter(bank.catalog, frozenset({"gold_raw"}))
    assert to_rows(iterate_catalog_permissions(seen, now)) == [
        one for one in every if one[1].database == "gold_raw"
    ]
    assert list_databases(seen, now) == sorted({one[1].database for one in every} & {"gold_raw"})


def test_a_link_whose_removal_was_proven_after_the_last_reading_is_not_unmanaged(bank: Bank) -> None:
    consumer, owner = get_data_catalog(bank.catalog), DataCatalog("999999999999", bank.catalog.region)
    access = TableAccess(
        parties=Parties(bank.role.arn, "AROA", consumer, owner, "lob"),
        database="gold",
        table="claims",
        table_created="",
        columns=ColumnSet.every(),
    )
    ((on_link, every),) = access.list_link_permissions()
    now = clock.now()
    with without_triggers():
        intent = create_intent(
            kind=Intent.Kind.GRANT, scope_key=share_scope_key(bank.catalog.pk, access.consumer), subject="item:1",
            wanted=access.to_json(), effects={}, effects_hash="e" * 64, expires_at=None, now=now,
        )  # fmt: skip
    with as_role("meshmarket_worker"):
        store_permissions(bank.catalog, [on_link.database], {on_link: every}, now=now)
    store_catalog_reading(bank.catalog, CatalogFacts())
    with without_triggers():
        end_intent(intent_id=intent.pk, now=clock.now())
    write_presence(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    assert [
        line.status for line in iterate_catalog_permissions(PermissionFilter(bank.catalog), clock.now())
    ] == [PermissionStatus.ENDING]
    with as_role("meshmarket_worker"):
        ScopeReading.objects.update(read_at=clock.now())
    assert [
        line.status for line in iterate_catalog_permissions(PermissionFilter(bank.catalog), clock.now())
    ] == [PermissionStatus.UNMANAGED]
