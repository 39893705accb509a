"""How the catalogs are read: what runs, what waits for a person, what could not be read; for stewards and admins."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.sync.actions import drop_sync, request_sync, resume_sync
from catalog.sync.queries import catalogs_for, databases_of, run_page, runs_for
from identity.errors import NotFoundError, RefusedError
from portal.pages.pagination import pager_of
from portal.pages.partials import page_or_fragment
from portal.pages.post_fields import line_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of
from portal.sync.presenters import CatalogShown, catalog_state, run_state, runs_shown
from requests_app.display_states.rules import REQUEST_RULES

A_PAGE = 25


@require_GET
@hides_what_is_not_yours
def listing(request: HttpRequest) -> HttpResponse:
    """Every catalog and all runs; to htmx the catalogs alone, which are asked for again while one is read."""
    person = person_of(request)
    now = clock.now()
    syncs = [CatalogShown(sync, catalog_state(sync, now)) for sync in catalogs_for(person, now)]
    page = Paginator(runs_for(person), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "syncs": sorted(syncs, key=lambda shown: REQUEST_RULES.index(shown.state.state)),
        "runs": runs_shown(page),
        "pager": pager_of(page),
        "is_busy": any(shown.sync.is_busy for shown in syncs),
    }
    return page_or_fragment(request, "portal/sync/list.html", "catalogs", context)


@require_GET
@hides_what_is_not_yours
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; to htmx what the run read so far, which asks for itself again while the run is not over."""
    page = run_page(person_of(request), pk, clock.now())
    run = page.run
    context = {
        "page": page,
        "run": run,
        "databases": databases_of(run.catalog),
        "state": run_state(run, len(page.problems)),
        "is_over": run.finished_at is not None,
    }
    return page_or_fragment(request, "portal/sync/run.html", "seen", context)


@require_POST
@hides_what_is_not_yours
def ask(request: HttpRequest) -> HttpResponse:
    """Sync now: a catalog, or one database of it."""
    catalog = id_in(request.POST.get("catalog", ""))
    if catalog is None:
        raise NotFoundError
    try:
        database = line_in(request, "database")
    except RefusedError as error:
        raise NotFoundError from error
    run = request_sync(acting_user=person_of(request), catalog_id=catalog, database=database, now=clock.now())
    messages.success(request, _("Sync requested. A worker starts it next."))
    return redirect("sync-run", run.pk)


@require_POST
@hides_what_is_not_yours
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    run = resume_sync(acting_user=person_of(request), run_id=pk, now=clock.now())
    messages.success(
        request, _("The run continues: the catalog is read again, and missing tables are marked as removed.")
    )
    return redirect("sync-run", run.pk)


@require_POST
@hides_what_is_not_yours
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    run = drop_sync(acting_user=person_of(request), run_id=pk, now=clock.now())
    messages.success(request, _("Run cancelled. The portal's copy stays as it is."))
    return redirect("sync-run", run.pk)
