"""Rules: those in force, a draft with what it changes and what it would have done, and putting it in force."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit import clock
from identity.errors import NotFoundError, RefusedError
from portal.pages.refusals import hides_what_is_not_yours
from portal.pages.row_ids import id_in
from portal.pages.signed_in import person_of
from portal.policies.forms import RetireForm, RulesForm
from requests_app.policies.evaluation import plain_rules, rules_of
from requests_app.policies.models import PolicyVersion
from requests_app.policies.wording import not_known_yet, what_is_wanted
from requests_app.policy_editing.actions import draft_policy, put_policy_in_force, retire_policy
from requests_app.policy_editing.queries import Scope, scope_for, scopes_for
from requests_app.policy_editing.replay import Replayed, Simulation, simulate
from requests_app.policy_editing.yaml_format import WrittenLine, data_of, differences, text_of
from requests_app.policy_engine.parsing import UnreadableRuleError, as_data, read_rules
from requests_app.state_transitions import IllegalTransitionError

MOST_SHOWN = 50


@dataclass(frozen=True)
class ReplayedShown:
    row: Replayed
    before: str
    after: str


@dataclass(frozen=True)
class OtherShown:
    """Other rules beside those in force: their lines, and what they would have done with past asks."""

    lines: tuple[WrittenLine, ...]
    simulation: Simulation
    rows: tuple[ReplayedShown, ...]
    more: int


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/policies/list.html", {"scopes": scopes_for(person_of(request))})


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def of_scope(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows; POST writes a draft, which counts for nothing until it is put in force."""
    person = person_of(request)
    scope = scope_for(person, slug)
    newest = scope.draft or scope.in_force
    start = {
        "rules": text_of(plain_rules(newest)),
        "note": scope.draft.note if scope.draft else "",
    }
    form = RulesForm(request.POST or None, initial=start)
    if form.is_bound and form.is_valid() and _drafted(request, scope, form):
        messages.success(
            request, _("Kept as a draft. Below is what it changes, and what it would have done.")
        )
        return redirect("rules-of", slug)
    return _scope_page(request, scope, form)


def _scope_page(request: HttpRequest, scope: Scope, form: RulesForm) -> HttpResponse:
    context = {
        "scope": scope,
        "form": form,
        "standing": text_of(plain_rules(scope.in_force)),
        "based_on": max((one.pk for one in scope.versions), default=""),
        "draft": _shown(scope, scope.draft) if scope.draft else None,
        "not_known": not_known_yet(rules_of(scope.draft)) if scope.draft else [],
    }
    return render(request, "portal/policies/detail.html", context, status=422 if form.is_bound else 200)


@require_POST
@hides_what_is_not_yours
def put_in_force(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The draft, as it was shown. The page sends its text field with it: a text that was edited since is not in it."""
    form = RulesForm(request.POST)
    if "rules" in request.POST and not _is_draft(request, slug, pk):
        words = _(
            "You changed the text. Nothing is in force yet. Keep it as a draft, then put that in force."
        )
        form.add_error(None, words)
        return _scope_page(request, scope_for(person_of(request), slug), form)
    return _moved(request, slug, pk, put_policy_in_force, _("In force. What waits was judged by it, too."))


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """GET shows what comes of it; POST takes the version out of force, with a reason. A draft is dropped without."""
    scope = scope_for(person_of(request), slug)
    version = next((one for one in scope.versions if one.pk == pk), None)
    if version is None or not scope.may_write:
        raise NotFoundError
    if version != scope.in_force:
        if request.method != "POST":
            return redirect("rules-of", slug)
        return _moved(request, slug, pk, retire_policy, _("Retired. What it decided stands."))
    form = RetireForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            done = _("Retired. What it decided stands.")
            return _moved(request, slug, pk, partial(retire_policy, **form.cleaned_data), done)
        except RefusedError as error:
            form.add_error("reason", error.message)
    context = {"scope": scope, "version": version, "form": form, "shown": _shown(scope, None)}
    return render(request, "portal/policies/retire.html", context, status=422 if form.is_bound else 200)


def _moved(
    request: HttpRequest, slug: str, pk: int, verb: Callable[..., PolicyVersion], done: str
) -> HttpResponse:
    try:
        verb(acting_user=person_of(request), version_id=pk, now=clock.now())
    except IllegalTransitionError:
        messages.error(request, _("Someone changed this meanwhile. Look again."))
    else:
        messages.success(request, done)
    return redirect("rules-of", slug)


def _is_draft(request: HttpRequest, slug: str, pk: int) -> bool:
    """Whether the text that was sent is the draft's. A version that is not the draft is refused by the verb."""
    scope = scope_for(person_of(request), slug)
    if scope.draft is None or scope.draft.pk != pk:
        return True
    domain = scope.domain.slug if scope.domain else ""
    try:
        rules = as_data(read_rules(data_of(request.POST["rules"]), domain=domain))
    except (RefusedError, UnreadableRuleError):
        return False
    return (rules, request.POST.get("note", "").strip()) == (plain_rules(scope.draft), scope.draft.note)


def _drafted(request: HttpRequest, scope: Scope, form: RulesForm) -> bool:
    """Whether the draft is kept; if not, the form says why."""
    try:
        draft_policy(
            acting_user=person_of(request),
            domain=scope.domain,
            rules=data_of(form.cleaned_data["rules"]),
            note=form.cleaned_data["note"],
            now=clock.now(),
            based_on=id_in(request.POST.get("based_on", "")),
        )
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    return True


def _shown(scope: Scope, other: PolicyVersion | None) -> OtherShown:
    """Of a version, or of no rules at all, in place of those in force."""
    found = simulate(rules_of(other) if other else (), scope.domain)
    rows = tuple(
        ReplayedShown(row, what_is_wanted(row.before.to_json()), what_is_wanted(row.after.to_json()))
        for row in found.differing[:MOST_SHOWN]
    )
    lines = tuple(differences(plain_rules(scope.in_force), plain_rules(other)))
    return OtherShown(lines, found, rows, len(found.differing) - len(rows))
