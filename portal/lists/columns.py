"""Which columns of a list a person sees."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from identity.people.actions import hide_columns
from portal.lists.declaration import ColumnTable
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.post_fields import get_next_url
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person


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
