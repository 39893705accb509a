"""What the request forms say will happen, whether or not they can be sent yet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.products.offers.models import OfferVersion
from identity.errors import RefusedError
from identity.people.models import Person
from portal.pages.forms import end_of
from portal.pages.signed_in import person_of
from portal.request_form.demands import demands_anew, demands_in
from portal.request_form.form_values import Asked
from portal.request_form.forms import AnsweringForm, AskForm, ManyForm, WordsForm
from portal.request_form.offer import latest_end
from requests_app.grants.coverage import describe_coverage, find_covering_grants
from requests_app.policy_engine.required_information import (
    NOTHING_REQUIRED,
    RequiredInformation,
    merge_required_information,
)
from requests_app.submission.preview import RequestDraft, RequestPreview, preview_item

Look = Callable[[RequestDraft, ManyForm], Iterable[RequestPreview]]


@dataclass(frozen=True)
class Ahead:
    """`sentence` is empty while what is chosen does not make an ask; `demands`, what rules want to be said with it."""

    sentence: str = ""
    demands: RequiredInformation = NOTHING_REQUIRED


def answer_ahead(
    request: HttpRequest, form: AnsweringForm, ahead: Ahead, kept: Mapping[str, str] | None = None
) -> HttpResponse:
    """The fragment that says what will happen, with what rules then demand where that is not what the form shows. `kept`
    was said before.
    """
    demands = demands_in(request, person_of(request), form, ahead.demands, kept)
    context = {"forecast": ahead.sentence, "demands_anew": demands_anew(request, demands)}
    return render(request, "portal/request_form/_forecast.html", context)


def forecast_of(person: Person, form: AskForm, asked: Asked, now: datetime) -> Ahead:
    """Also that the role has all of it already."""
    words = words_of(person, form, asked.version, now)
    if words is None:
        return Ahead()
    try:
        ask = asked.item(form)
        found = preview_item(words, ask)
    except RefusedError as refusal:
        return Ahead(refused_sentence(refusal))
    had = find_covering_grants([ask], principal=words.principal, ends_at=words.ends_at)
    happens = describe_coverage(had[ask.table_id]) if had else found.happens
    return Ahead(happens, found.verdict.demands)


def forecast_of_many(
    person: Person, form: ManyForm, version: OfferVersion | None, now: datetime, look: Look
) -> Ahead:
    """Of an ask that reaches many tables; each sentence once, and all that rules demand of any of it."""
    words = words_of(person, form, version, now)
    if words is None:
        return Ahead()
    try:
        found = tuple(look(words, form))
    except RefusedError as refusal:
        return Ahead(refused_sentence(refusal))
    sentence = " ".join(dict.fromkeys(one.words for one in found))
    return Ahead(sentence, merge_required_information(one.demands for one in found))


def words_of(
    person: Person, form: WordsForm, version: OfferVersion | None, now: datetime
) -> RequestDraft | None:
    """As they stand in the form; None without a role and an end."""
    reader, ends_at = form.chosen_reader, _end(form, version, now)
    if reader is None or ends_at is None:
        return None
    return RequestDraft(person, reader.principal, form["purpose"].value() or "", ends_at, now, reader.group)


def refused_sentence(refusal: RefusedError) -> str:
    return _("You can't request this: %(why)s") % {"why": refusal.message}


def _end(form: WordsForm, version: OfferVersion | None, now: datetime) -> datetime | None:
    hours, said = form["hours"].value(), form["ends_on"].value()
    try:
        if hours:
            return now + timedelta(hours=form.fields["hours"].clean(hours))
        day = said if isinstance(said, date) else date.fromisoformat(said or "")
    except (ValueError, ValidationError):
        return None
    return latest_end(end_of(day), version, now)
