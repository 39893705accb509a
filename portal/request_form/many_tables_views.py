"""The request form of a target of many tables."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.products.offers.models import OfferVersion
from identity.people.models import Person
from kernel.errors import ForbiddenError, RefusedError
from portal.pages.post_fields import get_action
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.request_form.forms import FORM_FIELDS, ManyTablesForm, get_default_values
from portal.request_form.initial_values import build_end_date_context, get_last_recipient_key
from portal.request_form.offer import (
    build_offer_constraints,
    get_chosen_end,
    get_offer_version,
    parse_accepted_terms,
)
from portal.request_form.preview import preview_many_tables_form, render_preview
from portal.request_form.required_information import get_required_fields, parse_provided_information
from portal.request_form.target_input import TargetInput
from requests_app.access_requests.item_targets import Text
from requests_app.review.decision_history import describe_decision_time, get_decision_time
from requests_app.submission.many_tables import submit_target_request
from requests_app.targets.many_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient


class ManyTablesInput(TargetInput):
    """A target that is requested as it was looked at: `members_hash` identifies its tables."""

    changed_message: ClassVar[Text] = ""
    """Of the API where the tables have changed; else the target's."""

    @abstractmethod
    def build_target(self, person: Person, item: Mapping[str, Any]) -> ManyTablesTarget:
        """Builds the target of an item of the API. NotFoundError, RefusedError."""


def process_many_tables_form(
    request: HttpRequest,
    target: ManyTablesTarget,
    *,
    recipients: Sequence[Recipient],
    template: str = "portal/request_form/_many_tables.html",
    heading: Text = "",
    form_class: type[ManyTablesForm] = ManyTablesForm,
    initial: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The form, or a redirect to the submitted request; `offer` in the query is the id of an offer version. `do=ahead`
    returns the preview fragment and writes nothing.
    """
    person, now = get_signed_in_person(request), get_request_time(request)
    version = get_offer_version(person, request.GET.get("offer", ""))
    under = build_offer_constraints(person, version, now) if version else None
    start = {**get_default_values(recipients, get_last_recipient_key(person), now), **(initial or {})}
    if under:
        start |= {"ends_on": min(start["ends_on"], under.last_day), "hours": under.max_hours}
    bound = request.method == "POST"
    form = form_class(request.POST if bound else None, recipients=recipients, initial=start)
    is_preview = get_action(request, "ahead", "ask") == "ahead"
    if bound and not is_preview and (answer := _submit(request, form, target, version, now)):
        return answer
    ahead = preview_many_tables_form(person, form, target, version, now)
    if is_preview:
        return render_preview(request, form, ahead)
    context = {
        "preview": ahead,
        "target": target,
        "heading": heading,
        "form": form,
        "recipients": recipients,
        "expected_wait": describe_decision_time(
            get_decision_time(target.domain.owner_team_id if target.domain else None)
        ),
        "constraints": under,
        "required_fields": get_required_fields(request, person, form, ahead.required_information),
        **build_end_date_context(now),
        **({"last_day": under.last_day} if under else {}),
    }
    return render(request, template, context, status=422 if bound else 200)


def _submit(
    request: HttpRequest,
    form: ManyTablesForm,
    target: ManyTablesTarget,
    version: OfferVersion | None,
    now: datetime,
) -> HttpResponse | None:
    """Redirect to the request; None if the form has errors."""
    if not form.is_valid():
        return None
    said = form.cleaned_data
    try:
        made = submit_target_request(
            requester=get_signed_in_person(request),
            target=target,
            details=said["principal"].build_details(said, get_chosen_end(form, version, now)),
            members_hash=said["members_hash"],
            idempotency_key=said["idempotency_key"],
            now=now,
            offer_id=version.pk if version else None,
            use=said["use"],
            accepted_term_ids=parse_accepted_terms(request),
            provided=parse_provided_information(request.POST),
        )
    except RefusedError as error:
        form.add_refusal(error, FORM_FIELDS.get(error.field))
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", made.pk)
