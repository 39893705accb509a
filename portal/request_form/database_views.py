"""Request a whole database: its current tables, or future tables as well."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import DatabaseForm
from portal.request_form.many_tables_views import process_many_tables_form
from requests_app.targets.databases import (
    DatabaseTarget,
    FutureAccess,
    build_database_target,
    get_database,
)
from requests_app.targets.recipients import list_recipients


def request_database(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    target = build_database_target(get_database(person, pk), person)
    later = _get_future_access(request, target)
    return process_many_tables_form(
        request,
        replace(target, future_access=later),
        template="portal/request_form/database.html",
        recipients=[one for one in list_recipients(person) if one.group is None],
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
