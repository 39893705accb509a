"""The page of a data product and the page of a table: facts, and what you can do."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from audit import clock
from catalog.browse.products import product_page
from catalog.browse.tables import TableView, successor_of, table_page
from catalog.mirror.select_holders import Holders
from catalog.products.offers.may import offering_domains
from identity.people.models import Person
from portal.access.own_query import own_query
from portal.offers.presenters import offers_shown
from portal.pages.durations import in_words
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.products.presenters import has_it, readers_shown, shares
from portal.products.schema_history import history_entry
from requests_app.grants.models import Grant
from requests_app.grants.queries import find_own_grants, list_product_grants
from requests_app.grants.states import GrantState
from requests_app.permissions.may import may_explain_some
from requests_app.review.summary import compute_expected_wait


@require_GET
@hides_what_is_not_yours
def product(request: HttpRequest, slug: str) -> HttpResponse:
    person = person_of(request)
    page = product_page(person, slug)
    first = page.tables[0] if page.tables else None
    context = {
        "page": page,
        "product": page.row,
        "shares": shares(page.counts),
        "total_columns": sum(len(table.columns) for table in page.tables),
        "wait": in_words(compute_expected_wait(page.domain)),
        "grants": list_product_grants(person, page.row).filter(state=GrantState.LIVE).count(),
        "query": own_query(person, [table.row for table in page.tables], clock.now()),
        "offers": offers_shown(page.row, [table.row for table in page.tables]),
        "makes_offers": bool(offering_domains(person, page.row)),
        "tables": _with_grants(person, page.tables),
        **_readers(page.holders, first.row.database.catalog.account.name if first else ""),
        "mirrored_at": max((table.row.mirrored_at for table in page.tables), default=None),
    }
    return render(request, "portal/products/product.html", context)


@require_GET
@hides_what_is_not_yours
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """A renamed table leads to its new name; `old` in the address keeps one at what it was."""
    person = person_of(request)
    page = table_page(person, pk)
    row = page.table.row
    successor = successor_of(person, row)
    if successor and "old" not in request.GET:
        return redirect("table", successor.pk)
    context = {
        "page": page,
        "table": page.table,
        "path": (row.database.catalog.short_name, row.database.name, row.name),
        "tags": sorted(row.tags.items()),
        "shares": shares(page.table.counts),
        "query": own_query(person, [row], clock.now()),
        **_readers(page.holders, row.database.catalog.account.name),
        "grant": find_own_grants(person, [row]).get(row.pk),
        "asks_why": not page.table.is_gone and may_explain_some(person, row),
        "history": [history_entry(change) for change in page.history],
        "successor": successor,
    }
    return render(request, "portal/products/table.html", context)


def _readers(holders: Holders, account: str) -> dict[str, object]:
    now = clock.now()
    return {"readers": readers_shown(holders, account, now), "has_it": has_it(holders, now)}


def _with_grants(person: Person, tables: Sequence[TableView]) -> list[tuple[TableView, Grant | None]]:
    had = find_own_grants(person, [table.row for table in tables])
    return [(table, had.get(table.pk)) for table in tables]
