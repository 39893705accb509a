"""Who may start a crawler, and in which catalogs."""

from datetime import timedelta

import pytest

from audit.models import Event
from catalog.crawler_runs import Crawler, CrawlerReading, CrawlerRun, postpone_run, request_crawler_run
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests.bank import Bank, make_bank
from tests.crawlers import make_crawler, start_crawler, store
from tests.database import as_role
from tests.registrations import make_engineer_person


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def test_a_developer_of_the_accounts_team_starts_it(bank: Bank) -> None:
    person = make_engineer_person(bank.domain)
    run = start_crawler(person, make_crawler(bank))
    event = Event.objects.get(verb="request_crawler_run")
    assert (event.actor, event.subject) == (f"person:{person.pk}", f"crawler_run:{run.pk}")


def list_strangers(bank: Bank) -> list[Person]:
    return [bank.ana, bank.greta]


def test_others_are_refused_and_nothing_is_written(bank: Bank) -> None:
    crawler = make_crawler(bank)
    for person in list_strangers(bank):
        with pytest.raises(ForbiddenError):
            start_crawler(person, crawler)
    assert not CrawlerRun.objects.exists()
    assert not Event.objects.filter(verb="request_crawler_run").exists()


@pytest.mark.parametrize("change", [{"kind": "governance"}, {"path": "nested"}])
def test_only_the_own_catalog_of_a_producer_account_has_crawlers(bank: Bank, change: dict[str, str]) -> None:
    crawler = make_crawler(bank)
    ConnectedCatalog.objects.filter(pk=crawler.catalog_id).update(**change)
    with pytest.raises(ForbiddenError):
        start_crawler(bank.ines, crawler)


@pytest.mark.parametrize("name", ["", "  ", "x" * 256])
def test_a_name_that_no_crawler_has_is_refused(bank: Bank, name: str) -> None:
    catalog = make_crawler(bank).catalog_id
    with pytest.raises(RefusedError):
        request_crawler_run(acting_user=bank.ines, catalog_id=catalog, crawler=name, now=clock.now())


def test_an_unknown_catalog_is_not_found(bank: Bank) -> None:
    with pytest.raises(NotFoundError):
        request_crawler_run(acting_user=bank.ines, catalog_id=0, crawler="x", now=clock.now())


def test_a_reading_replaces_the_list_of_crawlers(bank: Bank) -> None:
    crawler = make_crawler(bank)
    store([CrawlerReading("other", "db", ["s3://b/"])], crawler.catalog)
    assert list(Crawler.objects.values_list("name", "database")) == [("other", "db")]


def test_an_older_run_is_looked_at_less_often(bank: Bank) -> None:
    run = start_crawler(bank.ines, make_crawler(bank))
    waits = []
    for age in (1, 100, 7200):
        now = run.requested_at + timedelta(seconds=age)
        with as_role("meshmarket_worker"):
            postpone_run(run, now)
        waits.append((run.due_at - now).total_seconds())
    assert waits == [2.0, 10.0, 60.0]
