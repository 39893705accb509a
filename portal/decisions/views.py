"""Views that every kind of decision has: the decision on the page of a row, and the page that ends it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods, require_POST

from decisions.actions import approve_proposal, end_proposal, reject_proposal, withdraw_proposal
from decisions.kinds import DecidedKind
from decisions.queries import get_proposal
from kernel.errors import NotFoundError, RefusedError, require_allowed
from portal.pages.decisions import Action, answer_decision
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, add_refusal
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person

OK, UNPROCESSABLE = 200, 422
View = Callable[[HttpRequest, int], HttpResponse]


def build_decide_view(
    kind: DecidedKind[Any],
    *,
    done: Mapping[str, str | Promise],
    render_detail: Callable[[HttpRequest, int, DecisionForm], HttpResponse],
    others: Mapping[str, Callable[..., object]] | None = None,
    form_class: type[DecisionForm] = DecisionForm,
) -> View:
    """Approve, reject, withdraw or end, by the value of `do`; what is refused is shown on the page again. `done` are the messages. `others` are
    verbs of the kind alone, which take a comment. The form has the kind's terms as well.
    """

    @require_POST
    @return_404_if_hidden
    def decide(request: HttpRequest, pk: int) -> HttpResponse:
        person = get_signed_in_person(request)
        get_proposal(kind, person, pk)
        who = {"acting_user": person, "pk": pk, "now": get_request_time(request)}
        return answer_decision(
            request,
            kind.page,
            pk,
            done=done,
            build_actions=partial(_build_actions, kind, who, others or {}),
            render=render_detail,
            fields={"reason": "comment", "effects_hash": ""},
            form_class=form_class,
        )

    return decide


def build_end_view(
    kind: DecidedKind[Any], *, form_class: type[forms.Form], template: str, done: str | Promise
) -> View:
    """The page that asks for the reason. The template finds the row under the name of its kind."""

    @require_http_methods(["GET", "POST"])
    @return_404_if_hidden
    def end(request: HttpRequest, pk: int) -> HttpResponse:
        person = get_signed_in_person(request)
        row = get_proposal(kind, person, pk)
        if kind.may_end is None:
            raise NotFoundError
        require_allowed(kind.may_end(person, row))
        if not row.is_approved:
            raise NotFoundError
        form = form_class(request.POST or None)
        if form.is_bound and form.is_valid():
            reason, now = form.cleaned_data["reason"], get_request_time(request)
            try:
                end_proposal(kind=kind, acting_user=person, pk=pk, reason=reason, now=now)
            except RefusedError as error:
                add_refusal(form, error)
            else:
                messages.success(request, str(done))
                return redirect(kind.page, pk)
        status = UNPROCESSABLE if form.is_bound else OK
        return render(request, template, {kind.name: row, "form": form}, status=status)

    return end


def _build_actions(
    kind: DecidedKind[Any],
    who: Mapping[str, Any],
    others: Mapping[str, Callable[..., object]],
    said: Mapping[str, Any],
) -> Mapping[str, Action]:
    """`who` are the arguments that all verbs take: `acting_user`, `pk` and `now`."""
    comment, effects_hash = said["comment"], said["effects_hash"]
    terms = {name: said[name] for name in kind.terms}
    return {
        "approve": partial(
            approve_proposal, kind=kind, comment=comment, effects_hash=effects_hash, terms=terms, **who
        ),
        "reject": partial(reject_proposal, kind=kind, reason=comment, **who),
        "withdraw": partial(withdraw_proposal, kind=kind, comment=comment, **who),
        kind.verbs.end.partition("_")[0]: partial(end_proposal, kind=kind, reason=comment, **who),
        **{name: partial(verb, comment=comment, **who) for name, verb in others.items()},
    }
