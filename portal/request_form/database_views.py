"""Requesting a whole database."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from identity.people.models import Person
from portal.api.fields import ChoiceIn, IdIn, optional
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import ManyTablesForm
from portal.request_form.many_tables_views import ManyTablesInput, process_many_tables_form
from portal.request_form.target_input import get_id
from requests_app.targets.databases import DatabaseTarget, FutureAccess, build_database_target, get_database
from requests_app.targets.recipients import list_recipients


class DatabaseForm(ManyTablesForm):
    later = forms.ChoiceField(choices=FutureAccess.choices)

    @property
    def selected_later(self) -> str:
        """Also for invalid forms."""
        return str(self["later"].value())


class DatabaseInput(ManyTablesInput):
    kind = parameter = "database"
    members = {"database": partial(optional, IdIn, help_text="of the kind `database`")}
    item_members = {
        "future_access": partial(
            ChoiceIn,
            FutureAccess.choices,
            help_text="of a database, what comes later of it: `nothing`, `columns` of its tables, or `tables`",
        )
    }
    item_member_message = gettext_lazy("Say of a database, and of nothing else, what comes later of it.")

    def build_target(self, person: Person, item: Mapping[str, Any]) -> DatabaseTarget:
        database = get_database(person, item["target"]["database"])
        return build_database_target(database, person, FutureAccess(item["future_access"]))

    def render_form(self, request: HttpRequest) -> HttpResponse:
        person = get_signed_in_person(request)
        target = build_database_target(get_database(person, get_id(request, self.parameter)), person)
        later = _get_future_access(request, target)
        return process_many_tables_form(
            request,
            replace(target, future_access=later),
            template="portal/request_form/database.html",
            recipients=[recipient for recipient in list_recipients(person) if recipient.group is None],
            form_class=DatabaseForm,
            initial={"later": later},
        )


def _get_future_access(request: HttpRequest, target: DatabaseTarget) -> FutureAccess:
    """As submitted; by default, future tables under an offer, otherwise current tables only."""
    if request.method == "POST":
        said = request.POST.get("later", "")
        return FutureAccess(said) if said in FutureAccess.values else FutureAccess.COLUMNS
    is_offered = bool(request.GET.get("offer")) and not target.refusal
    return FutureAccess.TABLES if is_offered else FutureAccess.COLUMNS
