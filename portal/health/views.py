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
from fulfilment.health.queries import bare_now, calls_in_last_hour, incidents, scopes, states_of, valves
from fulfilment.observations.reading_age import PROMISED
from identity.errors import NotFoundError
from identity.role_changes.queries import confirming_at
from portal.health.background import background_health, degraded_names
from portal.health.presenters import scopes_shown
from portal.pages.pagination import pager_of
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from requests_app.permissions.may import sees_all_permissions

logger = logging.getLogger(__name__)


@login_not_required
@require_GET
def healthz(_request: HttpRequest) -> JsonResponse:
    """503 when the database does not answer, else 200: this process is alive, and starting it anew would mend nothing.
    `degraded` names the background parts that fail or that nobody does, and `audit chain` when it is broken or unwatched.
    """
    try:
        degraded = degraded_names()
    except DatabaseError:
        logger.exception("the database does not answer")
        return JsonResponse({"ok": False, "database": False}, status=503)
    return JsonResponse({"ok": True, "database": True, "degraded": degraded})


A_PAGE = 50


@require_GET
@hides_what_is_not_yours
def state(request: HttpRequest) -> HttpResponse:
    if not sees_all_permissions(person_of(request)):
        raise NotFoundError
    bare, now = bare_now(), clock.now()
    page = Paginator(scopes(now), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "background": background_health(),
        "incidents": incidents(),
        "rows": scopes_shown(states_of(list(page), bare, now)),
        "calls": calls_in_last_hour(bare),
        "valves": valves(),
        "promised": PROMISED // timedelta(minutes=1),
        "pager": pager_of(page),
        "confirming": confirming_at(clock.now()),
    }
    return render(request, "portal/health/detail.html", context)
