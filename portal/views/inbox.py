"""The inbox: what waits for a decision."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from audit import clock
from portal.pager import pager_of
from portal.people import person_of
from portal.shown import item_shown
from requests_app.loaders import inbox_of

A_PAGE = 50


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(inbox_of(person_of(request)), A_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    context = {
        "rows": [item_shown(item, now) for item in page],
        "total": page.paginator.count,
        "pager": pager_of(page),
    }
    return render(request, "portal/inbox.html", context)
