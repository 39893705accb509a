"""The page on which an item is decided: all that was asked, or less of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from identity.errors import ForbiddenError, RefusedError
from portal.pages.effects_diff import cells_of, diff_of, difference, texts_of
from portal.pages.partials import page_or_fragment, wants_fragment
from portal.pages.reading_notes import reading_note
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.signed_in import person_of
from portal.requests.presenters import item_story
from portal.review.forms import TRIALS, DecisionForm, LessForm
from portal.review.presenters import approval_words, last_change
from requests_app.access_requests.models import Item
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError, PolicyChangedError
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.aws_limits import compute_limits
from requests_app.review.comments import return_item
from requests_app.review.may import find_delegation, may_approve_item
from requests_app.review.queries import get_item_for_review, list_other_items
from requests_app.review.similar_decisions import list_similar_decisions
from requests_app.review.sla.queries import get_promised_time
from requests_app.review.summary import build_review
from requests_app.review.terms import (
    NOT_NARROWED,
    NarrowedTerms,
    TermsDifference,
    compute_terms_digest,
    copy_with_terms,
    get_terms,
    list_differences,
    narrow_terms,
)
from requests_app.state_transitions import IllegalTransitionError
from requests_app.submission.offer_checks import get_terms_acceptance

PREVIEW = "preview"


@dataclass(frozen=True)
class Chosen:
    """The item as asked, or as `less` of it was chosen; `lines` tell what is less."""

    item: Item
    form: LessForm
    less: NarrowedTerms = NOT_NARROWED
    lines: tuple[TermsDifference, ...] = ()

    @property
    def choice(self) -> str:
        """Of a choice that cannot be approved there is none."""
        return "" if self.form.errors else self.less.digest()


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows who, why and the effects. POST decides on exactly what was shown; another choice is shown first."""
    item = get_item_for_review(person_of(request), pk)
    form = DecisionForm(request.POST or None)
    if request.POST.get("answer") == PREVIEW:
        return _previewed(request, item)
    if form.is_bound and form.is_valid() and _decided(request, form, item):
        return redirect("reviews")
    context = _context(request, get_item_for_review(person_of(request), pk), form)
    return render(request, "portal/review/review.html", context, status=422 if form.is_bound else 200)


def _previewed(request: HttpRequest, item: Item) -> HttpResponse:
    """What was chosen, with nothing decided: to htmx the part of the page that follows the choice."""
    if wants_fragment(request):
        context = _chosen_context(request, item)
    else:
        context = _context(request, item, DecisionForm(initial=request.POST.dict()))
    return page_or_fragment(request, "portal/review/review.html", "shown", context)


def _context(request: HttpRequest, item: Item, form: DecisionForm) -> dict[str, Any]:
    person, now = person_of(request), clock.now()
    chosen = _chosen_context(request, item)
    effects = chosen["review"].effects
    return chosen | {
        "terms_accepted": get_terms_acceptance(item),
        "trials": [days for days in TRIALS if (item.ends_at - now).days >= days],
        "reading_note": reading_note(item.table.database.catalog, now),
        "beside": list_other_items(person, item),
        "earlier": list_similar_decisions(person, item),
        "change": last_change(item),
        "story": item_story(item, person, now),
        "decides_for": find_delegation(person, item),
        "promised_at": get_promised_time(item),
        "now": now,
        "form": form,
        "key": form.own_key,
        "shown": compute_terms_digest(item),
        "changes": difference(request.POST.getlist("seen"), effects) if form.is_bound else [],
    }


def _chosen_context(request: HttpRequest, item: Item) -> dict[str, Any]:
    """What follows how much of the request is chosen."""
    person, now = person_of(request), clock.now()
    chosen = _chosen(request.POST or request.GET, item, now)
    shown, verdict = build_review(item, person, chosen.less, now), may_approve_item(person, item)
    only_preview = bool(chosen.form.errors or shown.obstacle)
    return {
        "item": item,
        "review": shown,
        "given": chosen,
        "verdict": verdict,
        "may_agree": shown.is_waiting and bool(verdict),
        "accounts": diff_of(shown.effects, item),
        "limits": compute_limits(chosen.item),
        "cells": cells_of(shown.effects, frozenset(request.POST.getlist("widening"))),
        "seen": texts_of(shown.effects),
        "only_preview": only_preview,
        "words": _("Check again") if only_preview else _words(chosen),
        "is_fragment": wants_fragment(request),
    }


def _words(chosen: Chosen) -> str:
    return approval_words(chosen.item, chosen.less, len(chosen.form.offered))


def _chosen(said: QueryDict, item: Item, now: datetime) -> Chosen:
    """What of the ask was chosen; the whole of it where the choice does not stand, and the form says why."""
    form = LessForm(said, item)
    if item.state != ItemState.SUBMITTED or not form.is_valid():
        return Chosen(item, form)
    try:
        terms = narrow_terms(item, form.less, now)
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return Chosen(item, form)
    return Chosen(
        copy_with_terms(item, terms), form, form.less, tuple(list_differences(get_terms(item), terms))
    )


def _decided(request: HttpRequest, form: DecisionForm, item: Item) -> bool:
    """Whether the decision stands; if not, the form says why and nothing was changed."""
    answer: dict[str, Callable[[HttpRequest, DecisionForm, Item], str]] = {
        "approve": _approve,
        "return": _return,
        "reject": _reject,
    }
    try:
        done = answer[form.cleaned_data["answer"]](request, form, item)
    except EffectsChangedError:
        form.changed = True
        form.edited = form.cleaned_data["choice"] not in {"", _less(request, item).digest()}
    except PolicyChangedError as error:
        form.add_error(None, str(error))
    except RefusedError as error:
        form.is_spent = error.field == form.key_name
        form.add_error("comment" if error.field == "comment" else None, error.message)
    except IllegalTransitionError:
        form.add_error(None, _too_late(request, item.pk))
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, done)
        return True
    return False


def _too_late(request: HttpRequest, pk: int) -> str:
    """What became of it since the page was shown."""
    item = Item.objects.get(pk=pk)
    if item.state == ItemState.WITHDRAWN:
        return _("The request was withdrawn in the meantime. Nothing was changed.")
    if item.state == ItemState.RETURNED:
        return _("The request was sent back to the requester in the meantime. Nothing was changed.")
    if item.decisions.filter(decided_by=person_of(request)).exists():
        return _("You have already decided on this. Nothing was changed.")
    return _("Someone else decided on this in the meantime. Nothing was changed.")


def _approve(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    grant = approve_item(
        acting_user=person_of(request),
        item_id=item.pk,
        effects_hash=form.cleaned_data["effects_hash"],
        comment=form.cleaned_data["comment"],
        now=clock.now(),
        widenings=request.POST.getlist("widening"),
        narrowed=_less(request, item),
        rules_hash=form.cleaned_data["rules_hash"],
    )
    if grant is None:
        return _("You approved. Access is granted when the others have approved too.")
    return _("Approved. The workers apply it in AWS now and read it back.")


def _less(request: HttpRequest, item: Item) -> NarrowedTerms:
    """What the form leaves of the request. RefusedError when it does not stand."""
    form = LessForm(request.POST, item)
    if not form.is_bound:
        return NOT_NARROWED
    if not form.is_valid():
        raise RefusedError(form.first_error)
    return form.less


def _return(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    return_item(
        acting_user=person_of(request),
        item_id=item.pk,
        comment=form.cleaned_data["comment"],
        key=form.cleaned_data["key"],
        now=clock.now(),
        shown=form.cleaned_data["shown"],
    )
    return _("Sent back to the requester. It returns to your inbox when they resubmit it.")


def _reject(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    reject_item(
        acting_user=person_of(request),
        item_id=item.pk,
        comment=form.cleaned_data["comment"],
        now=clock.now(),
        shown=form.cleaned_data["shown"],
    )
    return _("Rejected. The requester can read your reason.")
