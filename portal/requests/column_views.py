"""The columns of a requested item, in pages: lists elsewhere show the first ones."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.mirror.models import ColumnFacts
from kernel.errors import NotFoundError
from portal.pages.column_pages import ColumnQuery, build_column_page
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.queries import ITEM_VISIBILITY_FIELDS, get_visible_item

REST = "rest"


@require_GET
@return_404_if_hidden
def item_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """With `of=rest`, the columns of the table that are not part of the item."""
    rows = RequestItem.objects.select_related(*ITEM_VISIBILITY_FIELDS, "table__database")
    item = get_visible_item(rows, get_signed_in_person(request), pk)
    if item.reaches_many or item.metadata_only:
        raise NotFoundError
    asked, rest = split_columns(item)
    shows_rest = request.GET.get("of") == REST
    context = {
        "item": item,
        "asked_count": len(asked),
        "rest_count": len(rest),
        "shows_rest": shows_rest,
        "columns": build_column_page(
            rest if shows_rest else asked, ColumnQuery.parse(request.GET), lambda column: column.name
        ),
    }
    return render(request, "portal/requests/item_columns.html", context)


def split_columns(item: RequestItem) -> tuple[list[ColumnFacts], list[ColumnFacts]]:
    """Columns of the item's table that are part of it, and the others. Columns that the table no longer has come first."""
    facts = {column.name: column for column in item.table.column_facts}
    if item.whole_table:
        return list(facts.values()), []
    names = frozenset(item.columns)
    gone = [ColumnFacts(name, "", "", False, {}) for name in item.columns if name not in facts]
    asked = [column for column in facts.values() if column.name in names]
    return gone + asked, [column for column in facts.values() if column.name not in names]
