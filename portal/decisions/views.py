"""Views that every kind of decision has: the list, the form that asks, the page of a row with the decision, and the page that ends it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from decisions.actions import approve_proposal, end_proposal, reject_proposal, withdraw_proposal
from decisions.kinds import DecidedKind, iterate_decided_kinds
from decisions.queries import get_current_proposal, get_proposal
from decisions.states import DecisionState
from fulfilment.timeline import TimelineEvent, build_timeline
from identity.people.models import Person
from kernel.errors import ForbiddenError, NotFoundError, RefusedError, require_allowed
from kernel.verdicts import Verdict
from portal.decisions.declaration import DecisionPage, OtherVerb, find_decision_page, get_decision_state
from portal.lists.declaration import Text
from portal.lists.page import make_list_view
from portal.pages.assignments import answer_assignment
from portal.pages.decisions import Action, answer_decision, build_decision_event, build_end_event
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import DecisionForm, IdempotentForm, ReasonForm, add_refusal
from portal.pages.places import place_page
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.requests.presenters import TimelineStep, build_timeline_step
from requests_app.access_requests.input_checks import MAX_KEY_LENGTH
from requests_app.display_states.vocabulary import DisplayState
from requests_app.review.assignment.actions import (
    assign_proposal,
    comment_on_proposal,
    may_comment_on_proposal,
)
from requests_app.review.assignment.queries import find_assignment, get_subject, list_decision_comments

OK, UNPROCESSABLE = 200, 422


@dataclass(frozen=True)
class ShownDecision:
    """A row as its page shows it. `approve` says whether the person may, and else why not; `others` are what else they may do with it."""

    title: str
    heading: str
    reason: str
    state: DisplayState
    domain: Any
    is_open: bool
    effects_hash: str
    facts: tuple[tuple[Text, str], ...]
    problems: tuple[str, ...]
    obstacles: tuple[str, ...]
    timeline: tuple[TimelineStep, ...]
    approve: Verdict
    others: tuple[tuple[str, OtherVerb], ...]
    comment_hint: Text
    may_withdraw: bool
    may_end: bool

    @property
    def may_decide(self) -> bool:
        return self.is_open and bool(self.approve or self.others)


class CommentForm(IdempotentForm):
    hidden_field_names = frozenset({"idempotency_key"})

    comment = forms.CharField(required=False)
    idempotency_key = forms.CharField(max_length=MAX_KEY_LENGTH, required=False)


@require_POST
@return_404_if_hidden
def assign(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Of a row of any kind, to one of those who may decide on it."""
    decided = _get_kind(kind)
    act = partial(assign_proposal, kind=decided, acting_user=get_signed_in_person(request), pk=pk)
    return answer_assignment(request, act, decided.page, pk)


@require_POST
@return_404_if_hidden
def comment(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """On a row of any kind, without deciding on it."""
    decided, form = _get_kind(kind), CommentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Your browser sent incomplete data, so nothing was saved."))
        return redirect(decided.page, pk)
    who: dict[str, Any] = {
        "acting_user": get_signed_in_person(request),
        "pk": pk,
        "now": get_request_time(request),
    }
    try:
        comment_on_proposal(kind=decided, **who, **form.cleaned_data)
    except (ForbiddenError, RefusedError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Commented."))
    return redirect(decided.page, pk)


def _get_kind(name: str) -> DecidedKind[Any]:
    """NotFoundError for none that has pages."""
    kind = next((one for one in iterate_decided_kinds() if one.name == name), None)
    if kind is None or find_decision_page(name) is None:
        raise NotFoundError
    return kind


def build_page_urls(declared: type[DecisionPage], listing: Any = None) -> list[URLPattern]:
    """The addresses of a kind's pages, below that of its list. `listing` is the view of a list that shows more than its rows. One that has
    no `new_title` is requested elsewhere.
    """
    views, kind = DecisionViews(declared), declared.kind
    below = declared.path or kind.listing
    urls = [
        path(f"{below}/", listing or make_list_view(declared.listing), name=kind.listing),
        path(f"{below}/<int:pk>/", views.make_view("detail", "GET"), name=kind.page),
        path(f"{below}/<int:pk>/decide/", views.make_view("decide", "POST"), name=f"{kind.page}-decide"),
    ]
    if declared.new_title:
        urls.append(path(f"{below}/new/", views.make_view("new", "GET", "POST"), name=f"{kind.page}-new"))
    if kind.verbs.end:
        urls.append(
            path(f"{below}/<int:pk>/end/", views.make_view("end", "GET", "POST"), name=f"{kind.page}-end")
        )
    return urls


class DecisionViews:
    """The views of one kind."""

    def __init__(self, declared: type[DecisionPage]) -> None:
        self.declared, self.kind = declared, declared.kind

    def make_view(self, name: str, *methods: str) -> Any:
        return require_http_methods(methods)(return_404_if_hidden(getattr(self, name)))

    def new(self, request: HttpRequest) -> HttpResponse:
        page = self._open(request)
        form = page.build_form(request.POST or None, request.GET)
        if form.is_bound and form.is_valid():
            try:
                made = page.request(form)
            except RefusedError as error:
                add_refusal(form, error, **page.argument_fields)
            else:
                messages.success(request, str(page.sent))
                return redirect(self.kind.page, made.pk)
        context = {"page": page, "form": form, **page.build_form_context(request.GET)}
        return render(request, page.new_template, context, status=UNPROCESSABLE if form.is_bound else OK)

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._render_detail(request, pk, self.declared.form_class())

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Approve, reject, withdraw or a verb of the kind alone, by the value of `do`; what is refused is shown on the page again."""
        page = self._open(request)
        get_proposal(self.kind, page.person, pk)
        who = {"acting_user": page.person, "pk": pk, "now": page.now}
        return answer_decision(
            request,
            self.kind.page,
            pk,
            done={**page.done, **{name: other.done for name, other in page.others.items()}},
            build_actions=partial(_build_actions, page, who),
            render=self._render_detail,
            fields={"reason": "comment", "effects_hash": ""},
            form_class=self.declared.form_class,
            choose=page.choose_text,
        )

    def end(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page that asks for the reason."""
        page = self._open(request)
        row = get_proposal(self.kind, page.person, pk)
        if self.kind.may_end is None:
            raise NotFoundError
        require_allowed(self.kind.may_end(page.person, row))
        if not row.is_approved:
            raise NotFoundError
        form = ReasonForm(request.POST or None)
        if form.is_bound and form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                end_proposal(kind=self.kind, acting_user=page.person, pk=pk, reason=reason, now=page.now)
            except RefusedError as error:
                add_refusal(form, error)
            else:
                messages.success(request, str(page.done["end"]))
                return redirect(self.kind.page, pk)
        context = {"page": page, "row": row, "form": form}
        context |= {"title": page.get_end_title(row), "lead": page.get_end_lead(row)}
        status = UNPROCESSABLE if form.is_bound else OK
        return render(request, "portal/decisions/end.html", context, status=status)

    def _open(self, request: HttpRequest) -> DecisionPage:
        if self.declared.places:
            place_page(request, *self.declared.places)
        return self.declared(get_signed_in_person(request), get_request_time(request))

    def _render_detail(self, request: HttpRequest, pk: int, form: DecisionForm) -> HttpResponse:
        page = self._open(request)
        row = get_current_proposal(self.kind, page.person, pk)
        context = {"page": page, "row": row, self.kind.name: row, "form": form, **page.build_context(row)}
        if row.is_waiting and self.kind.may_decide and self.kind.may_decide(page.person, row):
            place_page(request, "reviews", *self.declared.places)
        context |= _build_teamwork_context(self.kind, page.person, row)
        if not page.detail_template:
            context["shown"] = build_shown_decision(page, row)
        status = UNPROCESSABLE if form.is_bound else OK
        template = page.detail_template or "portal/decisions/detail.html"
        return render(request, template, context, status=status)


def _build_teamwork_context(kind: DecidedKind[Any], person: Person, row: Any) -> dict[str, Any]:
    """To whom it is assigned, to whom it can be, and what was said about it."""
    deciders = kind.list_deciders(row) if row.is_waiting else ()
    people = Person.objects.filter(pk__in=deciders).order_by("name") if person.pk in deciders else ()
    return {
        "assignment": find_assignment(get_subject(row)),
        "assignable": people,
        "assign_url": reverse("decision-assign", args=[kind.name, row.pk]),
        "comments": list_decision_comments(get_subject(row)),
        "may_comment": bool(may_comment_on_proposal(kind, person, row)),
        "comment_url": reverse("decision-comment", args=[kind.name, row.pk]),
        "comment_form": CommentForm(),
    }


def build_shown_decision(page: DecisionPage, row: Any) -> ShownDecision:
    kind, is_open = page.kind, row.is_waiting
    approve = kind.may_approve(page.person, row)
    others = tuple(
        (name, other) for name, other in page.others.items() if is_open and other.may(page.person, row)
    )
    events = sorted(_list_events(page, row), key=lambda event: event.at)
    return ShownDecision(
        title=page.get_title(row),
        heading=page.get_heading(row),
        reason=page.get_reason(row),
        state=get_decision_state(kind, row, page.now),
        domain=kind.get_domain(row),
        is_open=is_open,
        effects_hash=kind.compute_effects_hash(row) if is_open else "",
        facts=tuple(page.list_facts(row)),
        problems=tuple(kind.list_problems(row)),
        obstacles=tuple(page.list_obstacles(row)) if is_open else (),
        timeline=tuple(build_timeline_step(event) for event in events),
        approve=approve,
        others=others,
        comment_hint=page.comment_hint if approve or not others else others[0][1].hint,
        may_withdraw=is_open and kind.may_withdraw is not None and bool(kind.may_withdraw(page.person, row)),
        may_end=page.may_end(row),
    )


def _list_events(page: DecisionPage, row: Any) -> Iterator[TimelineEvent]:
    asked = str(page.requested_text) % {"name": row.requested_by.name}
    yield TimelineEvent(row.requested_at, "asked", asked, page.get_reason(row))
    yield from page.list_own_events(row)
    if row.decided_by and row.decided_at:
        is_rejected = row.state == DecisionState.REJECTED
        yield build_decision_event(row.decided_by, row.decided_at, row.comment, is_rejected=is_rejected)
    for intent in filter(None, page.list_intents(row)):
        yield from build_timeline(intent)
    if row.ended_by and row.ended_at:
        yield build_end_event(row.ended_by, row.ended_at, row.end_reason)


def _build_actions(
    page: DecisionPage, who: Mapping[str, Any], said: Mapping[str, Any]
) -> Mapping[str, Action]:
    """`who` are the arguments that all verbs take: `acting_user`, `pk` and `now`."""
    kind, comment = page.kind, said["comment"]
    return {
        page.approve_word: partial(
            approve_proposal,
            kind=kind,
            comment=comment,
            effects_hash=said["effects_hash"],
            terms={name: said[name] for name in kind.terms},
            **who,
        ),
        "reject": partial(reject_proposal, kind=kind, reason=comment, **who),
        "withdraw": partial(withdraw_proposal, kind=kind, comment=comment, **who),
        **({kind.end_word: partial(end_proposal, kind=kind, reason=comment, **who)} if kind.end_word else {}),
        **{name: partial(other.act, comment=comment, **who) for name, other in page.others.items()},
    }
