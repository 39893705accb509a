"""Asking for a whole database: today's tables by name, or every table, those yet to come too."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from portal.pages.signed_in import person_of
from portal.request_form.forms import DatabaseForm, ManyForm
from portal.request_form.many_tables_views import Many, ask_for_many
from portal.request_form.offer import version_named
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.database_requests import submit_database_request
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_database_request
from requests_app.targets.databases import FutureAccess, build_database_target, get_database
from requests_app.targets.recipients import list_recipients


def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """`offer` is the version of an offer."""
    person = person_of(request)
    database, version = get_database(person, pk), version_named(person, request.GET.get("offer", ""))
    found = build_database_target(database, person)

    def submit(form: ManyForm, words: dict[str, Any]) -> AccessRequest:
        later = FutureAccess(form.cleaned_data["later"])
        return submit_database_request(later=later, asker=person, database=database, **words)

    def ahead(words: RequestDraft, form: ManyForm) -> list[RequestPreview]:
        said = form["later"].value()
        later = FutureAccess(said) if said in FutureAccess.values else FutureAccess.COLUMNS
        return preview_database_request(words, found, later, version, form["use"].value() or "")

    readers = [one for one in list_recipients(person) if one.group is None]
    many = Many(found, "portal/request_form/database.html", DatabaseForm, readers, version, submit, ahead)
    return ask_for_many(request, many, {"later": _first(found.refusal, is_offered=version is not None)})


def _first(refusal: str, *, is_offered: bool) -> FutureAccess:
    """The most that an offer gives; without one, what opens no table that nobody has seen."""
    return FutureAccess.TABLES if is_offered and not refusal else FutureAccess.COLUMNS
