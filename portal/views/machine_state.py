"""The state of the machine, for who governs, curates or audits: readings, calls, findings, holds, valves."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from fulfilment.health.queries import bare_now, calls_in_last_hour, incidents, scopes, states_of, valves
from fulfilment.observations.reading_age import PROMISED
from identity.errors import NotFoundError
from identity.role_changes.queries import confirming_at
from portal.pager import pager_of
from portal.people import person_of
from portal.scopes_shown import scopes_shown
from portal.system_health import background_health
from portal.views.refusals import hides_what_is_not_yours
from requests_app.permissions.may import sees_whole_ledger

A_PAGE = 50


@require_GET
@hides_what_is_not_yours
def state(request: HttpRequest) -> HttpResponse:
    if not sees_whole_ledger(person_of(request)):
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
    return render(request, "portal/machine.html", context)
