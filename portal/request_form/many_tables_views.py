"""The page of an ask that reaches many tables: what is reached stands on it before anything is sent."""

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
from portal.pages.durations import in_words
from portal.pages.post_fields import action_in
from portal.pages.signed_in import person_of
from portal.request_form.defaults import days_to_choose, last_reader
from portal.request_form.demands import demands_in, said_in
from portal.request_form.forecast import Look, answer_ahead, forecast_of_many
from portal.request_form.forms import ManyForm, first_values
from portal.request_form.offer import accepted_in, chosen_end, under_offer
from requests_app.access_requests.models import AccessRequest
from requests_app.review.summary import compute_expected_wait
from requests_app.targets.reached_tables import ManyTablesTarget
from requests_app.targets.recipients import Recipient

FIELD_OF = {"purpose": "purpose", "ends_at": "ends_on", "principal": "principal", "use": "use"}


@dataclass(frozen=True)
class Many:
    """What is asked for on the page: `submit` is given the verb's words and the form, `ahead` says what would become
    of it.
    """

    found: ManyTablesTarget
    template: str
    form: type[ManyForm]
    readers: Sequence[Recipient]
    version: OfferVersion | None
    submit: Callable[[ManyForm, dict[str, Any]], AccessRequest]
    ahead: Look


def ask_for_many(request: HttpRequest, many: Many, initial: Mapping[str, Any] | None = None) -> HttpResponse:
    """The form, or on to the request that it made. `do=ahead` answers with the fragment that says what will happen;
    nothing is written.
    """
    person, now, version = person_of(request), clock.now(), many.version
    bound = request.method == "POST"
    start = {**first_values(many.readers, last_reader(person), now), **(initial or {})}
    under = under_offer(person, version, now) if version else None
    if under:
        start |= {"ends_on": min(start["ends_on"], under.last_day), "hours": under.hours}
    form = many.form(request.POST if bound else None, readers=many.readers, initial=start)
    if action_in(request, "ahead", "ask") == "ahead":
        return _foreseen(request, form, many, now)
    if bound and (answer := _submitted(request, form, many, now)):
        return answer
    ahead = forecast_of_many(person, form, version, now, many.ahead)
    context = {
        "forecast": ahead.sentence,
        "found": many.found,
        "form": form,
        "readers": many.readers,
        "wait": in_words(compute_expected_wait(many.found.domain)),
        "under": under,
        "demands": demands_in(request, person, form, ahead.demands),
        **days_to_choose(now),
        **({"last_day": under.last_day} if under else {}),
    }
    return render(request, many.template, context, status=422 if bound else 200)


def _foreseen(request: HttpRequest, form: ManyForm, many: Many, now: datetime) -> HttpResponse:
    ahead = forecast_of_many(person_of(request), form, many.version, now, many.ahead)
    return answer_ahead(request, form, ahead)


def _submitted(request: HttpRequest, form: ManyForm, many: Many, now: datetime) -> HttpResponse | None:
    """On to the request; None when the form says what is wrong."""
    if not form.is_valid():
        return None
    try:
        made = many.submit(form, _words(request, form, many.version, now))
    except RefusedError as error:
        form.refuse(error, FIELD_OF.get(error.field))
        return None
    except ForbiddenError as error:
        form.add_error(None, str(error))
        return None
    messages.success(request, _("Request sent. You can follow it here."))
    return redirect("access-request", made.pk)


def _words(
    request: HttpRequest, form: ManyForm, version: OfferVersion | None, now: datetime
) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "team": said["principal"].principal.account.team,
        "principal": said["principal"].principal,
        "purpose": said["purpose"],
        "ends_at": chosen_end(form, version, now),
        "mark": said["mark"],
        "submission_key": said["submission_key"],
        "now": now,
        "offer_id": version.pk if version else None,
        "use": said["use"],
        "accepts": accepted_in(request),
        "provided": said_in(request.POST),
    }
