"""A ledger read by SQL says what every row and every intent say, page by page and in numbers."""

import random
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from audit import clock
from fulfilment.ledger import Standing
from fulfilment.ledger_reading import Excerpt, Page, counts, databases_in, every_line, page
from tests.bank import Bank, make_bank
from tests.fulfilment.whole_ledger import Told, as_told, whole_ledger
from tests.fulfilment.worlds import populate

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
