"""Break-glass: consents, taking access under one, the second name, the end, and the review after it."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from catalog.products.models import Domain
from identity.accounts.models import Principal
from identity.errors import ForbiddenError, RefusedError
from identity.people.may import teams_as
from identity.people.models import Membership, Person
from portal.access.presenters import GrantShown, grants_shown, list_told
from portal.break_glass.forms import ConsentForm, TakeForm
from portal.break_glass.presenters import break_glass_state
from portal.pages.effects_diff import diff_of
from portal.pages.forms import ReasonForm
from portal.pages.partials import polled
from portal.pages.post_fields import line_in
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import by_id, id_in, ids_in
from portal.pages.signed_in import person_of
from requests_app.access_requests.models import Item
from requests_app.break_glass.actions import (
    confirm_break_glass,
    end_break_glass,
    give_consent,
    review_break_glass,
    take_break_glass,
    withdraw_consent,
)
from requests_app.break_glass.may import (
    is_confirmable,
    may_confirm_break_glass,
    may_end_break_glass,
    may_review_break_glass,
    may_take_break_glass,
    may_withdraw_consent,
)
from requests_app.break_glass.models import BreakGlass, StandingConsent
from requests_app.break_glass.queries import (
    get_consent,
    get_session,
    list_consents,
    list_session_items,
    list_sessions,
)
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.vocabulary import Lifecycle
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState
from requests_app.review.approval_hash import compute_approval_hash
from requests_app.state_transitions import IllegalTransitionError
from requests_app.targets.access import compute_effects

MOST_SHOWN = 50
USUAL_DAYS = timedelta(days=180)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What was taken, the newest first, and the consents that the person sees."""
    person, now = person_of(request), clock.now()
    consents = list_consents(person).prefetch_related("covered__table__database")[:MOST_SHOWN]
    context = {
        "taken": _taken_rows(person, now),
        "consents": [_consent_row(person, consent, now) for consent in consents],
        "domains": _domains(person),
    }
    return render(request, "portal/break_glass/list.html", context)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def new_consent(request: HttpRequest) -> HttpResponse:
    """A consent for one of your domains, `domain` in the query by its slug."""
    person = person_of(request)
    domain = _domains(person).filter(slug=request.GET.get("domain", "")[:MOST_SHOWN]).first()
    if domain is None:
        raise Http404
    form = ConsentForm(request.POST or None, domain=domain)
    if form.is_bound and form.is_valid() and _given(person, domain, form):
        messages.success(request, _("Consent given. The people it names can see it here."))
        return redirect("break-glass")
    context = {
        "domain": domain,
        "form": form,
        "picked": set(ids_in(map(str, form["tables"].value() or ()))),
        "people": Person.objects.filter(is_active=True).exclude(pk=person.pk).order_by("name"),
        "principals": _principals(),
        "until": timezone.localdate(clock.now() + USUAL_DAYS).isoformat(),
    }
    return render(
        request, "portal/break_glass/give_consent.html", context, status=422 if form.is_bound else 200
    )


@require_POST
@hides_what_is_not_yours
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    withdraw_consent(acting_user=person_of(request), consent_id=pk, now=clock.now())
    messages.success(request, _("Consent revoked. Nobody can open access with it any more."))
    return redirect("break-glass")


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def new_session(request: HttpRequest) -> HttpResponse:
    """What the consent covers, for how long and why; `consent` in the query by its id."""
    person, now = person_of(request), clock.now()
    consent = get_consent(person, id_in(request.GET.get("consent", "")) or 0)
    verdict = may_take_break_glass(person, consent, now)
    form = TakeForm(request.POST or None)
    if form.is_bound and form.is_valid() and (taken := _taken(person, consent, form)):
        return redirect("break-glass-session", taken.pk)
    context = {
        "consent": consent,
        "covered": consent.covered.select_related("table__database").order_by("table"),
        "verdict": verdict,
        "form": form,
    }
    return render(request, "portal/break_glass/take.html", context, status=422 if form.is_bound else 200)


@require_GET
@hides_what_is_not_yours
def session(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


@require_POST
@hides_what_is_not_yours
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second name, on the effects that the page showed."""
    shown = by_id(request.POST.getlist("item"), request.POST.getlist("effects_hash"))
    return _done(
        request, pk, _("Confirmed. The workers apply it now, and the data owners are notified."),
        lambda: confirm_break_glass(
            acting_user=person_of(request), break_glass_id=pk, shown=shown, now=clock.now()
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: a reason may be given, and is said where it is not."""
    unsaid = _("Ended on the break-glass page.")
    return _done(
        request, pk, _("Access ended. The workers remove the permission from AWS now and verify that it is gone."),
        lambda: end_break_glass(
            acting_user=person_of(request), break_glass_id=pk,
            reason=line_in(request, "reason").strip() or unsaid, now=clock.now(),
        ),
    )  # fmt: skip


@require_POST
@hides_what_is_not_yours
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return _done(
        request, pk, _("Review closed."),
        lambda: review_break_glass(
            acting_user=person_of(request), break_glass_id=pk, words=line_in(request, "reason"), now=clock.now()
        ),
        ReasonForm(request.POST),
    )  # fmt: skip


def _done(
    request: HttpRequest, pk: int, words: str, deed: Callable[[], object], form: forms.Form | None = None
) -> HttpResponse:
    """Back to the page; what was refused says why there."""
    try:
        deed()
    except (RefusedError, EffectsChangedError) as error:
        return _page(request, pk, str(error), form)
    except IllegalTransitionError:
        return _page(request, pk, _("Someone else acted first. Check the current state."), form)
    messages.success(request, words)
    return redirect("break-glass-session", pk)


def _page(request: HttpRequest, pk: int, refusal: str = "", form: forms.Form | None = None) -> HttpResponse:
    person, now = person_of(request), clock.now()
    taken = get_session(person, pk)
    waits = is_confirmable(taken, now)
    may_confirm = waits and bool(may_confirm_break_glass(person, taken, now))
    live = Grant.objects.filter(
        item__request=taken.request_id, state=GrantState.LIVE, ends_at__gt=now
    ).exists()
    confirmed = taken.state == BreakGlassState.CONFIRMED
    grants = _grants(taken, person)
    context: dict[str, Any] = {
        "taken": taken,
        "waits": waits,
        "live": live,
        "state": break_glass_state(taken, grants, now),
        "refusal": refusal,
        "form": form or ReasonForm(),
        "items": _items(taken),
        "grants": grants,
        "may_confirm": may_confirm,
        "may_end": live and bool(may_end_break_glass(person, taken)),
        "may_review": confirmed and not live and bool(may_review_break_glass(person, taken)),
    }
    if refusal:
        return render(request, "portal/break_glass/detail.html", context, status=422)
    shown, is_moving = list_told(grants), any(row.is_moving for row in grants)
    return polled(
        request, "portal/break_glass/detail.html", "opened", context, shown=shown, is_moving=is_moving
    )


def _items(taken: BreakGlass) -> list[dict[str, Any]]:
    items = list_session_items(taken).prefetch_related("table__columns")
    if taken.state != BreakGlassState.ASKED:
        return [{"item": item} for item in items]
    return [_item_shown(item) for item in items]


def _item_shown(item: Item) -> dict[str, Any]:
    effects = compute_effects(item)
    words = {
        "effects": effects,
        "effects_hash": compute_approval_hash(item, effects),
        "accounts": diff_of(effects, item),
    }
    return {"item": item, **words}


def _taken_rows(person: Person, now: datetime) -> list[dict[str, Any]]:
    """With the state of each; the grants of those that are live are read in one query."""
    rows = list(list_sessions(person)[:MOST_SHOWN])
    live = Grant.objects.filter(item__request__in=[row.request_id for row in rows], state=GrantState.LIVE)
    grants = defaultdict(list)
    for shown in grants_shown(live.select_related(*GRANT_RELATED_FIELDS).order_by("pk"), person, now):
        grants[shown.grant.item.request_id].append(shown)
    return [{"row": row, "state": break_glass_state(row, grants[row.request_id], now)} for row in rows]


def _grants(taken: BreakGlass, person: Person) -> list[GrantShown]:
    grants = (
        Grant.objects.filter(item__request=taken.request_id)
        .select_related(*GRANT_RELATED_FIELDS)
        .order_by("pk")
    )
    return grants_shown(grants, person, clock.now())


def _consent_row(person: Person, consent: StandingConsent, now: datetime) -> dict[str, Any]:
    return {
        "consent": consent,
        "tables": [covered.table for covered in consent.covered.all()],
        "lifecycle": _lifecycle(consent, now),
        "may_take": bool(may_take_break_glass(person, consent, now)),
        "may_withdraw": consent.withdrawn_at is None and bool(may_withdraw_consent(person, consent)),
    }


def _lifecycle(consent: StandingConsent, now: datetime) -> Lifecycle:
    if consent.withdrawn_at is not None:
        return Lifecycle.REVOKED
    return Lifecycle.EXPIRED if consent.until <= now else Lifecycle.ACTIVE


def _domains(person: Person) -> QuerySet[Domain]:
    return Domain.objects.filter(owner_team__in=teams_as(person, Membership.Role.DATA_OWNER)).order_by("name")


def _principals() -> QuerySet[Principal]:
    rows = Principal.objects.filter(gone_at=None, is_portal=False, account__is_consumer=True).exclude(
        arn__regex=r"^\d+$"
    )
    return rows.select_related("account__team").order_by("account__name", "name")


def _given(person: Person, domain: Domain, form: ConsentForm) -> StandingConsent | None:
    try:
        return give_consent(acting_user=person, domain=domain, **form.words, now=clock.now())
    except RefusedError as error:
        form.say(error)
    return None


def _taken(person: Person, consent: StandingConsent, form: TakeForm) -> BreakGlass | None:
    try:
        return take_break_glass(
            acting_user=person, consent_id=consent.pk, **form.cleaned_data, now=clock.now()
        )
    except RefusedError as error:
        form.say(error, purpose="reason")
    except ForbiddenError as error:
        form.add_error(None, str(error))
    return None
