"""The bank with its crawler, as new for each test file, and Emre, who may start it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from catalog.crawler_runs import CrawlerRun, request_crawler_run
from catalog.sync.models import SyncRun
from demo.bank.accounts import INSURANCE, REINSURANCE_REGION
from demo.bank.world import CRAWLER
from demo.seed.accounts import seed_accounts
from demo.seed.people import find_person, seed_people
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from mocklake.testing.server import Cloud
from tests.database import as_role
from tests.worker_cloud import use_cloud
from workers.crawlers import advance_run
from workers.sync.runs import run_requested_sync


@dataclass
class CrawlerSetup:
    cloud: Cloud
    catalog: ConnectedCatalog
    engineer: Person

    def request(self, crawler: str = CRAWLER) -> CrawlerRun:
        with as_role("meshmarket_web"):
            return request_crawler_run(
                acting_user=self.engineer, catalog_id=self.catalog.pk, crawler=crawler, now=clock.now()
            )

    def advance(self, run: CrawlerRun) -> CrawlerRun:
        """One pass of a worker."""
        advance_run(run.pk)
        run.refresh_from_db()
        return run

    def client(self, service: str = "glue") -> Any:
        return self.cloud.client(service, INSURANCE, region=REINSURANCE_REGION)

    def end_crawl(self) -> None:
        """Let the pretend AWS's clock reach the crawl's end."""
        self._move_clock(60)

    def start_crawl_elsewhere(self) -> None:
        """A crawl that no request started, and that lasts half a minute longer than usual."""
        self.client().start_crawler(Name=CRAWLER)
        self._move_clock(-30)

    def _move_clock(self, seconds: int) -> None:
        offset = self.cloud.control("clock")["offset_seconds"]
        self.cloud.control("clock", {"offset_seconds": offset + seconds})

    def count_crawls(self) -> int:
        """An empty page may have a successor."""
        found, asked = 0, {"CrawlerName": CRAWLER}
        while True:
            page = self.client().list_crawls(**asked)
            found += len(page["Crawls"])
            if "NextToken" not in page:
                return found
            asked["NextToken"] = page["NextToken"]

    def read_catalog(self) -> None:
        for run in SyncRun.objects.filter(outcome=SyncRun.Outcome.RUNNING):
            run_requested_sync(run.pk)


@pytest.fixture
def cloud(cloud: Cloud) -> Iterator[Cloud]:
    cloud.control("reset", method="POST")
    with use_cloud(cloud):
        yield cloud
    cloud.control("reset", method="POST")


@pytest.fixture
def setup(db: None, cloud: Cloud, settings: Any) -> Iterator[CrawlerSetup]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SHORT_TRANSACTION, settings.CALL_DEADLINE, settings.SETTLE = 0.0, 3.0, 0.0
    with as_role("meshmarket_owner"):
        seed_people("a password for tests")
        seed_accounts()
    catalog = ConnectedCatalog.objects.select_related("account").get(short_name="ins-euw1")
    with as_role("meshmarket_worker"):
        yield CrawlerSetup(cloud, catalog, find_person("emre.aydin"))
