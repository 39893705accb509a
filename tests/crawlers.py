"""A crawler in a connected producer account of Insurance, and runs of it, as workers write them."""

from collections.abc import Sequence
from datetime import timedelta

from catalog.crawler_runs import (
    CRAWLER_PARAMETER,
    Crawler,
    CrawlerReading,
    CrawlerRun,
    CrawlerRunProblem,
    fail_run,
    mark_crawled,
    mark_sent,
    mark_started,
    request_crawler_run,
    store_crawlers,
    succeed_run,
)
from catalog.mirror.models import Table
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from tests import factories
from tests.bank import Bank
from tests.database import as_role
from tests.registrations import GOLD, make_producer

CRAWLER, DATABASE = "nightly-claims", "claims_deliveries"


def make_crawler(bank: Bank, name: str = CRAWLER) -> Crawler:
    """In a connected catalog of a new producer account of the domain's team."""
    account = factories.make_account(bank.insurance, name="Insurance deliveries")
    make_producer(account, bank.domain)
    catalog = factories.make_catalog(account)
    ConnectedCatalog.objects.filter(pk=catalog.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    catalog.refresh_from_db()
    store([CrawlerReading(name, DATABASE, [f"{GOLD}deliveries/"])], catalog)
    return Crawler.objects.get(catalog=catalog, name=name)


def store(readings: Sequence[CrawlerReading], catalog: ConnectedCatalog) -> None:
    """As a sync does it."""
    with as_role("meshmarket_worker"):
        store_crawlers(catalog, readings, clock.now())


def start_crawler(person: Person, crawler: Crawler) -> CrawlerRun:
    return request_crawler_run(
        acting_user=person, catalog_id=crawler.catalog_id, crawler=crawler.name, now=clock.now()
    )


def make_crawled_table(crawler: Crawler, name: str = "hail_events") -> Table:
    """As a sync reads it after the crawl."""
    database = factories.make_database(crawler.catalog, None, crawler.database)
    table = factories.make_table(database, name, ["event_id", "region"])
    Table.objects.filter(pk=table.pk).update(
        parameters={CRAWLER_PARAMETER: crawler.name},
        location=f"{GOLD}{name}/",
        data_format="csv",
        glue_created_at=(clock.now() + timedelta(minutes=1)).isoformat(),
    )
    return table


def succeed(run: CrawlerRun) -> CrawlerRun:
    now = clock.now()
    with as_role("meshmarket_worker"):
        mark_sent(run, database=DATABASE, previous_crawl="", now=now)
        mark_started(run, now)
        mark_crawled(run, now)
        succeed_run(run, now)
    return run


def fail(run: CrawlerRun, problem: CrawlerRunProblem, error: str) -> None:
    with as_role("meshmarket_worker"):
        fail_run(run, problem, error, clock.now())


def make_sample_crawler_run(bank: Bank) -> dict[str, int]:
    """One that waits."""
    return {"crawler_run": start_crawler(bank.ines, make_crawler(bank)).pk}
