"""Crawler runs: the list with the form that starts one, and the page of one."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog.crawler_runs import (
    CrawlerRun,
    CrawlerRunProblem,
    CrawlerRunState,
    get_crawler_run,
    list_startable_crawlers,
    may_request_crawler_run,
    request_crawler_run,
)
from catalog.mirror.models import Table
from catalog.products.may import list_edited_domains
from catalog.registrations.sources import list_source_tables
from fulfilment.timeline import TimelineEvent
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.crawler_runs.forms import CrawlerRunForm
from portal.crawler_runs.lists import CrawlerRunList, CrawlerRunRow
from portal.lists.page import render_list
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.partials import render_polled_page
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.presenters import TimelineStep, build_timeline_step

ADVICE: dict[str, tuple[Promise, Promise]] = {
    CrawlerRunProblem.NOT_ALLOWED: (
        gettext_lazy("Whoever requested the run may no longer start this crawler"),
        gettext_lazy("A data owner or developer of the account's team can start it."),
    ),
    CrawlerRunProblem.DENIED: (
        gettext_lazy("AWS did not allow the portal to start the crawler"),
        gettext_lazy(
            "The account's executor role needs glue:GetCrawler and glue:StartCrawler. Ask a governance admin to update the"
            " account with the current template, then start the crawler again."
        ),
    ),
    CrawlerRunProblem.ABSENT: (
        gettext_lazy("The crawler does not exist"),
        gettext_lazy(
            "The account has no crawler with this name in the catalog's region. The list of crawlers is updated by the next"
            " catalog sync. Choose another crawler."
        ),
    ),
    CrawlerRunProblem.BUSY: (
        gettext_lazy("The crawler was already running"),
        gettext_lazy(
            "Somebody else or its schedule had started it. Wait until it has ended, then start it again."
        ),
    ),
    CrawlerRunProblem.REFUSED: (
        gettext_lazy("AWS did not accept the start"),
        gettext_lazy("Check the crawler's settings in AWS Glue, then start it again."),
    ),
    CrawlerRunProblem.CRAWL_FAILED: (
        gettext_lazy("The crawler failed in AWS"),
        gettext_lazy(
            "Correct what AWS names, then start it again. The log group /aws-glue/crawlers of the account has the details."
        ),
    ),
    CrawlerRunProblem.TOO_LONG: (
        gettext_lazy("The crawler did not end in time"),
        gettext_lazy(
            "The portal no longer follows it. It may still be running: check it in AWS Glue. The next catalog sync after its end"
            " reads its tables."
        ),
    ),
    CrawlerRunProblem.UNREAD: (
        gettext_lazy("The tables could not be read"),
        gettext_lazy(
            "The crawler succeeded, but the portal could not read the catalog afterwards. The next catalog sync tries again."
        ),
    ),
    CrawlerRunProblem.UNEXPECTED: (
        gettext_lazy("The run failed with an unexpected error"),
        gettext_lazy("Start the crawler again. If it fails again, tell a governance admin."),
    ),
}
"""For each problem, a title and what to do."""
OK, UNPROCESSABLE = 200, 422


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def listing(request: HttpRequest) -> HttpResponse:
    """A refused start is shown at the form, above the list."""
    person = get_signed_in_person(request)
    form = CrawlerRunForm(request.POST if request.method == "POST" else None, list_startable_crawlers(person))
    if form.is_bound and form.is_valid() and (run := _start(person, form)):
        messages.success(request, _("Requested. The page shows how far the crawler is."))
        return redirect("crawler-run", run.pk)
    context = {"form": form, "may_start": list_edited_domains(person).exists()}
    status = UNPROCESSABLE if form.is_bound else OK
    return render_list(request, CrawlerRunList, context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Htmx receives the progress, polled until the run has ended."""
    person = get_signed_in_person(request)
    run = get_crawler_run(person, pk)
    title, advice = ADVICE.get(run.problem, ("", ""))
    details = CrawlerRunDetails(
        row=CrawlerRunRow(run),
        title=str(title),
        advice=str(advice),
        tables=tuple(_list_tables(person, run)),
        timeline=tuple(build_timeline_step(event) for event in _list_events(run)),
        may_start=bool(may_request_crawler_run(person, run.catalog)),
    )
    context = {"run": run, "details": details}
    content = (details.row.word, details.timeline)
    return render_polled_page(
        request,
        "portal/crawler_runs/detail.html",
        "progress",
        context,
        content=content,
        should_poll=run.is_open,
    )


def _start(person: Person, form: CrawlerRunForm) -> CrawlerRun | None:
    """None if it is refused."""
    crawler = form.get_crawler()
    try:
        return request_crawler_run(
            acting_user=person, catalog_id=crawler.catalog_id, crawler=crawler.name, now=clock.now()
        )
    except RefusedError as error:
        add_refusal(form, error)
        return None


@dataclass(frozen=True)
class FoundTable:
    """`may_register`: the form of a registration can be filled in from it."""

    table: Table
    is_new: bool
    may_register: bool


@dataclass(frozen=True)
class CrawlerRunDetails:
    row: CrawlerRunRow
    title: str
    advice: str
    tables: tuple[FoundTable, ...]
    timeline: tuple[TimelineStep, ...]
    may_start: bool


def _list_tables(person: Person, run: CrawlerRun) -> Iterator[FoundTable]:
    tables = list(run.tables.all())
    sources = list_source_tables(list_edited_domains(person)).filter(pk__in=[one.pk for one in tables])
    registrable = set(sources.values_list("pk", flat=True))
    for table in sorted(tables, key=lambda one: one.name):
        is_new = run.sent_at is not None and table.glue_created_at >= run.sent_at.isoformat()
        yield FoundTable(table, is_new, table.pk in registrable)


def _list_events(run: CrawlerRun) -> Iterator[TimelineEvent]:
    asked = _("%(name)s requested the run") % {"name": run.requested_by.name}
    yield TimelineEvent(run.requested_at, "asked", asked)
    if run.started_at:
        yield TimelineEvent(run.started_at, "started", _("AWS accepted the start"))
    if run.crawled_at:
        yield TimelineEvent(run.crawled_at, "crawled", _("AWS reported that the crawler succeeded"))
    if run.finished_at and run.state == CrawlerRunState.SUCCEEDED:
        yield TimelineEvent(run.finished_at, "read", _("The portal has read the catalog"))
    elif run.finished_at and run.state == CrawlerRunState.CANCELLED:
        yield TimelineEvent(run.finished_at, "ended", _("Somebody stopped the crawler in AWS"))
    elif run.finished_at:
        yield TimelineEvent(run.finished_at, "ended", _("The run failed"))
