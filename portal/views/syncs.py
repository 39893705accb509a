"""How the catalogs are read: what runs, what waits for a person, what could not be read; for stewards and admins."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.actions import drop_sync, request_sync, resume_sync
from catalog.errors import NotFoundError
from catalog.models import SyncRun
from catalog.syncs import catalogs_for, databases_of, run_page, runs_for
from identity.errors import RefusedError
from portal.fragments import page_or_fragment
from portal.ids import id_in
from portal.pager import pager_of
from portal.people import person_of
from portal.typed import line_in
from portal.views.refusals import hides_what_is_not_yours

A_PAGE = 25
KINDS = {
    SyncRun.Outcome.RUNNING: "blue",
    SyncRun.Outcome.DONE: "green",
    SyncRun.Outcome.FAILED: "red",
    SyncRun.Outcome.PAUSED: "amber",
    SyncRun.Outcome.DROPPED: "grey",
}


@require_GET
@hides_what_is_not_yours
def listing(request: HttpRequest) -> HttpResponse:
    """Every catalog and all runs; to htmx the catalogs alone, which are asked for again while one is read."""
    person = person_of(request)
    syncs = catalogs_for(person, clock.now())
    page = Paginator(runs_for(person), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "syncs": [{"sync": sync, **_chip(sync.run)} for sync in syncs],
        "runs": [{"run": run, **_chip(run)} for run in page],
        "pager": pager_of(page),
        "is_busy": any(sync.is_busy for sync in syncs),
    }
    return page_or_fragment(request, "portal/syncs.html", "catalogs", context)


@require_GET
@hides_what_is_not_yours
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    page = run_page(person_of(request), pk, clock.now())
    context = {"page": page, "run": page.run, "databases": databases_of(page.run.catalog), **_chip(page.run)}
    return render(request, "portal/sync.html", context)


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
    messages.success(request, _("Asked for. The workers read it next."))
    return redirect("sync", run.pk)


@require_POST
@hides_what_is_not_yours
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    run = resume_sync(acting_user=person_of(request), run_id=pk, now=clock.now())
    messages.success(
        request, _("It goes on: the catalog is read again, and what is gone becomes a tombstone.")
    )
    return redirect("sync", run.pk)


@require_POST
@hides_what_is_not_yours
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    run = drop_sync(acting_user=person_of(request), run_id=pk, now=clock.now())
    messages.success(request, _("Dropped. The mirror stays as it is."))
    return redirect("sync", run.pk)


def _chip(run: SyncRun | None) -> dict[str, Any]:
    """The state of a run, as a kind and a word."""
    if run is None:
        return {"kind": "grey", "word": _("not read yet")}
    if run.outcome == SyncRun.Outcome.RUNNING and run.started_at is None:
        return {"kind": "grey", "word": _("waits for a worker")}
    words = {
        SyncRun.Outcome.RUNNING: _("being read"),
        SyncRun.Outcome.DONE: _("read"),
        SyncRun.Outcome.FAILED: _("failed"),
        SyncRun.Outcome.PAUSED: _("waits for you"),
        SyncRun.Outcome.DROPPED: _("dropped"),
    }
    outcome = SyncRun.Outcome(run.outcome)
    return {"kind": KINDS[outcome], "word": words[outcome]}
