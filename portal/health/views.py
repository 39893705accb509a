"""System health: the page for people, and /healthz for machines."""

import logging
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from fulfilment.health.queries import (
    build_scope_states,
    count_calls_in_last_hour,
    list_incidents,
    list_scopes,
    list_valves,
    read_wall_clock,
)
from fulfilment.observations.reading_age import DETECTION_TARGET
from identity.errors import NotFoundError
from identity.role_changes.queries import get_confirmation_status
from portal.health.background import get_background_health, list_degraded_names
from portal.health.presenters import build_scope_rows
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import build_pager
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.permissions.may import sees_all_permissions

logger = logging.getLogger(__name__)


@login_not_required
@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer, else 200: this process is alive, and starting it anew would mend nothing.
    `degraded` names the background parts that fail or that nobody does, and `audit chain` when it is broken or unwatched.
    """
    try:
        degraded = list_degraded_names()
    except DatabaseError:
        logger.exception("the database does not answer")
        return JsonResponse({"ok": False, "database": False}, status=503)
    return JsonResponse({"ok": True, "database": True, "degraded": degraded})


PAGE_SIZE = 50


@require_GET
@return_404_if_hidden
def system_health(request: HttpRequest) -> HttpResponse:
    if not sees_all_permissions(get_signed_in_person(request)):
        raise NotFoundError
    bare, now = read_wall_clock(), clock.now()
    page = Paginator(list_scopes(now), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "background": get_background_health(),
        "incidents": list_incidents(),
        "rows": build_scope_rows(build_scope_states(list(page), bare, now)),
        "calls": count_calls_in_last_hour(bare),
        "valves": list_valves(),
        "promised_minutes": DETECTION_TARGET // timedelta(minutes=1),
        "pager": build_pager(page),
        "confirming": get_confirmation_status(clock.now()),
    }
    return render(request, "portal/health/detail.html", context)
