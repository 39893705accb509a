"""What a table of declared columns shows a person: heads, lines of cells, and the columns that they may hide, by the form below it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.people.actions import hide_columns
from identity.people.models import Person
from portal.lists.declaration import Column, ColumnTable
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.post_fields import get_next_url
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


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
class ShownTable:
    """`choices` are the columns that the person may hide, each with whether it is shown."""

    declared: ColumnTable
    heads: Sequence[Head]
    lines: Sequence[Line]
    choices: Sequence[tuple[Column, bool]]


def build_table(
    declared: ColumnTable,
    person: Person,
    rows: Iterable[Any],
    build_head: Callable[[Column], Head] = Head,
) -> ShownTable:
    columns = declared.list_shown_columns(person)
    return ShownTable(
        declared=declared,
        heads=[build_head(column) for column in columns],
        lines=[
            Line(
                row,
                [Cell(column, column.name_cell(declared.cells), column.get_value(row)) for column in columns],
            )
            for row in rows
        ],
        choices=[(column, column in columns) for column in declared.list_choosable_columns()],
    )


class ColumnForm(forms.Form):
    """The columns to show, of those that may be hidden; none shows all."""

    column = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy("This list has no column “%(value)s”."),
            "invalid_list": gettext_lazy("Choose columns of this list."),
        },
    )

    def __init__(self, data: Any, table: type[ColumnTable]) -> None:
        super().__init__(data)
        self.names = [column.name for column in table.list_choosable_columns()]
        field = self.fields["column"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(name, name) for name in self.names]

    @property
    def hidden(self) -> list[str]:
        shown = self.cleaned_data["column"]
        return [name for name in self.names if name not in shown] if shown else []


@require_POST
@return_404_if_hidden
def choose_columns(request: HttpRequest, route: str) -> HttpResponse:
    """Back to the list with the chosen columns."""
    table = next((table for table in list_tables() if table.route == route), None)
    if table is None or not table.list_choosable_columns():
        raise Http404
    form = ColumnForm(request.POST, table)
    if form.is_valid():
        hide_columns(
            acting_user=get_signed_in_person(request),
            list_name=route,
            columns=form.hidden,
            now=get_request_time(request),
        )
    else:
        messages.error(request, str(form.errors["column"][0]))
    return redirect(get_next_url(request) or "home")


def list_tables(base: type[ColumnTable] = ColumnTable) -> Iterator[type[ColumnTable]]:
    """Every declared table."""
    for table in base.__subclasses__():
        yield table
        yield from list_tables(table)


urlpatterns = [path("lists/<slug:route>/columns/", choose_columns, name="list-columns")]
