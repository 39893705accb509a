"""Policies: published rules, draft with comparison and replay, publish, retire."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kernel import clock
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError
from kernel.line_diff import DiffLine
from portal.charts.chart import Chart
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import add_refusal
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.policies.forms import RetireForm, RulesForm
from portal.policies.replay_chart import build_replay_chart, describe_change
from portal.policies.rule_editor import RuleEditor, edit_posted_rules, list_sentences, open_rules
from requests_app.policies.evaluation import parse_version_rules, serialize_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.wording import describe_outcome_and_information, list_unavailable_facts
from requests_app.policy_editing.actions import draft_policy, publish_policy, retire_policy
from requests_app.policy_editing.may import may_publish_policy
from requests_app.policy_editing.queries import PolicyScope, get_policy_scope, list_policy_scopes
from requests_app.policy_editing.replay import PolicyReplay, ReplayedItem, replay_rules
from requests_app.policy_editing.yaml_format import diff_rules, format_yaml, parse_yaml
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules

MAX_ROWS = 50
OK, UNPROCESSABLE = 200, 422


@dataclass(frozen=True)
class ReplayedRow:
    replayed_item: ReplayedItem
    before: str
    after: str
    change: str


@dataclass(frozen=True)
class PolicyComparison:
    """Other rules compared with the published ones: diff lines and a replay of past requests."""

    lines: tuple[DiffLine, ...]
    chart: Chart
    replay: PolicyReplay
    rows: tuple[ReplayedRow, ...]
    omitted_count: int


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    return render(
        request, "portal/policies/list.html", {"scopes": list_policy_scopes(get_signed_in_person(request))}
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the policy; POST saves a draft, which has no effect until published."""
    person = get_signed_in_person(request)
    scope = get_policy_scope(person, slug)
    newest = scope.draft or scope.published
    start = {
        "rules": format_yaml(serialize_version_rules(newest)),
        "note": scope.draft.note if scope.draft else "",
    }
    form = RulesForm(request.POST or None, initial=start)
    if form.is_bound and form.is_valid() and _save_draft(request, scope, form):
        messages.success(request, _("Draft saved. See below what it changes, and what it would have done."))
        return redirect("policy", slug)
    return _render_policy(request, scope, form)


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def edit_rules(request: HttpRequest, slug: str) -> HttpResponse:
    """POST changes the rules in the form, by sentences instead of YAML, and stores nothing. GET shows the policy."""
    scope = get_policy_scope(get_signed_in_person(request), slug)
    if not scope.may_write:
        raise NotFoundError
    if request.method == "GET":
        return redirect("policy", slug)
    try:
        editor = edit_posted_rules(request, scope.domain.slug if scope.domain else "")
        note = get_text_field(request, "note")
    except RefusedError as error:
        raise BadRequest(error.message) from error
    form = RulesForm(initial={"rules": editor.text, "note": note})
    return _render_policy(request, scope, form, editor)


def _render_policy(
    request: HttpRequest, scope: PolicyScope, form: RulesForm, editor: RuleEditor | None = None
) -> HttpResponse:
    domain = scope.domain.slug if scope.domain else ""
    editor = editor or open_rules(form["rules"].value() or "", domain)
    context = {
        "scope": scope,
        "form": form,
        "editor": editor,
        "published_sentences": list_sentences(
            parse_version_rules(scope.published) if scope.published else ()
        ),
        "published_rules": format_yaml(serialize_version_rules(scope.published)),
        "based_on": max((one.pk for one in scope.versions), default=""),
        "draft_comparison": _compare_rules(scope, scope.draft) if scope.draft else None,
        "publish_verdict": may_publish_policy(get_signed_in_person(request), scope.domain),
        "unavailable_facts": list_unavailable_facts(parse_version_rules(scope.draft)) if scope.draft else [],
    }
    answer = render_page_or_fragment(request, "portal/policies/detail.html", "rule_editor", context)
    # htmx shows a fragment only if its status is a success.
    has_errors = form.is_bound or (editor.has_errors and not is_fragment_request(request))
    answer.status_code = UNPROCESSABLE if has_errors else OK
    return answer


@require_POST
@return_404_if_hidden
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Publish the draft as shown. Refused if the text field was edited since."""
    scope = get_policy_scope(get_signed_in_person(request), slug)
    version = _version(scope, number)
    form = RulesForm(request.POST)
    if "rules" in request.POST and not _is_draft(request, scope, version):
        words = _("You changed the text. Nothing is published yet. Save it as a draft, then publish it.")
        form.add_error(None, words)
        return _render_policy(request, scope, form)
    return _run_transition(
        request,
        slug,
        version,
        publish_policy,
        _("Policy published. Waiting requests were evaluated again."),
    )


@require_http_methods(["GET", "POST"])
@return_404_if_hidden
def retire(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """GET shows the consequences; POST retires the published version with a reason. A draft is deleted without one."""
    scope = get_policy_scope(get_signed_in_person(request), slug)
    version = _version(scope, number)
    if not scope.may_write:
        raise NotFoundError
    done = _("Policy retired. Decisions made under it stay in effect.")
    if version != scope.published:
        if request.method != "POST":
            return redirect("policy", slug)
        return _run_transition(request, slug, version, retire_policy, done)
    form = RetireForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            return _run_transition(request, slug, version, partial(retire_policy, **form.cleaned_data), done)
        except RefusedError as error:
            form.add_error("reason", error.message)
    context = {"scope": scope, "version": version, "form": form, "comparison": _compare_rules(scope, None)}
    return render(request, "portal/policies/retire.html", context, status=422 if form.is_bound else 200)


def _run_transition(
    request: HttpRequest, slug: str, version: PolicyVersion, action: Callable[..., PolicyVersion], done: str
) -> HttpResponse:
    try:
        action(
            acting_user=get_signed_in_person(request), version_id=version.pk, now=get_request_time(request)
        )
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
    """Whether the submitted text equals the draft. The action refuses versions that are not the draft."""
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


def _save_draft(request: HttpRequest, scope: PolicyScope, form: RulesForm) -> bool:
    """False if the form has errors."""
    try:
        draft_policy(
            acting_user=get_signed_in_person(request),
            domain=scope.domain,
            rules=parse_yaml(form.cleaned_data["rules"]),
            note=form.cleaned_data["note"],
            now=get_request_time(request),
            based_on=parse_id(request.POST.get("based_on", "")),
        )
    except RefusedError as error:
        add_refusal(form, error)
        return False
    return True


def _compare_rules(scope: PolicyScope, other: PolicyVersion | None) -> PolicyComparison:
    """Compare a version, or no rules, with the published rules."""
    found = replay_rules(parse_version_rules(other) if other else (), scope.domain)
    rows = tuple(
        ReplayedRow(
            row,
            describe_outcome_and_information(row.before.to_json()),
            describe_outcome_and_information(row.after.to_json()),
            describe_change(row.change),
        )
        for row in found.changed_items[:MAX_ROWS]
    )
    lines = tuple(diff_rules(serialize_version_rules(scope.published), serialize_version_rules(other)))
    return PolicyComparison(
        lines, build_replay_chart(found, clock.now()), found, rows, len(found.changed_items) - len(rows)
    )
