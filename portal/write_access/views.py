"""Write access: the list, the form, the page of one request, and decisions on it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.mirror.models import Table
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError, RefusedError, require_allowed
from portal.pages.decisions import Action, answer_decision
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, ReasonForm, add_refusal
from portal.pages.pagination import build_pager
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import get_default_end
from portal.request_form.initial_values import build_end_date_context
from portal.write_access.forms import WriteRequestForm
from portal.write_access.presenters import build_write_request_details, build_write_request_row
from requests_app.write_access.actions import (
    approve_write_request,
    end_write_access,
    reject_write_request,
    request_write_access,
    withdraw_write_request,
)
from requests_app.write_access.may import may_end_write_access
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.queries import get_write_request, list_write_requests
from requests_app.write_access.states import WriteRequestState
from requests_app.write_access.targets import list_writable_tables, list_writers

PAGE_SIZE, MAX_TABLES = 50, 1000
OK, UNPROCESSABLE = 200, 422
DONE = {
    "approve": gettext_lazy("Approved. The role gets its write access now."),
    "reject": gettext_lazy("Rejected. Nothing changes."),
    "withdraw": gettext_lazy("Withdrawn. Nothing changes."),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    page = Paginator(list_write_requests(person), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": [build_write_request_row(one, now) for one in page],
        "may_request": list_writable_tables(person).exists(),
        "pager": build_pager(page),
    }
    return render(request, "portal/write_access/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new(request: HttpRequest) -> HttpResponse:
    """`table` in the query is the one that is chosen already."""
    person, now = get_signed_in_person(request), get_request_time(request)
    tables = _list_tables(person, request.GET.get("table", ""))
    if not tables:
        raise NotFoundError
    form = WriteRequestForm(
        request.POST or None,
        tables=tables,
        writers=list(list_writers(person)),
        initial={"table": request.GET.get("table", ""), "ends_on": get_default_end(now, now)},
    )
    if form.is_bound and form.is_valid() and (made := _request(person, form)):
        messages.success(request, _("Sent. A data owner of the domain decides."))
        return redirect("write-request", made.pk)
    status = UNPROCESSABLE if form.is_bound else OK
    context = {"form": form, **build_end_date_context(now)}
    return render(request, "portal/write_access/new.html", context, status=status)


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_detail(request, pk, DecisionForm())


@require_POST
@return_404_if_hidden
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, reject or withdraw; what is refused is shown on the page again."""
    person = get_signed_in_person(request)
    get_write_request(person, pk)
    return answer_decision(
        request, "write-request", pk, done=DONE, build_actions=partial(_build_actions, person, pk), render=_render_detail,
        fields={"reason": "comment", "effects_hash": ""},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def end(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_write_request(person, pk)
    require_allowed(may_end_write_access(person, row))
    if row.state != WriteRequestState.APPROVED:
        raise NotFoundError
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            words = form.cleaned_data["reason"]
            end_write_access(
                acting_user=person, write_request_id=pk, reason=words, now=get_request_time(request)
            )
        except RefusedError as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("Ended. The role loses its write access now."))
            return redirect("write-request", pk)
    context = {"write_request": row, "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/write_access/end.html", context, status=status)


def _list_tables(person: Person, chosen: str) -> list[Table]:
    """Those to choose from, and the chosen one also where there are more."""
    writable = list_writable_tables(person)
    tables = list(writable[:MAX_TABLES])
    if chosen.isdecimal() and not any(str(one.pk) == chosen for one in tables):
        tables.extend(writable.filter(pk=int(chosen)))
    return tables


def _render_detail(request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
    person = get_signed_in_person(request)
    row = get_write_request(person, pk)
    details = build_write_request_details(person, row, get_request_time(request))
    context = {"write_request": row, "details": details, "form": form}
    status = UNPROCESSABLE if form.is_bound else OK
    return render(request, "portal/write_access/detail.html", context, status=status)


def _request(person: Person, form: WriteRequestForm) -> WriteRequest | None:
    """None if the form has errors."""
    said = form.cleaned_data
    try:
        return request_write_access(
            acting_user=person, table_id=said["table"], principal=form.writers[said["principal"]], verbs=said["verbs"],
            purpose=said["purpose"], ends_at=form.ends_at, now=clock.now(),
        )  # fmt: skip
    except RefusedError as error:
        add_refusal(form, error, ends_at="ends_on")
        return None


def _build_actions(person: Person, pk: int, said: Mapping[str, str]) -> Mapping[str, Action]:
    words: dict[str, Any] = {"acting_user": person, "write_request_id": pk, "now": clock.now()}
    return {
        "approve": partial(
            approve_write_request, **words, comment=said["comment"], effects_hash=said["effects_hash"]
        ),
        "reject": partial(reject_write_request, **words, reason=said["comment"]),
        "withdraw": partial(withdraw_write_request, **words),
    }
