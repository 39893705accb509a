"""Crawlers that a person may start, and runs that they may see."""

from django.db.models import QuerySet

from catalog.crawler_runs.may import crawlable_catalogs, visible_crawler_runs
from catalog.crawler_runs.models import Crawler, CrawlerRun
from catalog.mirror.models import Table
from identity.people.models import Person
from kernel.errors import NotFoundError

CRAWLER_PARAMETER = "UPDATED_BY_CRAWLER"
"""A Glue crawler writes its name to this parameter of each table that it makes or updates."""


def list_startable_crawlers(person: Person) -> QuerySet[Crawler]:
    """By catalog and name."""
    rows = Crawler.objects.filter(catalog__in=crawlable_catalogs(person))
    return rows.select_related("catalog__account").order_by("catalog__short_name", "name")


def list_crawler_runs(person: Person) -> QuerySet[CrawlerRun]:
    """Newest first, with all that a list shows."""
    return (
        visible_crawler_runs(person)
        .select_related("catalog__account__team", "requested_by", "sync_run")
        .prefetch_related("tables__database")
        .order_by("-pk")
    )


def get_crawler_run(person: Person, pk: int) -> CrawlerRun:
    """NotFoundError for whoever may not see it."""
    found = list_crawler_runs(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_crawled_tables(run: CrawlerRun) -> QuerySet[Table]:
    """Tables in the mirror that the run's crawler wrote, by name."""
    parameter = {f"parameters__{CRAWLER_PARAMETER}": run.crawler}
    return Table.objects.filter(
        database__catalog=run.catalog_id,
        database__name=run.database,
        database__tombstoned_at=None,
        tombstoned_at=None,
        **parameter,
    ).order_by("name")
