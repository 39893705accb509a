"""Break-glass: consents, and sessions with confirmation, end and review."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.mirror.models import Table
from catalog.products.may import list_owned_domains
from catalog.products.models import Domain
from identity.accounts import Principal
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from kernel.queries import limit_rows
from portal.access.presenters import GrantRow, build_grant_rows, list_polled_values
from portal.break_glass.presenters import build_session_items, get_consent_lifecycle, get_session_state
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import CODE, DateInput, KeyedForm, ReasonForm, get_end_of_day
from portal.pages.partials import render_polled_page
from portal.pages.places import place_page
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import map_by_id, parse_id, parse_ids
from portal.pages.signed_in_person import get_signed_in_person
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.break_glass.actions import (
    confirm_break_glass_session,
    end_break_glass_session,
    give_consent,
    open_break_glass_session,
    review_break_glass_session,
    revoke_consent,
)
from requests_app.break_glass.may import (
    is_confirmable,
    may_confirm_break_glass_session,
    may_end_break_glass_session,
    may_open_break_glass_session,
    may_review_break_glass_session,
    may_revoke_consent,
)
from requests_app.break_glass.models import MAX_HOURS, BreakGlassConsent, BreakGlassSession
from requests_app.break_glass.queries import (
    get_consent,
    get_session,
    list_consents,
    list_session_grants,
    list_sessions,
)
from requests_app.break_glass.states import BreakGlassState
from requests_app.display_states.vocabulary import DisplayState
from requests_app.errors import EffectsChangedError
from requests_app.grants.states import GrantState

MAX_ROWS = 50
DEFAULT_CONSENT_DURATION = timedelta(days=180)


class ConsentForm(KeyedForm):
    """Tables of the domain. `columns` has a line for each table that is only partly covered."""

    max_text_length = MAX_TEXT_LENGTH

    named_person = forms.ModelChoiceField(
        Person.objects.filter(is_active=True),
        label=gettext_lazy("Who can open access"),
        help_text=gettext_lazy("a member of the role's team"),
        empty_label=gettext_lazy("choose"),
        error_messages={"required": gettext_lazy("Choose who can open access.")},
    )
    second_person = forms.ModelChoiceField(
        Person.objects.filter(is_active=True),
        label=gettext_lazy("Who confirms"),
        help_text=gettext_lazy("another member of the role's team"),
        empty_label=gettext_lazy("choose"),
        error_messages={"required": gettext_lazy("Choose who confirms.")},
    )
    principal = forms.ModelChoiceField(
        Principal.objects.filter(gone_at=None, is_portal=False),
        label=gettext_lazy("Role that reads the data"),
        empty_label=gettext_lazy("choose"),
        error_messages={"required": gettext_lazy("Choose the role that reads the data.")},
    )
    tables = forms.ModelMultipleChoiceField(
        Table.objects.none(), error_messages={"required": gettext_lazy("Choose at least one table.")}
    )
    columns = forms.CharField(
        label=gettext_lazy("Only some columns"),
        help_text=gettext_lazy("one line per table; for a table without a line, all columns"),
        widget=forms.Textarea(
            attrs={
                **CODE,
                "rows": 2,
                "placeholder": "insurance_gold.claims: claim_id, amount",
            }
        ),
        required=False,
    )
    max_hours = forms.IntegerField(
        label=gettext_lazy("Maximum hours per session"), min_value=1, max_value=MAX_HOURS, initial=4
    )
    expires_at = forms.DateField(
        label=gettext_lazy("Consent valid until"),
        widget=DateInput(),
        error_messages={
            "required": gettext_lazy("Choose the last day."),
            "invalid": gettext_lazy("Enter a valid date."),
        },
    )
    reason = forms.CharField(error_messages={"required": gettext_lazy("Say what the consent is for.")})

    def __init__(
        self,
        *args: Any,
        domain: Domain,
        people: Iterable[Person],
        principals: Iterable[Principal],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choose = ("", _("choose"))
        names = [choose, *((person.pk, person.name) for person in people)]
        roles = [
            (principal.pk, f"{principal.name}, {principal.account.name} ({principal.account.team.name})")
            for principal in principals
        ]
        for name, choices in (
            ("named_person", names),
            ("second_person", names),
            ("principal", [choose, *roles]),
        ):
            self.fields[name].widget.choices = choices
        field = self.fields["tables"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        mine = Table.objects.filter(database__domain=domain, tombstoned_at=None)
        field.queryset = mine.select_related("database").order_by("database__name", "name")

    def clean_columns(self) -> dict[int, list[str]]:
        """By the table's id."""
        chosen = {str(table): table.pk for table in self.cleaned_data.get("tables", ())}
        found = {}
        for line in filter(str.strip, self.cleaned_data["columns"].splitlines()):
            table, colon, names = (part.strip() for part in line.partition(":"))
            if not colon or table not in chosen:
                words = gettext_lazy("“%(line)s” does not start with one of the selected tables and a colon.")
                raise forms.ValidationError(words % {"line": line.strip()})
            found[chosen[table]] = [name.strip() for name in names.split(",") if name.strip()]
        return found

    @property
    def arguments(self) -> dict[str, Any]:
        cleaned_data = dict(self.cleaned_data)
        expires_at: datetime = get_end_of_day(cleaned_data.pop("expires_at"))
        return {**cleaned_data, "tables": list(cleaned_data["tables"]), "expires_at": expires_at}


class OpenSessionForm(KeyedForm):
    max_text_length = MAX_TEXT_LENGTH

    hours = forms.IntegerField(label=gettext_lazy("Hours"), min_value=1, max_value=MAX_HOURS, initial=1)
    reason = forms.CharField(error_messages={"required": gettext_lazy("Say in one sentence what happened.")})


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Sessions, newest first, and visible consents."""
    person, now = get_signed_in_person(request), get_request_time(request)
    consents = list_consents(person).prefetch_related("covered__table__database")[:MAX_ROWS]
    rows = list(limit_rows(list_sessions(person), MAX_ROWS))
    live = list_session_grants(*rows).filter(state=GrantState.LIVE)
    grants = defaultdict(list)
    for shown in build_grant_rows(live, person, now):
        grants[shown.grant.item.request_id].append(shown)
    sessions = [{"row": row, "state": _get_state(row, grants[row.request_id], now)} for row in rows]
    context = {
        "sessions": sessions,
        "consents": [_build_consent_row(person, consent, now) for consent in consents],
        "domains": list_owned_domains(person).order_by("name"),
    }
    return render(request, "portal/break_glass/list.html", context)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new_consent(request: HttpRequest) -> HttpResponse:
    """A consent for one of your domains, `domain` in the query by its slug."""
    person = get_signed_in_person(request)
    domain = list_owned_domains(person).filter(slug=request.GET.get("domain", "")).first()
    if domain is None:
        raise Http404
    roles = Principal.objects.filter(gone_at=None, is_portal=False, account__is_consumer=True)
    roles = roles.exclude(arn__regex=r"^\d+$")
    until = timezone.localdate(get_request_time(request) + DEFAULT_CONSENT_DURATION)
    form = ConsentForm(
        request.POST or None,
        initial={"expires_at": until},
        domain=domain,
        people=Person.objects.filter(is_active=True).exclude(pk=person.pk).order_by("name"),
        principals=roles.select_related("account__team").order_by("account__name", "name"),
    )
    if form.is_bound and form.is_valid() and _give_consent(person, domain, form):
        messages.success(request, _("Consent given. The people it names can see it here."))
        return redirect("break-glass")
    context = {
        "domain": domain,
        "form": form,
        "selected_table_ids": set(parse_ids(map(str, form["tables"].value() or ()))),
    }
    return render(
        request, "portal/break_glass/give_consent.html", context, status=422 if form.is_bound else 200
    )


@require_POST
@return_404_if_hidden
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    revoke_consent(acting_user=get_signed_in_person(request), consent_id=pk, now=get_request_time(request))
    messages.success(request, _("Consent revoked. Nobody can open access with it any more."))
    return redirect("break-glass")


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def new_session(request: HttpRequest) -> HttpResponse:
    """What the consent covers, for how long and why; `consent` in the query by its id."""
    person, now = get_signed_in_person(request), get_request_time(request)
    consent = get_consent(person, parse_id(request.GET.get("consent", "")) or 0)
    verdict = may_open_break_glass_session(person, consent, now)
    form = OpenSessionForm(request.POST or None)
    form.fields["hours"].help_text = _("%(n)s at most") % {"n": consent.hours}
    form.fields["hours"].widget.attrs["max"] = consent.hours
    if form.is_bound and form.is_valid() and (session := _open_session(person, consent, form)):
        return redirect("break-glass-session", session.pk)
    context = {
        "consent": consent,
        "covered_tables": consent.covered.select_related("table__database").order_by("table"),
        "verdict": verdict,
        "form": form,
    }
    return render(
        request, "portal/break_glass/open_session.html", context, status=422 if form.is_bound else 200
    )


@require_GET
@return_404_if_hidden
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _render_session(request, pk)


@require_POST
@return_404_if_hidden
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm exactly the effects that the page showed."""
    shown = map_by_id(request.POST.getlist("item"), request.POST.getlist("effects_hash"))
    return _run_action(
        request,
        pk,
        _("Confirmed. The workers apply it now, and the data owners are notified."),
        lambda: confirm_break_glass_session(
            acting_user=get_signed_in_person(request),
            session_id=pk,
            effects_hashes=shown,
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The reason is optional; the default names this page."""
    unsaid = _("Ended on the break-glass page.")
    return _run_action(
        request,
        pk,
        _("Access ended. The workers remove the permission from AWS now and verify that it is gone."),
        lambda: end_break_glass_session(
            acting_user=get_signed_in_person(request),
            session_id=pk,
            reason=get_text_field(request, "reason").strip() or unsaid,
            now=get_request_time(request),
        ),
    )


@require_POST
@return_404_if_hidden
def review(request: HttpRequest, pk: int) -> HttpResponse:
    return _run_action(
        request,
        pk,
        _("Review closed."),
        lambda: review_break_glass_session(
            acting_user=get_signed_in_person(request),
            session_id=pk,
            comment=get_text_field(request, "reason"),
            now=get_request_time(request),
        ),
        ReasonForm(request.POST),
    )


def _run_action(
    request: HttpRequest, pk: int, words: str, action: Callable[[], object], form: forms.Form | None = None
) -> HttpResponse:
    """Redirect to the session, or show the error on it."""
    try:
        action()
    except (RefusedError, EffectsChangedError) as error:
        return _render_session(request, pk, str(error), form)
    except IllegalTransitionError:
        return _render_session(request, pk, _("Someone else acted first. Check the current state."), form)
    messages.success(request, words)
    return redirect("break-glass-session", pk)


def _render_session(
    request: HttpRequest, pk: int, refusal: str = "", form: forms.Form | None = None
) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    session = get_session(person, pk)
    place_page(request, "break-glass" if session.started_by_id == person.pk else "reviews", "break-glass")
    waits = is_confirmable(session, now)
    confirm_verdict = may_confirm_break_glass_session(person, session, now)
    confirmed = session.state == BreakGlassState.CONFIRMED
    review_verdict = may_review_break_glass_session(person, session)
    grants = build_grant_rows(list_session_grants(session), person, now)
    live = any(row.grant.state == GrantState.LIVE and row.grant.ends_at > now for row in grants)
    context: dict[str, Any] = {
        "session": session,
        "is_waiting": waits,
        "state": _get_state(session, grants, now),
        "refusal": refusal,
        "form": form or ReasonForm(),
        "items": build_session_items(session),
        "grants": grants,
        "may_confirm": waits and bool(confirm_verdict),
        "confirm_barred": get_bar_reason(confirm_verdict) if waits else "",
        "may_end": live and bool(may_end_break_glass_session(person, session)),
        "may_review": confirmed and not live and bool(review_verdict),
        "review_barred": get_bar_reason(review_verdict) if confirmed and not live else "",
    }
    if refusal:
        return render(request, "portal/break_glass/detail.html", {**context, "poll_url": ""}, status=422)
    shown, is_moving = list_polled_values(grants), any(row.is_in_progress for row in grants)
    return render_polled_page(
        request, "portal/break_glass/detail.html", "opened", context, content=shown, should_poll=is_moving
    )


def _get_state(session: BreakGlassSession, rows: Iterable[GrantRow], now: datetime) -> DisplayState:
    return get_session_state(session, ((row.grant, row.status) for row in rows), now)


def _build_consent_row(person: Person, consent: BreakGlassConsent, now: datetime) -> dict[str, Any]:
    return {
        "consent": consent,
        "tables": [covered.table for covered in consent.covered.all()],
        "lifecycle": get_consent_lifecycle(consent, now),
        "may_open": bool(may_open_break_glass_session(person, consent, now)),
        "may_revoke": consent.withdrawn_at is None and bool(may_revoke_consent(person, consent)),
    }


def _give_consent(person: Person, domain: Domain, form: ConsentForm) -> BreakGlassConsent | None:
    try:
        return give_consent(acting_user=person, domain=domain, **form.arguments, now=clock.now())
    except RefusedError as error:
        form.add_refusal(error)
    return None


def _open_session(
    person: Person, consent: BreakGlassConsent, form: OpenSessionForm
) -> BreakGlassSession | None:
    try:
        return open_break_glass_session(
            acting_user=person, consent_id=consent.pk, **form.cleaned_data, now=clock.now()
        )
    except RefusedError as error:
        form.add_refusal(error, purpose="reason")
    except ForbiddenError as error:
        form.add_error(None, str(error))
    return None
