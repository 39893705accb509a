"""What AWS refuses ends a run with its case and AWS's own words."""

import json

from catalog.crawler_runs import Crawler, CrawlerRunProblem, CrawlerRunState
from demo.bank.accounts import EXECUTOR_ROLE, INSURANCE, OBSERVER_ROLE
from demo.bank.world import CRAWLED_DATABASE, CRAWLER, CRAWLER_ROLE
from identity.people.models import Person
from mocklake.testing.server import Cloud
from tests.database import as_role
from tests.workers.crawlers.conftest import CrawlerSetup
from workers.sync.runs import sync_catalog


def deny(cloud: Cloud, role: str, action: str) -> None:
    """As an account whose template is an older one."""
    rule = {"Effect": "Deny", "Action": [action], "Resource": ["*"]}
    text = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    iam = cloud.client("iam", INSURANCE)
    iam.put_role_policy(RoleName=role, PolicyName="older", PolicyDocument=text)


def test_a_role_without_the_right_cannot_start_it(setup: CrawlerSetup) -> None:
    deny(setup.cloud, EXECUTOR_ROLE, "glue:StartCrawler")
    run = setup.advance(setup.request())
    assert (run.state, run.problem) == (CrawlerRunState.FAILED, CrawlerRunProblem.DENIED)
    assert "glue:StartCrawler" in run.error


def test_the_right_of_the_requester_is_checked_again_before_the_start(setup: CrawlerSetup) -> None:
    run = setup.request()
    with as_role("none"):
        Person.objects.filter(pk=setup.engineer.pk).update(is_active=False)
    setup.advance(run)
    assert (run.problem, setup.count_crawls()) == (CrawlerRunProblem.NOT_ALLOWED, 0)


def test_an_unknown_crawler_fails(setup: CrawlerSetup) -> None:
    run = setup.advance(setup.request("nightly"))
    assert (run.problem, "nightly" in run.error) == (CrawlerRunProblem.ABSENT, True)


def test_a_crawler_that_somebody_else_started_is_busy(setup: CrawlerSetup) -> None:
    setup.start_crawl_elsewhere()
    run = setup.advance(setup.request())
    assert (run.problem, run.sent_at, setup.count_crawls()) == (CrawlerRunProblem.BUSY, None, 1)


def test_a_failed_crawl_says_what_aws_says(setup: CrawlerSetup) -> None:
    setup.client("lakeformation").revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{INSURANCE}:role/{CRAWLER_ROLE}"},
        Resource={"Database": {"Name": CRAWLED_DATABASE}},
        Permissions=["CREATE_TABLE"],
    )
    run = setup.request()
    setup.advance(run)
    setup.end_crawl()
    assert setup.advance(run).problem == CrawlerRunProblem.CRAWL_FAILED
    assert "AccessDenied" in run.error


def test_a_crawler_that_was_stopped_in_aws_cancels_the_run(setup: CrawlerSetup) -> None:
    run = setup.request()
    setup.advance(run)
    setup.client().stop_crawler(Name=CRAWLER)
    assert setup.advance(run).state == CrawlerRunState.RUNNING
    setup.end_crawl()
    assert setup.advance(run).state == CrawlerRunState.CANCELLED


def test_a_sync_lists_the_crawlers_of_the_account(setup: CrawlerSetup) -> None:
    assert sync_catalog(setup.catalog).outcome == "done"
    crawler = Crawler.objects.get()
    assert (crawler.name, crawler.database) == (CRAWLER, CRAWLED_DATABASE)
    assert crawler.paths == ["s3://harbour-insurance-gold/deliveries/"]
    setup.client().delete_crawler(Name=CRAWLER)
    sync_catalog(setup.catalog)
    assert not Crawler.objects.exists()


def test_a_sync_goes_on_without_the_right_to_list_crawlers(setup: CrawlerSetup) -> None:
    sync_catalog(setup.catalog)
    deny(setup.cloud, OBSERVER_ROLE, "glue:GetCrawlers")
    assert sync_catalog(setup.catalog).outcome == "done"
    assert Crawler.objects.count() == 1
