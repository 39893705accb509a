"""Crawler runs over the API."""

from catalog.crawler_runs import CrawlerRun
from tests.bank import Bank
from tests.crawlers import CRAWLER, make_crawled_table, make_crawler, start_crawler, succeed
from tests.portal.api.calls import read, send


def test_a_run_is_started_and_read(bank: Bank) -> None:
    crawler = make_crawler(bank)
    body = {"catalog": crawler.catalog.short_name, "crawler": CRAWLER}
    answer = send(bank.ines, "crawler-runs", body)
    assert answer.status_code == 202
    made = answer.json()
    assert (made["state"], made["crawler"], made["problem"], made["tables"]) == (
        "requested",
        CRAWLER,
        None,
        [],
    )
    make_crawled_table(crawler)
    succeed(CrawlerRun.objects.get())
    run = read(bank.ivo, f"crawler-runs/{made['id']}")
    assert (run["state"], [one["name"] for one in run["tables"]]) == ("succeeded", ["hail_events"])
    listed = read(bank.ines, "crawler-runs", state="succeeded")["results"]
    assert [one["id"] for one in listed] == [made["id"]]


def test_an_unknown_catalog_is_not_found(bank: Bank) -> None:
    answer = send(bank.ines, "crawler-runs", {"catalog": "nowhere", "crawler": CRAWLER})
    assert answer.status_code == 404


def test_who_is_not_of_the_team_is_told_who_may(bank: Bank) -> None:
    body = {"catalog": make_crawler(bank).catalog.short_name, "crawler": CRAWLER}
    answer = send(bank.ana, "crawler-runs", body)
    assert (answer.status_code, CrawlerRun.objects.count()) == (403, 0)
    assert "Only data owners and developers of" in answer.json()["detail"]


def test_another_teams_run_is_not_found(bank: Bank) -> None:
    run = start_crawler(bank.ines, make_crawler(bank))
    assert read(bank.ana, f"crawler-runs/{run.pk}")["status"] == 404
