"""A crawler run on the pretend AWS: started once, followed to its end, and its tables read into the mirror."""

from datetime import timedelta

import pytest

from audit.models import Event
from background.task_table import TaskName
from catalog.crawler_runs import CrawlerRun, CrawlerRunProblem, CrawlerRunState
from catalog.sync.models import SyncRun
from demo.bank.world import CRAWLED_DATABASE
from kernel import clock
from tests.workers.crawlers.conftest import CrawlerSetup
from workers.aws import glue
from workers.dispatch.loop import list_due


class KilledError(Exception):
    """As if the worker ended there."""


def test_a_run_starts_the_crawler_and_finds_its_tables(setup: CrawlerSetup) -> None:
    run = setup.request()
    assert list_due(TaskName.FOLLOW_CRAWLER) == [run.pk]
    assert setup.advance(run).state == CrawlerRunState.RUNNING
    assert list_due(TaskName.FOLLOW_CRAWLER) == []
    assert (setup.advance(run).state, run.crawled_at) == (CrawlerRunState.RUNNING, None)
    setup.end_crawl()
    assert setup.advance(run).crawled_at is not None
    assert setup.advance(run).state == CrawlerRunState.RUNNING
    setup.read_catalog()
    assert setup.advance(run).state == CrawlerRunState.SUCCEEDED
    assert [str(one) for one in run.tables.order_by("name")] == [
        f"{CRAWLED_DATABASE}.flood_zones",
        f"{CRAWLED_DATABASE}.hail_events",
    ]
    event = Event.objects.get(verb="finish_crawler_run")
    assert (event.subject, event.data["people"], event.data["count"]) == (run.subject, [setup.engineer.pk], 2)


def test_a_second_run_reads_the_crawlers_database_alone(setup: CrawlerSetup) -> None:
    for _repeat in range(2):
        run = setup.request()
        setup.advance(run)
        setup.end_crawl()
        setup.advance(run)
        setup.read_catalog()
        assert (setup.advance(run).state, run.tables.count()) == (CrawlerRunState.SUCCEEDED, 2)
    assert list(SyncRun.objects.order_by("pk").values_list("database", flat=True)) == ["", CRAWLED_DATABASE]


def test_a_worker_killed_after_the_start_does_not_start_it_twice(
    setup: CrawlerSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, start = setup.request(), glue.start_crawler

    def start_and_die(glue: object, name: str) -> None:
        start(glue, name)
        raise KilledError

    monkeypatch.setattr(glue, "start_crawler", start_and_die)
    with pytest.raises(KilledError):
        setup.advance(run)
    monkeypatch.undo()
    assert setup.advance(run).state == CrawlerRunState.RUNNING
    setup.end_crawl()
    assert setup.advance(run).crawled_at is not None
    assert setup.count_crawls() == 1


def test_a_crawl_that_ended_before_the_next_worker_looked_counts(
    setup: CrawlerSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, start = setup.request(), glue.start_crawler

    def start_and_die(glue: object, name: str) -> None:
        start(glue, name)
        raise KilledError

    monkeypatch.setattr(glue, "start_crawler", start_and_die)
    with pytest.raises(KilledError):
        setup.advance(run)
    monkeypatch.undo()
    setup.end_crawl()
    assert setup.advance(run).crawled_at is not None
    assert setup.count_crawls() == 1


def test_a_start_that_never_reached_aws_is_sent_again_after_its_time(
    setup: CrawlerSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = setup.request()

    def die(glue: object, name: str) -> None:
        raise KilledError

    monkeypatch.setattr(glue, "start_crawler", die)
    with pytest.raises(KilledError):
        setup.advance(run)
    monkeypatch.undo()
    assert (setup.advance(run).state, setup.count_crawls()) == (CrawlerRunState.REQUESTED, 0)
    CrawlerRun.objects.filter(pk=run.pk).update(sent_at=clock.now() - timedelta(minutes=1))
    assert (setup.advance(run).state, setup.count_crawls()) == (CrawlerRunState.RUNNING, 1)


def test_a_run_without_an_end_fails_at_the_deadline(setup: CrawlerSetup, settings: object) -> None:
    run = setup.request()
    setup.advance(run)
    settings.CRAWLER_DEADLINE = 0.0  # type: ignore[attr-defined]
    assert setup.advance(run).problem == CrawlerRunProblem.TOO_LONG
    event = Event.objects.get(verb="fail_crawler_run")
    assert event.data["reason"] == "it did not end in time"


def test_a_catalog_that_cannot_be_read_fails_the_run(setup: CrawlerSetup) -> None:
    run = setup.request()
    setup.advance(run)
    setup.end_crawl()
    setup.advance(run)
    SyncRun.objects.update(outcome=SyncRun.Outcome.FAILED, error="No answer.", finished_at=clock.now())
    assert (setup.advance(run).problem, run.error) == (CrawlerRunProblem.UNREAD, "No answer.")
