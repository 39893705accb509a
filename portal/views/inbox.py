"""The inbox: what waits for a decision, by risk or by age, found by filters that stand in the address."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from portal.fragments import page_or_fragment
from portal.inbox_shown import address_of, filters, next_url, orders, rows_of, sought_of, tabs
from portal.people import person_of
from requests_app.bulk.looking import open_bulk_of
from requests_app.delegation.holding import passed_on_to
from requests_app.tally import page_of, tally_of


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The page; to htmx the list alone."""
    person, sought = person_of(request), sought_of(request.GET.dict())
    found = page_of(person, sought)
    tally = tally_of(person, sought)
    shown = filters(tally, sought)
    rows = rows_of(found.items, person, sought.whose)
    context = {
        "sought": sought,
        "rows": rows,
        "can_choose": any(row.may_decide for row in rows),
        "decides_for": passed_on_to(person),
        "undoable": open_bulk_of(person),
        "total": tally.total,
        "tabs": tabs(sought),
        "orders": orders(sought),
        "filters": shown,
        "is_filtered": any(one.chosen for one in shown),
        "start_url": address_of(replace(sought, after=None)),
        "next_url": next_url(sought, found),
    }
    return page_or_fragment(request, "portal/inbox.html", "waiting", context)
