"""Registrations: the list, the form, the page of one, and decisions on it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.crawler_runs.queries import list_startable_crawlers
from catalog.mirror.models import Table
from catalog.products.may import list_edited_domains
from catalog.products.models import Domain
from catalog.registrations.actions import (
    approve_registration,
    end_registration,
    except_registration,
    reject_registration,
    request_registration,
    withdraw_registration,
)
from catalog.registrations.may import may_end_registration
from catalog.registrations.models import Registration
from catalog.registrations.queries import get_registration, list_registrations
from catalog.registrations.sources import list_source_tables, read_source
from catalog.registrations.states import RegistrationState
from catalog.registrations.targets import list_engineers, list_governance_catalogs
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError, require_allowed
from portal.crawler_runs.forms import CrawlerRunForm
from portal.pages.decisions import Action, answer_decision
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, add_refusal
from portal.pages.pagination import build_pager, paginate_rows
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.registrations.forms import EndForm, RegistrationForm
from portal.registrations.presenters import build_registration_details, build_registration_row

PAGE_SIZE, MAX_SOURCES = 50, 1000
OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Approved. The table is being created."),
    "reject": gettext_lazy("Rejected. Nothing changes."),
    "except": gettext_lazy("The location is approved. A data owner of the domain decides next."),
    "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    page = paginate_rows(list_registrations(person), PAGE_SIZE, request.GET.get("page"))
    context = {
        "rows": [build_registration_row(one) for one in page],
        "may_request": list_edited_domains(person).exists(),
        "pager": build_pager(page),
    }
    return render(request, "portal/registrations/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    person = get_signed_in_person(request)
    domains = list(list_edited_domains(person))
    if not domains:
        raise NotFoundError
    sources = list(list_source_tables(domains)[:MAX_SOURCES])
    form = _build_form(request, domains, sources)
    if form.is_bound and form.is_valid() and (made := _request(person, form)):
        messages.success(request, _("Sent. A data owner of the domain decides."))
        return redirect("registration", made.pk)
    status = UNPROCESSABLE if form.is_bound else OK
    context = {
        "form": form,
        "sources": sources,
        "source": request.GET.get("source", ""),
        "crawler_form": CrawlerRunForm(None, list_startable_crawlers(person)),
    }
    return render(request, "portal/registrations/new.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject, approve the location, or withdraw; what is refused is shown on the page again."""
    person = get_signed_in_person(request)
    get_registration(person, pk)
    return answer_decision(
        request, "registration", pk, done=DONE, build_actions=partial(_build_actions, person, pk), render=_render_detail,
        fields={"reason": "comment", "effects_hash": ""},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def end(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_registration(person, pk)
    require_allowed(may_end_registration(person, row))
    if row.state != RegistrationState.APPROVED:
        raise NotFoundError
    form = EndForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            words = form.cleaned_data["reason"]
            end_registration(
                acting_user=person, registration_id=pk, reason=words, now=get_request_time(request)
            )
        except RefusedError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Ended. The engineers lose their write access now. The table stays."))
            return redirect("registration", pk)
    context = {"registration": row, "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/end.html", context, status=status)


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_registration(person, pk)
    context = {"registration": row, "details": build_registration_details(person, row), "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/registrations/detail.html", context, status=status)


def _build_form(request: HttpRequest, domains: list[Domain], sources: list[Table]) -> RegistrationForm:
    """Filled in from the table of a producer's catalog that the query string names as `source`."""
    chosen = next((one for one in sources if str(one.pk) == request.GET.get("source")), None)
    engineers = list({one.pk: one for domain in domains for one in list_engineers(domain)}.values())
    return RegistrationForm(
        request.POST or None, domains=domains, catalogs=list_governance_catalogs(), engineers=engineers,
        source=read_source(chosen) if chosen else {},
    )  # fmt: skip


def _request(person: Person, form: RegistrationForm) -> Registration | None:
    """None if the form has errors."""
    try:
        return request_registration(acting_user=person, content=form.build_content(), now=clock.now())
    except RefusedError as error:
        add_refusal(form, error, producer="engineer")
        return None


def _build_actions(person: Person, pk: int, said: Mapping[str, str]) -> Mapping[str, Action]:
    words: dict[str, Any] = {"acting_user": person, "registration_id": pk, "now": clock.now()}
    return {
        "approve": partial(
            approve_registration, **words, comment=said["comment"], effects_hash=said["effects_hash"]
        ),
        "reject": partial(reject_registration, **words, reason=said["comment"]),
        "except": partial(except_registration, **words, comment=said["comment"]),
        "withdraw": partial(withdraw_registration, **words),
    }
