"""A ledger read by SQL says what every row and every intent say, page by page and in numbers."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from audit import clock
from fulfilment.intents.actions import end, share_scope_key, want
from fulfilment.intents.models import Intent
from fulfilment.ledger.lines import Standing
from fulfilment.ledger.queries import Excerpt, Page, counts, databases_in, every_line, page
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.scope_facts import CatalogFacts
from fulfilment.observations.storage import store
from lakeformation.access.access import Access
from lakeformation.values.column_sets import ColumnSet
from tests.bank import Bank, make_bank
from tests.database import as_role, without_triggers
from tests.evidence import read_catalog, see
from tests.fulfilment.ledger.random_permissions import populate
from tests.fulfilment.ledger.reference_ledger import Told, as_told, whole_ledger

LATER = timedelta(seconds=5)
"""By then some of a world's intents have run out."""


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def turned(excerpt: Excerpt, now: datetime, size: int) -> list[Page]:
    """All pages from the first to the last."""
    found = [page(excerpt, now, size)]
    while found[-1].more_after:
        found.append(page(excerpt, now, size, after=found[-1].last))
    return found


def lines_in(pages: list[Page]) -> list[Told]:
    return [line for one in pages for line in as_told(one.lines)]


@pytest.mark.parametrize("seed", range(30))
def test_it_is_what_the_plain_computation_says(bank: Bank, seed: int) -> None:
    populate(bank, random.Random(seed))
    now = clock.now() + LATER
    expected = whole_ledger(bank.catalog, now)
    lines = as_told(every_line(Excerpt(bank.catalog), now))
    assert len(lines) == len(set(lines))
    assert set(lines) == expected
    assert [key for _, key, _, _ in lines] == sorted(key for _, key, _, _ in lines)
    numbers = Counter(standing for standing, *_ in expected)
    assert counts(Excerpt(bank.catalog), now) == {one: numbers[one] for one in Standing}
    assert page(Excerpt(bank.catalog), now, 3).counts == counts(Excerpt(bank.catalog), now)


@pytest.mark.parametrize("seed", range(30, 40))
def test_pages_leave_out_nothing_and_repeat_nothing_in_both_directions(bank: Bank, seed: int) -> None:
    populate(bank, random.Random(seed))
    now = clock.now() + LATER
    pages = turned(Excerpt(bank.catalog), now, 3)
    assert lines_in(pages) == as_told(every_line(Excerpt(bank.catalog), now))
    assert [one.more_before for one in pages] == [False] + [True] * (len(pages) - 1)
    for earlier, later in pairwise(pages):
        assert page(Excerpt(bank.catalog), now, 3, before=later.first) == earlier


@pytest.mark.parametrize("seed", range(40, 50))
def test_filters_leave_the_lines_that_fit(bank: Bank, seed: int) -> None:
    populate(bank, random.Random(seed))
    now = clock.now() + LATER
    every = as_told(every_line(Excerpt(bank.catalog), now))
    for standing in Standing:
        asked = Excerpt(bank.catalog, frozenset({"gold", ""}), "gold", "ROLE/R1", standing)
        fitting = [
            one for one in every if (one[0], one[1].database, one[1].principal_arn[-2:]) == (standing, "gold", "r1")
        ]  # fmt: skip
        assert lines_in(turned(asked, now, 2)) == fitting
        assert counts(asked, now)[standing] == len(fitting)
    seen = Excerpt(bank.catalog, frozenset({"gold_raw"}))
    assert as_told(every_line(seen, now)) == [one for one in every if one[1].database == "gold_raw"]
    assert databases_in(seen, now) == sorted({one[1].database for one in every} & {"gold_raw"})


def test_a_link_whose_removal_was_proven_after_the_last_reading_is_not_unmanaged(bank: Bank) -> None:
    access = Access(
        bank.role.arn, "AROA", bank.catalog.account.account_id, bank.catalog.region, "999999999999",
        bank.catalog.region, "lob", "gold", "claims", "", ColumnSet.every(),
    )  # fmt: skip
    ((on_link, every),) = access.on_landing()
    now = clock.now()
    with without_triggers():
        intent = want(
            kind=Intent.Kind.GRANT, scope_key=share_scope_key(bank.catalog.pk, access.consumer), subject="item:1",
            wanted=access.to_json(), effects={}, effects_hash="e" * 64, expires_at=None, now=now,
        )  # fmt: skip
    with as_role("meshmarket_worker"):
        store(bank.catalog, [on_link.database], {on_link: every}, now=now)
    read_catalog(bank.catalog, CatalogFacts())
    with without_triggers():
        end(intent_id=intent.pk, now=clock.now())
    see(intent, Intent.Presence.ABSENT, catalog=bank.catalog, consumer=bank.bi_account)
    assert [line.standing for line in every_line(Excerpt(bank.catalog), clock.now())] == [Standing.ENDING]
    with as_role("meshmarket_worker"):
        ScopeReading.objects.update(read_at=clock.now())
    assert [line.standing for line in every_line(Excerpt(bank.catalog), clock.now())] == [Standing.UNMANAGED]
