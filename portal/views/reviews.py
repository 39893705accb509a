"""The owner's side: what waits, and the page on which it is decided."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from portal.diff import cells_of, diff_of, difference, texts_of
from portal.forms.decisions import DecisionForm
from portal.pager import pager_of
from portal.people import person_of
from portal.shown import item_shown, item_story
from portal.views.refusals import hides_what_is_not_yours
from requests_app.actions import approve_item, reject_item
from requests_app.errors import EffectsChangedError, ForbiddenError, RefusedError
from requests_app.loaders import beside, inbox_of, item_for_review
from requests_app.may import may_approve_item
from requests_app.models import Item
from requests_app.review import review_of
from requests_app.states import IllegalMoveError

A_PAGE = 50


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(inbox_of(person_of(request)), A_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    context = {
        "rows": [item_shown(item, now) for item in page],
        "total": page.paginator.count,
        "pager": pager_of(page),
    }
    return render(request, "portal/inbox.html", context)


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows who, why and the effects; POST decides on exactly the effects that were shown."""
    item = item_for_review(person_of(request), pk)
    form = DecisionForm(request.POST or None)
    if form.is_bound and form.is_valid() and _decided(request, form, item):
        return redirect("inbox")
    return _page(request, pk, form, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, pk: int, form: DecisionForm, status: int) -> HttpResponse:
    person, now = person_of(request), clock.now()
    item = item_for_review(person, pk)
    shown, verdict = review_of(item), may_approve_item(person, item)
    context = {
        "review": shown,
        "item": item,
        "beside": beside(person, item),
        "story": item_story(item, person, now),
        "accounts": diff_of(shown.effects, item),
        "cells": cells_of(shown.effects, frozenset(request.POST.getlist("widening"))),
        "verdict": verdict,
        "may_agree": shown.is_waiting and bool(verdict),
        "form": form,
        "seen": texts_of(shown.effects),
        "changes": difference(request.POST.getlist("seen"), shown.effects) if status == 422 else [],  # noqa: PLR2004
    }
    return render(request, "portal/review.html", context, status=status)


def _decided(request: HttpRequest, form: DecisionForm, item: Item) -> bool:
    """Whether the decision stands; if not, the form says why and nothing was changed."""
    answer: dict[str, Callable[[HttpRequest, DecisionForm, Item], str]] = {
        "approve": _approve,
        "reject": _reject,
    }
    try:
        done = answer[form.cleaned_data["answer"]](request, form, item)
    except EffectsChangedError:
        form.changed = True
    except RefusedError as error:
        form.add_error("comment" if error.field == "comment" else None, error.message)
    except IllegalMoveError:
        form.add_error(None, _("Someone decided on this meanwhile. Nothing was changed."))
    except ForbiddenError as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, done)
        return True
    return False


def _approve(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    approve_item(
        acting_user=person_of(request),
        item_id=item.pk,
        effects_hash=form.cleaned_data["effects_hash"],
        comment=form.cleaned_data["comment"],
        now=clock.now(),
        widenings=request.POST.getlist("widening"),
    )
    return _("Approved. The workers put it in place now and read it back.")


def _reject(request: HttpRequest, form: DecisionForm, item: Item) -> str:
    reject_item(
        acting_user=person_of(request),
        item_id=item.pk,
        comment=form.cleaned_data["comment"],
        now=clock.now(),
    )
    return _("Rejected. The person who asked reads your reason.")
