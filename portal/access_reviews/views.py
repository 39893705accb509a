"""Recertification: campaigns, their lines, the word on some of them, and the evidence."""

import csv
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from catalog.products.may import visible_products
from catalog.products.models import Domain
from identity.errors import ForbiddenError, RefusedError
from identity.people.may import teams_as
from identity.people.models import Membership, Person
from lakeformation.values.canonical_json import digest
from portal.access_reviews.forms import AnswerForm, ScopeForm, StartForm
from portal.access_reviews.presenters import SHOWS, LineShown, campaigns_shown, evidence_rows, lines_shown
from portal.pages.forms import ReasonForm
from portal.pages.pagination import pager_of
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import ids_in
from portal.pages.signed_in import person_of
from requests_app.access_reviews.actions import (
    MAX_DECISIONS,
    call_off_campaign,
    keep_lines,
    revoke_lines,
    start_campaign,
)
from requests_app.access_reviews.evidence import build_campaign_evidence, build_line_evidence
from requests_app.access_reviews.may import may_call_off_campaign, may_start_campaign
from requests_app.access_reviews.models import Campaign, CampaignLine
from requests_app.access_reviews.queries import get_campaign, list_campaigns, list_lines
from requests_app.access_reviews.scope import list_scope_grants
from requests_app.access_reviews.states import CampaignState
from requests_app.state_transitions import IllegalTransitionError

A_PAGE = 50
USUAL_TIME = timedelta(days=14)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Campaigns with a line of this person's: those that run first."""
    person = person_of(request)
    rows = list_campaigns(person).order_by("closed_at", "due_at", "pk")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": campaigns_shown(list(page), person, clock.now()),
        "pager": pager_of(page),
        "may_start": _domains(person).exists(),
    }
    return render(request, "portal/access_reviews/list.html", context)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """GET counts what the filters of the address leave. POST starts over exactly what was counted; over other filters it
    counts first.
    """
    person = person_of(request)
    domains = _domains(person)
    if not domains.exists():
        raise Http404
    only = domains.first() if domains.count() == 1 else None
    said = (request.POST or request.GET).copy()
    if only and "domain" not in said:
        said["domain"] = only.slug
    scope = ScopeForm(said, domains=domains, products=visible_products(person))
    only_counts = request.POST.get("do") == "count"
    form = StartForm(initial=request.POST.dict()) if only_counts else StartForm(request.POST or None)
    counted = _counted(person, scope)
    if form.is_bound and form.is_valid() and (campaign := _started(request, scope, form, counted["mark"])):
        return redirect("access-review", campaign.pk)
    context = {"scope": scope, "form": form, **counted, **_proposed(request)}
    return render(request, "portal/access_reviews/start.html", context, status=422 if form.is_bound else 200)


@require_GET
@hides_what_is_not_yours
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Its progress and its lines; which of them are shown is in the address."""
    person, now = person_of(request), clock.now()
    campaign = get_campaign(person, pk)
    show = request.GET.get("show", "waiting")
    lines = _shown(list_lines(person, campaign), show)
    page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
    (shown,) = campaigns_shown([campaign], person, now)
    rows = lines_shown(page, person, now)
    context = {
        "shown": shown,
        "rows": rows,
        "show": show if show in SHOWS else "waiting",
        "pager": pager_of(page, f"show={show}" if show in SHOWS else ""),
        "may_answer": shown.takes_answers and any(row.may_keep or row.may_revoke for row in rows),
        "may_call_off": campaign.state == CampaignState.OPEN
        and bool(may_call_off_campaign(person, campaign)),
    }
    return render(request, "portal/access_reviews/detail.html", context)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """GET counts the `line`s of the address; POST answers exactly those that were shown."""
    person = person_of(request)
    campaign = get_campaign(person, pk)
    form = AnswerForm(request.POST or None)
    if form.is_bound and form.is_valid() and _answered(request, campaign, form):
        return redirect("access-review", pk)
    said = request.POST if form.is_bound else request.GET
    wanted = "revoke" if said.get("answer") == "revoke" else "keep"
    rows = _chosen(request, campaign, wanted)
    context = {
        "campaign": campaign,
        "wanted": wanted,
        "rows": rows,
        "only": rows[0].line.grant if len(rows) == 1 else None,
        "roles": len({row.line.grant.principal_id for row in rows}),
        "people": len({row.line.grant.item.requester_id for row in rows}),
        "lines": ",".join(str(row.line.pk) for row in rows),
        "form": form,
    }
    return render(request, "portal/access_reviews/answer.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    campaign = get_campaign(person, pk)
    if not may_call_off_campaign(person, campaign):
        raise Http404
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            call_off_campaign(acting_user=person, campaign_id=pk, reason=reason, now=clock.now())
        except RefusedError as error:
            form.add_error("reason", error.message)
        except IllegalTransitionError:
            form.add_error(None, _("This access review is already over. Nothing was changed."))
        else:
            messages.success(request, _("Access review cancelled. Grants without a decision continue."))
            return redirect("access-review", pk)
    context = {"campaign": campaign, "form": form}
    return render(request, "portal/access_reviews/cancel.html", context, status=422 if form.is_bound else 200)


@require_GET
@hides_what_is_not_yours
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """`format=csv`: a row for each item, with its event's digest and its link in the chain. Else JSON, with the
    access review's own two events.
    """
    person = person_of(request)
    campaign = get_campaign(person, pk)
    lines = list_lines(person, campaign)
    if request.GET.get("format") == "csv":
        headers = {"Content-Disposition": f'attachment; filename="access-review-{pk}.csv"'}
        answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
        csv.writer(answer).writerows(evidence_rows(lines))
        return answer
    found = {**build_campaign_evidence(campaign), "lines": build_line_evidence(lines)}
    return JsonResponse(
        found, headers={"Content-Disposition": f'attachment; filename="access-review-{pk}.json"'}
    )


def _domains(person: Person) -> QuerySet[Domain]:
    """Those over which the person may start one."""
    if may_start_campaign(person, None):
        return Domain.objects.all()
    return Domain.objects.filter(owner_team__in=teams_as(person, Membership.Role.DATA_OWNER))


def _counted(person: Person, scope: ScopeForm) -> dict[str, Any]:
    """How many grants of how many roles and people fit; `refusal` when it may not be started so."""
    if not scope.is_valid():
        return {"count": 0, "mark": "", "refusal": _("One of the filters does not exist. Choose again.")}
    verdict = may_start_campaign(person, scope.scope.domain)
    grants = (
        list_scope_grants(scope.scope, clock.now())
        if verdict
        else list_scope_grants(scope.scope, clock.now()).none()
    )
    ids = list(grants.values_list("pk", flat=True))
    return {
        "count": len(ids),
        "mark": digest(
            {"scope": {name: str(value) for name, value in scope.cleaned_data.items()}, "grants": ids}
        ),
        "roles": grants.order_by().values("principal").distinct().count(),
        "people": grants.order_by().values("item__requester").distinct().count(),
        "refusal": "" if verdict else verdict.reason,
        "governs": bool(may_start_campaign(person, None)),
    }


def _proposed(request: HttpRequest) -> dict[str, Any]:
    day = timezone.localdate(clock.now() + USUAL_TIME)
    return {
        "due_on": request.POST.get("due_on") or day.isoformat(),
    }


def _started(request: HttpRequest, scope: ScopeForm, form: StartForm, mark: str) -> Campaign | None:
    if not scope.is_valid():
        return None
    if form.cleaned_data["counted"] != mark:
        form.add_error(
            None,
            _(
                "The grants have changed since they were counted. Nothing was started. Check the new number below."
            ),
        )
        return None
    try:
        return start_campaign(
            acting_user=person_of(request), name=form.cleaned_data["name"], scope=scope.scope,
            due_at=form.due_at, key=form.cleaned_data["key"], now=clock.now(),
        )  # fmt: skip
    except RefusedError as error:
        form.say(error, due_at="due_on")
    except ForbiddenError as error:
        form.add_error(None, str(error))
    return None


def _shown(lines: QuerySet[CampaignLine], show: str) -> QuerySet[CampaignLine]:
    found = lines.filter(state__in=SHOWS.get(show, SHOWS["waiting"]))
    return found.order_by("grant__item__product", "grant__table", "pk")


def _chosen(request: HttpRequest, campaign: Campaign, wanted: str) -> list[LineShown]:
    """Those that are meant and that this person may answer so."""
    person, said = person_of(request), request.POST or request.GET
    lines = list_lines(person, campaign)
    if "all" not in said:
        listed = said["lines"].split(",") if "lines" in said else said.getlist("line")
        lines = lines.filter(pk__in=ids_in(listed))
    rows = lines_shown(lines[: 2 * MAX_DECISIONS], person, clock.now())
    fitting = [row for row in rows if (row.may_keep if wanted == "keep" else row.may_revoke)]
    return fitting[:MAX_DECISIONS]


def _answered(request: HttpRequest, campaign: Campaign, form: AnswerForm) -> bool:
    said = form.cleaned_data
    words: dict[str, Any] = {
        "acting_user": person_of(request),
        "campaign_id": campaign.pk,
        "line_ids": ids_in(request.POST.get("lines", "").split(",")),
        "reason": said["reason"],
        "now": clock.now(),
    }
    keeps = said["answer"] == "keep"
    try:
        done = keep_lines(**words, until=form.ends_at) if keeps else revoke_lines(**words)
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    if not done:
        form.add_error(None, _("All of them are already decided. Nothing was changed."))
        return False
    kept = ngettext("One grant is kept.", "%(n)d grants are kept.", len(done))
    ended = ngettext("One grant was revoked.", "%(n)d grants were revoked.", len(done))
    messages.success(request, (kept if keeps else ended) % {"n": len(done)})
    return True
