"""System health: the page for people, and /healthz for machines."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from fulfilment.health import (
    build_scope_states,
    count_calls_in_last_hour,
    list_incidents,
    list_scopes,
    list_valves,
    read_wall_clock,
)
from fulfilment.holds import Valve
from fulfilment.observations.models import DETECTION_TARGET
from identity.role_changes.queries import get_confirmation_status
from kernel.errors import NotFoundError
from portal.health.background import get_background_health, list_degraded_names
from portal.health.presenters import build_scope_rows, list_scope_rows, order_sections
from portal.health.problems import list_problems
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.partials import is_fragment_request, render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.permissions.may import sees_all_permissions

logger = logging.getLogger(__name__)


@login_not_required
@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer, else 200: this process is alive, and starting it anew would mend nothing.
    `degraded` names failing tasks and loops, queues without a worker, `dispatch` and `audit chain`.
    """
    try:
        degraded = list_degraded_names(read_wall_clock())
    except DatabaseError as error:
        return _report_missing_database(error, {"ok": False})
    return JsonResponse({"ok": True, "database": True, "degraded": degraded})


@login_not_required
@require_GET
def healthz_live(_request: HttpRequest) -> JsonResponse:
    """Whether this process answers; the database is not asked."""
    return JsonResponse({"live": True})


@login_not_required
@require_GET
def healthz_ready(_request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer or lacks migrations of this release: requests would fail."""
    try:
        # One query. A database that is ahead, because another release was started, counts as ready.
        applied = MigrationRecorder.Migration.objects.values_list("app", "name")
        unapplied = len(_list_known_migrations() - set(applied))
    except DatabaseError as error:
        return _report_missing_database(error, {"ready": False})
    status = HTTPStatus.SERVICE_UNAVAILABLE if unapplied else HTTPStatus.OK
    values = {"ready": not unapplied, "database": True, "unapplied_migrations": unapplied}
    return JsonResponse(values, status=status)


def _report_missing_database(error: DatabaseError, values: dict[str, bool]) -> JsonResponse:
    logger.error("the database does not answer", exc_info=error)
    return JsonResponse({**values, "database": False}, status=HTTPStatus.SERVICE_UNAVAILABLE)


PAGE_SIZE = 50


@require_GET
@return_404_if_hidden
def system_health(request: HttpRequest) -> HttpResponse:
    if not sees_all_permissions(get_signed_in_person(request)):
        raise NotFoundError
    health, valves = get_background_health(read_wall_clock()), list(list_valves())
    context = {
        "health": health,
        "sections": order_sections(health),
        "problems": list_problems(health, valves, list_scope_rows(get_request_time(request), health.now)),
    }
    if not is_fragment_request(request):
        context |= _build_aws_context(request, valves, health.now)
    return render_polled_page(
        request, "portal/health/detail.html", "background", context, content=health.now, should_poll=True
    )


def _build_aws_context(request: HttpRequest, valves: Iterable[Valve], wall_clock: datetime) -> dict[str, Any]:
    """What is not polled."""
    now = get_request_time(request)
    page = Paginator(list_scopes(now), PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "incidents": list_incidents(),
        "rows": build_scope_rows(build_scope_states(list(page), wall_clock, now)),
        "calls": count_calls_in_last_hour(wall_clock),
        "valves": valves,
        "promised_minutes": DETECTION_TARGET // timedelta(minutes=1),
        "pager": build_pager(page),
        "confirming": get_confirmation_status(now),
    }


@cache
def _list_known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations)
