"""The page of a declared list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.lists.declaration import Column, EmptyState, FilterInput, ListPage
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.pagination import Pager, build_pager
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
PAGE, BEFORE, SORT = "page", "before", "sort"


@dataclass(frozen=True)
class Head:
    """`direction` is that of `aria-sort`; `url` sorts by the column."""

    column: Column
    url: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Cell:
    column: Column
    template: str
    value: Any


@dataclass(frozen=True)
class Line:
    row: Any
    cells: Sequence[Cell]


@dataclass(frozen=True)
class BarInput:
    declared: FilterInput
    value: str
    options: Sequence[tuple[str, Any]]
    errors: Sequence[str]


@dataclass(frozen=True)
class ShownList:
    """One page of a list as the template draws it."""

    declared: ListPage
    heads: Sequence[Head]
    lines: Sequence[Line]
    inputs: Sequence[BarInput]
    total: int | None
    pager: Pager | None
    newest_url: str
    older_url: str
    empty: EmptyState
    export_url: str
    other_errors: Sequence[str]

    @property
    def rows(self) -> list[Any]:
        return [line.row for line in self.lines]


def make_list_view(declared: type[ListPage]) -> Callable[..., HttpResponse]:
    """The view of a page that is nothing but the list."""

    @require_GET
    @return_404_if_hidden
    def listing(request: HttpRequest) -> HttpResponse:
        return render_list(request, declared)

    return listing


def render_list(
    request: HttpRequest,
    declared: type[ListPage],
    context: Mapping[str, Any] | None = None,
    *,
    status: int = OK,
) -> HttpResponse:
    """`context` is what the list's template shows besides."""
    listed, is_valid = build_list(request, declared(get_signed_in_person(request), get_request_time(request)))
    shown = {"listed": listed, "rows": listed.rows, "pager": listed.pager, **(context or {})}
    return render(request, declared.template, shown, status=status if is_valid else UNPROCESSABLE)


def build_list(request: HttpRequest, declared: ListPage) -> tuple[ShownList, bool]:
    """The page that the address asks for, and whether the address is valid."""
    query, rows = read_list_query(request.GET, declared), declared.list_rows()
    form = declared.filters(query, rows).form
    form.is_valid()
    # 0 for what is no id.
    before = parse_id(query.get(BEFORE, "")) or 0 if declared.is_keyed and BEFORE in query else None
    is_valid = not declared.is_strict or not (form.errors or before == 0)
    valid = _without(query, *form.errors)
    rows = declared.filters.apply(rows, valid)
    said, order = query.get(SORT, ""), tuple[str, ...]()
    if column := declared.sorts.get(said.removeprefix("-")):
        order = (f"{'-' * said.startswith('-')}{column}", "pk")
        rows = rows.order_by(*order)
    page: Page[Any] | None = None
    has_more = False
    if not is_valid:
        found: list[Any] = []
    elif declared.is_keyed:
        found = list((rows.filter(pk__lt=before) if before else rows)[: declared.page_size + 1])
        has_more, found = len(found) > declared.page_size, found[: declared.page_size]
    else:
        page = Paginator(rows, declared.page_size).get_page(query.get(PAGE))
        found = list(page)
    built = declared.build_rows(found)
    first = _without(query, PAGE, BEFORE)
    is_filtered = bool(_without(first, SORT)) or bool(before)
    listed = ShownList(
        declared=declared,
        heads=[build_head(column, declared, first, order) for column in declared.columns],
        lines=[
            Line(
                row,
                [Cell(one, one.name_cell(declared.cells), one.get_value(row)) for one in declared.columns],
            )
            for row in built
        ],
        inputs=[
            BarInput(
                one, query.get(one.name, ""), one.options(declared.person), form.errors.get(one.name, ())
            )
            for one in declared.inputs
        ],
        total=page.paginator.count if page else None,
        pager=build_pager(page, first.urlencode()) if page else None,
        newest_url=f"?{first.urlencode()}" if before else "",
        older_url=_build_url(first, BEFORE, found[-1].pk) if has_more else "",
        empty=declared.get_empty_state(is_filtered=is_filtered, is_valid=is_valid),
        export_url=declared.build_export_url(_without(valid, PAGE, BEFORE).urlencode()) if built else "",
        other_errors=[str(declared.invalid_before)] if before == 0 else [],
    )
    return listed, is_valid


def read_list_query(said: QueryDict, declared: ListPage) -> QueryDict:
    """The parameters that the list knows and that say something, under their own names."""
    known = {*declared.filters.base_filters, PAGE, BEFORE, SORT}
    query = QueryDict(mutable=True)
    for name, values in said.lists():
        own = declared.aliases.get(name, name)
        if own in known and any(values):
            query.setlist(own, [value for value in values if value])
    return query


def _without(query: QueryDict, *names: str) -> QueryDict:
    left = query.copy()
    for name in names:
        left.pop(name, None)
    return left


def _build_url(query: QueryDict, name: str, value: object) -> str:
    asked = query.copy()
    asked[name] = str(value)
    return f"?{asked.urlencode()}"


def build_head(column: Column, declared: ListPage, query: QueryDict, order: tuple[str, ...]) -> Head:
    if not column.sort:
        return Head(column)
    by = declared.sorts[column.sort]
    if order[:1] == (by,):
        return Head(column, _build_url(query, SORT, f"-{column.sort}"), "ascending")
    return Head(
        column, _build_url(query, SORT, column.sort), "descending" if order[:1] == (f"-{by}",) else ""
    )
