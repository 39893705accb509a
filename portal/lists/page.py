"""The page of a declared list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from identity.people.may import can_read_everything
from portal.lists.declaration import Column, EmptyState, FilterInput, ListPage
from portal.lists.table import Head, Line, ShownTable, build_table
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.list_scope import ALL, MINE, get_list_scope
from portal.pages.pagination import Pager, build_pager, paginate_rows
from portal.pages.partials import render_polled_page
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
PAGE, BEFORE, SORT, WHOSE = "page", "before", "sort", "whose"


@dataclass(frozen=True)
class BarInput:
    declared: FilterInput
    value: str
    options: Sequence[tuple[str, Any]]
    errors: Sequence[str]


@dataclass(frozen=True)
class ShownList:
    """One page of a list as the template draws it. `tabs` and `scopes` are label, address and whether it is shown."""

    declared: ListPage
    table: ShownTable
    inputs: Sequence[BarInput]
    kept: Sequence[tuple[str, str]]
    """Parameters that the filter bar sends on."""
    tabs: Sequence[tuple[Any, str, bool]]
    scopes: Sequence[tuple[Any, str, bool]]
    total: int | None
    pager: Pager | None
    newest_url: str
    older_url: str
    empty: EmptyState
    export_url: str
    other_errors: Sequence[str]
    is_filtered: bool

    @property
    def lines(self) -> Sequence[Line]:
        return self.table.lines

    @property
    def rows(self) -> list[Any]:
        return [line.row for line in self.lines]


def make_list_view(declared: type[ListPage]) -> Callable[..., HttpResponse]:
    """The view of a page that is nothing but the list."""

    @require_GET
    @return_404_if_hidden
    def listing(request: HttpRequest, /, **ids: Any) -> HttpResponse:
        return render_list(request, declared, **ids)

    return listing


def render_list(
    request: HttpRequest,
    declared: type[ListPage],
    context: Mapping[str, Any] | None = None,
    *,
    status: int = OK,
    **ids: Any,
) -> HttpResponse:
    """`context` is what the list's template shows besides, for pages that are more than the list."""
    opened = declared(get_signed_in_person(request), get_request_time(request), **ids)
    listed, is_valid = build_list(request, opened)
    shown = {
        "listed": listed,
        "rows": listed.rows,
        "pager": listed.pager,
        **opened.build_context(listed.rows),
        **(context or {}),
    }
    if opened.part:
        content, is_moving = opened.describe_progress(listed.rows)
        return render_polled_page(
            request, opened.template, opened.part, shown, content=content, should_poll=is_moving
        )
    return render(request, opened.template, shown, status=status if is_valid else UNPROCESSABLE)


def build_list(request: HttpRequest, opened: ListPage) -> tuple[ShownList, bool]:
    """The page that the address asks for, and whether the address is valid."""
    opened.shows_all = opened.has_scope and get_list_scope(request.GET, opened.person).is_all
    opened.query, opened.tabs = request.GET, opened.list_tabs()
    opened.tab = opened.read_tab(request.GET.get(opened.tab_parameter, opened.get_usual_tab()))
    query, rows = read_list_query(request.GET, opened), cast("Any", opened.list_tab_rows())
    asked = _without(query, opened.tab_parameter) if opened.tab_parameter else query
    form = opened.filters(asked, rows).form
    form.is_valid()
    # 0 for what is no id.
    before = parse_id(query.get(BEFORE, "")) or 0 if opened.is_keyed and BEFORE in query else None
    is_valid = not opened.is_strict or not (form.errors or before == 0)
    options = {one.name: one.list_options(opened) for one in opened.inputs}
    closed = (one.name for one in opened.inputs if one.is_closed)
    unknown = [name for name in closed if query.get(name) not in dict(options[name])]
    valid = _without(asked, *form.errors, *unknown)
    if isinstance(rows, QuerySet):
        rows = opened.filters.apply(rows, valid)
    sort = query.get(SORT, "")
    opened.filtered_rows = rows = opened.sort_rows(rows, sort)
    page: Page[Any] | None = None
    has_more = False
    if not is_valid:
        found: list[Any] = []
    elif opened.is_keyed:
        found = list(opened.begin_after(rows, before)[: opened.page_size + 1])
        has_more, found = len(found) > opened.page_size, found[: opened.page_size]
    else:
        page = paginate_rows(rows, opened.page_size, query.get(PAGE))
        found = list(page)
    built = opened.build_rows(found)
    first = _without(query, PAGE, BEFORE)
    is_filtered = bool(_without(asked, PAGE, BEFORE, SORT, WHOSE)) or bool(before)
    names = {one.name for one in opened.inputs}
    listed = ShownList(
        declared=opened,
        table=build_table(opened, opened.person, built, lambda column: build_head(column, first, sort)),
        inputs=[
            BarInput(
                declared,
                opened.tab if declared.name == opened.tab_parameter else query.get(declared.name, ""),
                options[declared.name],
                form.errors.get(declared.name, ()),
            )
            for declared in opened.inputs
        ],
        kept=[(name, value) for name, values in first.lists() if name not in names for value in values],
        tabs=[
            (label, _build_url(first, opened.tab_parameter, value), value == opened.tab)
            for value, label in opened.tabs.items()
        ],
        scopes=[
            (_("Mine"), _build_url(first, WHOSE, MINE), not opened.shows_all),
            (_("Everyone's"), _build_url(first, WHOSE, ALL), opened.shows_all),
        ]
        if opened.has_scope and can_read_everything(opened.person)
        else [],
        total=page.paginator.count if page is not None else None,
        pager=build_pager(page, first.urlencode()) if page is not None else None,
        newest_url=f"?{first.urlencode()}" if before else "",
        older_url=_build_url(first, BEFORE, found[-1].pk) if has_more else "",
        empty=opened.get_empty_state(is_filtered=is_filtered, is_valid=is_valid),
        export_url=opened.build_export_url(_without(valid, PAGE, BEFORE, SORT).urlencode()) if built else "",
        other_errors=[str(opened.invalid_before)] if before == 0 else [],
        is_filtered=is_filtered,
    )
    return listed, is_valid


def read_list_query(said: QueryDict, opened: ListPage) -> QueryDict:
    """The parameters that the list knows and that say something, under their own names."""
    known = {*opened.filters.base_filters, PAGE, BEFORE, SORT, *([WHOSE] if opened.has_scope else [])}
    if opened.tab_parameter:
        known.add(opened.tab_parameter)
    query = QueryDict(mutable=True)
    for name, values in said.lists():
        own = opened.aliases.get(name, name)
        if own in known and any(values):
            query.setlist(own, [value for value in values if value])
    return query


def _without(query: QueryDict, *names: str) -> QueryDict:
    left = query.copy()
    for name in names:
        left.pop(name, None)
    return left


def _build_url(query: QueryDict, name: str, value: object) -> str:
    asked = _without(query, name)
    if value != "":
        asked[name] = str(value)
    return f"?{asked.urlencode()}"


def build_head(column: Column, query: QueryDict, sort: str) -> Head:
    """A second click sorts the other way round."""
    if not column.sort:
        return Head(column)
    if sort == column.sort:
        return Head(column, _build_url(query, SORT, f"-{column.sort}"), "ascending")
    return Head(
        column, _build_url(query, SORT, column.sort), "descending" if sort == f"-{column.sort}" else ""
    )
