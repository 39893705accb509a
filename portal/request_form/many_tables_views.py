"""The request form for many tables (database or LF-Tags)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from audit import clock
from catalog.products.offers.models import OfferVersion
from identity.errors import ForbiddenError, RefusedError
from portal.pages.durations import format_duration
from portal.pages.post_fields import get_action
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import ManyTablesForm, get_default_values
from portal.request_form.initial_values import build_end_date_context, get_last_recipient_key
from portal.request_form.offer import build_offer_constraints, get_chosen_end, parse_accepted_terms
from portal.request_form.preview import PreviewFunction, preview_many_tables_form, render_preview
from portal.request_form.required_information import get_required_fields, parse_provided_information
from requests_app.access_requests.models import AccessRequest
from requests_app.review.summary import compute_expected_wait
from requests_app.targets.reached_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient

FORM_FIELDS = {"purpose": "purpose", "ends_at": "ends_on", "principal": "principal", "use": "use"}


@dataclass(frozen=True)
class ManyTablesRequest:
    """What the page requests: `submit` gets the form and the arguments, `preview` says what would become
    of it.
    """

    target: ManyTablesTarget
    template: str
    form: type[ManyTablesForm]
    recipients: Sequence[Recipient]
    version: OfferVersion | None
    submit: Callable[[ManyTablesForm, dict[str, Any]], AccessRequest]
    preview: PreviewFunction


def process_many_tables_form(
    request: HttpRequest, many: ManyTablesRequest, initial: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The form, or on to the request that it made. `do=ahead` answers with the fragment that says what will happen;
    nothing is written.
    """
    person, now, version = get_signed_in_person(request), clock.now(), many.version
    bound = request.method == "POST"
    start = {**get_default_values(many.recipients, get_last_recipient_key(person), now), **(initial or {})}
    under = build_offer_constraints(person, version, now) if version else None
    if under:
        start |= {"ends_on": min(start["ends_on"], under.last_day), "hours": under.max_hours}
    form = many.form(request.POST if bound else None, recipients=many.recipients, initial=start)
    if get_action(request, "ahead", "ask") == "ahead":
        return _render_form_preview(request, form, many, now)
    if bound and (answer := _submit(request, form, many, now)):
        return answer
    ahead = preview_many_tables_form(person, form, version, now, many.preview)
    context = {
        "preview_text": ahead.sentence,
        "target": many.target,
        "form": form,
        "recipients": many.recipients,
        "expected_wait": format_duration(compute_expected_wait(many.target.domain)),
        "constraints": under,
        "required_fields": get_required_fields(request, person, form, ahead.required_information),
        **build_end_date_context(now),
        **({"last_day": under.last_day} if under else {}),
    }
    return render(request, many.template, context, status=422 if bound else 200)


def _render_form_preview(
    request: HttpRequest, form: ManyTablesForm, many: ManyTablesRequest, now: datetime
) -> HttpResponse:
    ahead = preview_many_tables_form(get_signed_in_person(request), form, many.version, now, many.preview)
    return render_preview(request, form, ahead)


def _submit(
    request: HttpRequest, form: ManyTablesForm, many: ManyTablesRequest, now: datetime
) -> HttpResponse | None:
    """Redirect to the request; None if the form has errors."""
    if not form.is_valid():
        return None
    try:
        made = many.submit(form, _build_arguments(request, form, many.version, now))
    except RefusedError as error:
        form.add_refusal(error, FORM_FIELDS.get(error.field))
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", made.pk)


def _build_arguments(
    request: HttpRequest, form: ManyTablesForm, version: OfferVersion | None, now: datetime
) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "team": said["principal"].principal.account.team,
        "principal": said["principal"].principal,
        "purpose": said["purpose"],
        "ends_at": get_chosen_end(form, version, now),
        "members_hash": said["members_hash"],
        "idempotency_key": said["idempotency_key"],
        "now": now,
        "offer_id": version.pk if version else None,
        "use": said["use"],
        "accepted_term_ids": parse_accepted_terms(request),
        "provided": parse_provided_information(request.POST),
    }
