"""Request a whole database: its current tables, or future tables as well."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import DatabaseForm, ManyTablesForm
from portal.request_form.many_tables_views import ManyTablesRequest, process_many_tables_form
from portal.request_form.offer import get_offer_version
from requests_app.access_requests.models import AccessRequest
from requests_app.submission.database_requests import submit_for_future_access
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_database_request
from requests_app.targets.databases import FutureAccess, build_database_target, get_database
from requests_app.targets.recipients import list_recipients


def request_database(request: HttpRequest, pk: int) -> HttpResponse:
    """`offer` is the id of an offer version."""
    person = get_signed_in_person(request)
    database, version = get_database(person, pk), get_offer_version(person, request.GET.get("offer", ""))
    found = build_database_target(database, person)

    def submit(form: ManyTablesForm, words: dict[str, Any]) -> AccessRequest:
        later = FutureAccess(form.cleaned_data["later"])
        return submit_for_future_access(future_access=later, requester=person, database=database, **words)

    def ahead(words: RequestDraft, form: ManyTablesForm) -> list[RequestPreview]:
        said = form["later"].value()
        later = FutureAccess(said) if said in FutureAccess.values else FutureAccess.COLUMNS
        return preview_database_request(words, found, later, version, form["use"].value() or "")

    readers = [one for one in list_recipients(person) if one.group is None]
    many = ManyTablesRequest(
        found, "portal/request_form/database.html", DatabaseForm, readers, version, submit, ahead
    )
    return process_many_tables_form(
        request, many, {"later": _get_default_access(found.refusal, is_offered=version is not None)}
    )


def _get_default_access(refusal: str, *, is_offered: bool) -> FutureAccess:
    """Future tables under an offer, otherwise current tables only."""
    return FutureAccess.TABLES if is_offered and not refusal else FutureAccess.COLUMNS
