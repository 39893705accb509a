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
from requests_app.policies.evaluation import parse_version_rules, serialize_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.wording import describe_outcome_and_information, list_unavailable_facts
from requests_app.policy_editing.actions import draft_policy, put_policy_in_force, retire_policy
from requests_app.policy_editing.queries import PolicyScope, get_policy_scope, list_policy_scopes
from requests_app.policy_editing.replay import PolicyReplay, ReplayedItem, replay_rules
from requests_app.policy_editing.yaml_format import DiffLine, diff_rules, format_yaml, parse_yaml
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.state_transitions import IllegalTransitionError

MOST_SHOWN = 50


@dataclass(frozen=True)
class ReplayedShown:
    row: ReplayedItem
    before: str
    after: str


@dataclass(frozen=True)
class OtherShown:
    """Other rules beside those in force: their lines, and what they would have done with past asks."""

    lines: tuple[DiffLine, ...]
    simulation: PolicyReplay
    rows: tuple[ReplayedShown, ...]
    more: int


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/policies/list.html", {"scopes": list_policy_scopes(person_of(request))})


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def of_scope(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows; POST writes a draft, which counts for nothing until it is put in force."""
    person = person_of(request)
    scope = get_policy_scope(person, slug)
    newest = scope.draft or scope.in_force
    start = {
        "rules": format_yaml(serialize_version_rules(newest)),
        "note": scope.draft.note if scope.draft else "",
    }
    form = RulesForm(request.POST or None, initial=start)
    if form.is_bound and form.is_valid() and _drafted(request, scope, form):
        messages.success(request, _("Draft saved. See below what it changes, and what it would have done."))
        return redirect("policy", slug)
    return _scope_page(request, scope, form)


def _scope_page(request: HttpRequest, scope: PolicyScope, form: RulesForm) -> HttpResponse:
    context = {
        "scope": scope,
        "form": form,
        "standing": format_yaml(serialize_version_rules(scope.in_force)),
        "based_on": max((one.pk for one in scope.versions), default=""),
        "draft": _shown(scope, scope.draft) if scope.draft else None,
        "not_known": list_unavailable_facts(parse_version_rules(scope.draft)) if scope.draft else [],
    }
    return render(request, "portal/policies/detail.html", context, status=422 if form.is_bound else 200)


@require_POST
@hides_what_is_not_yours
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The draft, as it was shown. The page sends its text field with it: a text that was edited since is not in it."""
    scope = get_policy_scope(person_of(request), slug)
    version = _version(scope, number)
    form = RulesForm(request.POST)
    if "rules" in request.POST and not _is_draft(request, scope, version):
        words = _("You changed the text. Nothing is published yet. Save it as a draft, then publish it.")
        form.add_error(None, words)
        return _scope_page(request, scope, form)
    return _moved(
        request,
        slug,
        version,
        put_policy_in_force,
        _("Policy published. Waiting requests were evaluated again."),
    )


@require_http_methods(["GET", "POST"])
@hides_what_is_not_yours
def retire(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """GET shows what comes of it; POST takes the version out of force, with a reason. A draft is dropped without."""
    scope = get_policy_scope(person_of(request), slug)
    version = _version(scope, number)
    if not scope.may_write:
        raise NotFoundError
    if version != scope.in_force:
        if request.method != "POST":
            return redirect("policy", slug)
        return _moved(
            request,
            slug,
            version,
            retire_policy,
            _("Policy retired. Decisions made under it stay in effect."),
        )
    form = RetireForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            done = _("Policy retired. Decisions made under it stay in effect.")
            return _moved(request, slug, version, partial(retire_policy, **form.cleaned_data), done)
        except RefusedError as error:
            form.add_error("reason", error.message)
    context = {"scope": scope, "version": version, "form": form, "shown": _shown(scope, None)}
    return render(request, "portal/policies/retire.html", context, status=422 if form.is_bound else 200)


def _moved(
    request: HttpRequest, slug: str, version: PolicyVersion, verb: Callable[..., PolicyVersion], done: str
) -> HttpResponse:
    try:
        verb(acting_user=person_of(request), version_id=version.pk, now=clock.now())
    except IllegalTransitionError:
        messages.error(request, _("Someone else changed this in the meantime. Check the current version."))
    else:
        messages.success(request, done)
    return redirect("policy", slug)


def _version(scope: PolicyScope, number: int) -> PolicyVersion:
    found = next((one for one in scope.versions if one.number == number), None)
    if found is None:
        raise NotFoundError
    return found


def _is_draft(request: HttpRequest, scope: PolicyScope, version: PolicyVersion) -> bool:
    """Whether the text that was sent is the draft's. A version that is not the draft is refused by the verb."""
    if scope.draft is None or scope.draft.pk != version.pk:
        return True
    domain = scope.domain.slug if scope.domain else ""
    try:
        rules = serialize_rules(parse_rules(parse_yaml(request.POST["rules"]), domain=domain))
    except (RefusedError, UnreadableRuleError):
        return False
    return (rules, request.POST.get("note", "").strip()) == (
        serialize_version_rules(scope.draft),
        scope.draft.note,
    )


def _drafted(request: HttpRequest, scope: PolicyScope, form: RulesForm) -> bool:
    """Whether the draft is kept; if not, the form says why."""
    try:
        draft_policy(
            acting_user=person_of(request),
            domain=scope.domain,
            rules=parse_yaml(form.cleaned_data["rules"]),
            note=form.cleaned_data["note"],
            now=clock.now(),
            based_on=id_in(request.POST.get("based_on", "")),
        )
    except RefusedError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    return True


def _shown(scope: PolicyScope, other: PolicyVersion | None) -> OtherShown:
    """Of a version, or of no rules at all, in place of those in force."""
    found = replay_rules(parse_version_rules(other) if other else (), scope.domain)
    rows = tuple(
        ReplayedShown(
            row,
            describe_outcome_and_information(row.before.to_json()),
            describe_outcome_and_information(row.after.to_json()),
        )
        for row in found.differing[:MOST_SHOWN]
    )
    lines = tuple(diff_rules(serialize_version_rules(scope.in_force), serialize_version_rules(other)))
    return OtherShown(lines, found, rows, len(found.differing) - len(rows))
