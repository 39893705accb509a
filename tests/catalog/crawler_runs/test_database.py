"""What the database refuses of a crawler run, and what its roles may write."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from catalog.crawler_runs import CrawlerRun, CrawlerRunState
from kernel import clock
from tests.bank import Bank, make_bank
from tests.crawlers import make_crawler, start_crawler
from tests.database import as_role


@pytest.fixture
def run(db: None) -> CrawlerRun:
    bank: Bank = make_bank()
    return start_crawler(bank.ines, make_crawler(bank))


@pytest.mark.parametrize(
    "change",
    [
        {"state": CrawlerRunState.RUNNING},
        {"state": CrawlerRunState.SUCCEEDED},
        {"state": CrawlerRunState.FAILED},
        {"problem": "busy"},
        {"finished_at": "now"},
        {"crawled_at": "now"},
        {"started_at": "now"},
    ],
)
def test_no_state_without_what_belongs_to_it(run: CrawlerRun, change: dict[str, Any]) -> None:
    values = {name: clock.now() if value == "now" else value for name, value in change.items()}
    with as_role("meshmarket_worker"), pytest.raises(IntegrityError), transaction.atomic():
        CrawlerRun.objects.filter(pk=run.pk).update(**values)


def test_one_run_of_a_crawler_is_open(run: CrawlerRun) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CrawlerRun.objects.create(
            catalog=run.catalog, crawler=run.crawler, requested_by=run.requested_by, requested_at=clock.now(),
            due_at=clock.now(),
        )  # fmt: skip


def test_the_web_changes_no_run(run: CrawlerRun) -> None:
    with as_role("meshmarket_web"), pytest.raises(ProgrammingError), transaction.atomic():
        CrawlerRun.objects.filter(pk=run.pk).update(error="x")


def test_the_worker_changes_nothing_that_was_requested(run: CrawlerRun) -> None:
    with as_role("meshmarket_worker"), pytest.raises(ProgrammingError), transaction.atomic():
        CrawlerRun.objects.filter(pk=run.pk).update(crawler="another")
