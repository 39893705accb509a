"""Crawler runs: the list with the form that starts one, and the page of one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from catalog.crawler_runs.actions import request_crawler_run
from catalog.crawler_runs.models import CrawlerRun
from catalog.crawler_runs.queries import get_crawler_run, list_crawler_runs, list_startable_crawlers
from catalog.products.may import list_edited_domains
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from portal.crawler_runs.forms import CrawlerRunForm
from portal.crawler_runs.presenters import CrawlerRunRow, build_crawler_run_details
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.pagination import build_pager
from portal.pages.partials import render_polled_page
from portal.pages.signed_in_person import get_signed_in_person

PAGE_SIZE = 50
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
    page = Paginator(list_crawler_runs(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": [CrawlerRunRow(one) for one in page],
        "form": form,
        "may_start": list_edited_domains(person).exists(),
        "pager": build_pager(page),
    }
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/crawler_runs/list.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Htmx receives the progress, polled until the run has ended."""
    person = get_signed_in_person(request)
    run = get_crawler_run(person, pk)
    details = build_crawler_run_details(person, run)
    context = {"run": run, "details": details}
    content = (details.row.word, details.timeline)
    return render_polled_page(
        request, "portal/crawler_runs/detail.html", "progress", context, content=content, should_poll=run.is_open
    )  # fmt: skip


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
