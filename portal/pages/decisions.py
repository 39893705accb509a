"""Decisions on the page of a row: what its form sends, and what its timeline shows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fulfilment.timeline import TimelineEvent
from identity.people.models import Person
from kernel.errors import RefusedError
from portal.pages.forms import DecisionForm, run_decision
from portal.pages.post_fields import get_action

Action = Callable[[], object]
CHOOSE = gettext_lazy("Choose what to do.")


def answer_decision(
    request: HttpRequest,
    page: str,
    pk: int,
    *,
    done: Mapping[str, str | Promise],
    build_actions: Callable[[Mapping[str, Any]], Mapping[str, Action]],
    render: Callable[[HttpRequest, int, DecisionForm], HttpResponse],
    fields: Mapping[str, str],
    form_class: type[DecisionForm] = DecisionForm,
    choose: str | Promise = CHOOSE,
) -> HttpResponse:
    """Back to the page with the message of the action that `do` names, or the page as rendered with what was refused.
    `build_actions` gets the form's values; `fields` are those of `add_refusal`; `choose` is said where `do` names
    none.
    """
    form, do = form_class(request.POST), get_action(request, *done)

    def run() -> None:
        actions = build_actions(form.cleaned_data)
        if do not in actions:
            raise RefusedError(str(choose))
        actions[do]()

    if run_decision(form, run, **fields):
        messages.success(request, str(done[do]))
        return redirect(page, pk)
    return render(request, pk, form)


def build_decision_event(person: Person, at: datetime, comment: str, *, is_rejected: bool) -> TimelineEvent:
    words = _("%(name)s rejected it") if is_rejected else _("%(name)s approved it")
    return TimelineEvent(at, "decided", words % {"name": person.name}, comment)


def build_end_event(person: Person, at: datetime, reason: str) -> TimelineEvent:
    return TimelineEvent(at, "ended", _("%(name)s ended it") % {"name": person.name}, reason)
