"""The page on which an item is decided: all that was asked, or less of it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from portal.diff import cells_of, diff_of, difference, texts_of
from portal.forms.decisions import TRIALS, DecisionForm, LessForm
from portal.people import person_of
from portal.readers_shown import reading_note
from portal.shown import item_story
from portal.talk import last_change
from portal.views.refusals import hides_what_is_not_yours
from requests_app.actions import approve_item, reject_item
from requests_app.dialogue.actions import return_item
from requests_app.earlier import earlier_alike
from requests_app.errors import EffectsChangedError, ForbiddenError, RefusedError, RulesChangedError
from requests_app.limits import limits_of
from requests_app.loaders import beside, item_for_review
from requests_app.may import delegation_for, may_approve_item
from requests_app.models import Item
from requests_app.promises.due import promised_at
from requests_app.review import review_of
from requests_app.states import IllegalMoveError, ItemState
from requests_app.terms import Difference, differences, lesser, terms_digest, terms_of, with_terms
from requests_app.under_offers.running import acceptance_of


@dataclass(frozen=True)
class Chosen:
    """The item as asked, or as less of it was chosen: `said` is what the next page has to be told again."""

    item: Item
    form: LessForm
    lines: tuple[Difference, ...] = ()
    said: tuple[tuple[str, str], ...] = ()


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows who, why and the effects, with `less` those of less than asked; POST decides on exactly them."""
    item = item_for_review(person_of(request), pk)
    form = DecisionForm(request.POST or None)
    if form.is_bound and form.is_valid() and _decided(request, form, item):
        return redirect("inbox")
    return _page(request, pk, form, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, pk: int, form: DecisionForm, status: int) -> HttpResponse:
    person, now = person_of(request), clock.now()
    item = item_for_review(person, pk)
    chosen = _chosen(request.POST or request.GET, item)
    shown, verdict = review_of(chosen.item, person), may_approve_item(person, item)
    context = {
        "review": shown,
        "item": item,
        "given": chosen,
        "terms_accepted": acceptance_of(item),
        "trials": [days for days in TRIALS if (item.ends_at - now).days >= days],
        "reading_note": reading_note(item.table.database.catalog, now),
        "beside": beside(person, item),
        "earlier": earlier_alike(person, item),
        "change": last_change(item),
        "story": item_story(item, person, now),
        "accounts": diff_of(shown.effects, item),
        "limits": limits_of(chosen.item),
        "cells": cells_of(shown.effects, frozenset(request.POST.getlist("widening"))),
        "verdict": verdict,
        "decides_for": delegation_for(person, item),
        "promised_at": promised_at(item),
        "now": now,
        "may_agree": shown.is_waiting and bool(verdict),
        "form": form,
        "key": form.own_key,
        "shown": terms_digest(item),
        "seen": texts_of(shown.effects),
        "changes": difference(request.POST.getlist("seen"), shown.effects) if status == 422 else [],  # noqa: PLR2004
    }
    return render(request, "portal/review.html", context, status=status)


def _chosen(said: QueryDict, item: Item) -> Chosen:
    """What of the ask was chosen; the whole of it where the choice does not stand, and the form says why."""
    form = LessForm(said, item)
    if item.state != ItemState.SUBMITTED or not form.is_valid():
        return Chosen(item, form)
    try:
        terms = lesser(item, form.less, clock.now())
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return Chosen(item, form)
    lines = tuple(differences(terms_of(item), terms))
    names = ("less", *form.fields)
    again = tuple((name, value) for name in names for value in said.getlist(name))
    return Chosen(with_terms(item, terms), form, lines, again) if lines else Chosen(item, form)


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
    except RulesChangedError as error:
        form.add_error(None, str(error))
    except RefusedError as error:
        form.is_spent = error.field == form.key_name
        form.add_error("comment" if error.field == "comment" else None, error.message)
    except IllegalMoveError:
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
        return _("It was withdrawn meanwhile. Nothing was changed.")
    if item.state == ItemState.RETURNED:
        return _("It went back to who asked meanwhile. Nothing was changed.")
    if item.decisions.filter(decided_by=person_of(request)).exists():
        return _("You decided on this before, and that stands. Nothing was changed.")
    return _("Someone decided on this meanwhile. Nothing was changed.")


def _approve(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    form_of_less = LessForm(request.POST, item)
    if form_of_less.is_bound and not form_of_less.is_valid():
        raise RefusedError(str(next(iter(form_of_less.errors.values()))[0]))
    grant = approve_item(
        acting_user=person_of(request),
        item_id=item.pk,
        effects_hash=form.cleaned_data["effects_hash"],
        comment=form.cleaned_data["comment"],
        now=clock.now(),
        widenings=request.POST.getlist("widening"),
        less=form_of_less.less if form_of_less.is_bound else None,
        rules_hash=form.cleaned_data["rules_hash"],
    )
    if grant is None:
        return _("You agreed. Nothing is granted until the others have, too.")
    return _("Approved. The workers put it in place now and read it back.")


def _return(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    return_item(
        acting_user=person_of(request),
        item_id=item.pk,
        comment=form.cleaned_data["comment"],
        key=form.cleaned_data["key"],
        now=clock.now(),
        shown=form.cleaned_data["shown"],
    )
    return _("Sent back. It returns to the inbox with what was changed.")


def _reject(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    reject_item(
        acting_user=person_of(request),
        item_id=item.pk,
        comment=form.cleaned_data["comment"],
        now=clock.now(),
        shown=form.cleaned_data["shown"],
    )
    return _("Rejected. The person who asked reads your reason.")
