"""The page of a column."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.browse.tables import TablePage, build_table_page
from catalog.glossary.queries import list_links_of_tables
from identity.people.models import Person
from kernel.errors import NotFoundError
from portal.access.own_query import choose_own_query
from portal.pages.column_pages import EVERYTHING, build_column_page
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.product_lifecycle.presenters import build_table_banner, takes_requests
from portal.products.columns import build_column_list, find_readable_columns
from portal.products.schema_history import HistoryEntry, build_history_entry
from portal.products.views import may_request_table
from portal.quality.column_quality import build_column_quality
from portal.usage.presenters import build_column_usage
from requests_app.grants.models import Grant
from requests_app.grants.queries import find_own_grants, list_held_grants, select_queryable_grants


@require_GET
@return_404_if_hidden
def column(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    person = get_signed_in_person(request)
    page = build_table_page(person, pk)
    table = page.table.row
    held = list(list_held_grants(person, [table]))
    own_grants = select_queryable_grants(held, get_request_time(request))
    banner = build_table_banner(page.products, person, get_request_time(request))
    found = list(page.table.row.columns.filter(name=name))
    if not found:
        raise NotFoundError
    columns = build_column_list(
        {figure.name: figure for figure in page.figures},
        list_links_of_tables([page.table.row]),
        find_readable_columns(own_grants, page.table),
        build_column_page(found, EVERYTHING, lambda column: column.name),
    )
    row = columns.rows[0]
    context = {
        "page": page,
        "table": page.table,
        "column": row.row,
        "row": row,
        "own_query": choose_own_query(
            [grant for grant in own_grants if _covers(grant, name)], [page.table.row]
        ),
        "grant": find_own_grants(held, [table]).get(table.pk),
        "statistics": next((figure for figure in page.figures if figure.name == name), None),
        "history": _list_history(page, person, name),
        "quality": build_column_quality(table, name),
        "tags": sorted(row.row.tags.items()),
        "usage": build_column_usage(table, name, get_request_time(request)),
        "banner": banner,
        "takes_requests": takes_requests(banner) and not page.table.is_gone,
        "request_verdict": may_request_table(person, table, page.products),
    }
    return render(request, "portal/products/column.html", context)


def _covers(grant: Grant, name: str) -> bool:
    return not grant.item.columns or name in grant.item.columns


def _list_history(page: TablePage, person: Person, name: str) -> list[HistoryEntry]:
    """Without what concerns other columns."""
    kept = [
        (change, [one for one in change.changes if one["name"] == name and one["what"] != "fact_changed"])
        for change in page.schema_changes
    ]
    return [build_history_entry(change, person, changes) for change, changes in kept if changes]
