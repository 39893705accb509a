"""Policies: published rules, draft with comparison and replay, publish, retire."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.mirror.models import Table
from catalog.products.offers.models import DataUse
from identity.accounts import Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError
from kernel.text import DiffLine
from portal.charts.chart import Chart, ChartTone, Series
from portal.charts.period_names import describe_axis, list_period_names
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.forms import PageForm, add_refusal
from portal.pages.partials import is_fragment_request, render_page_or_fragment
from portal.pages.post_fields import get_text_field
from portal.pages.request_time import get_request_time
from portal.pages.row_ids import parse_id
from portal.pages.signed_in_person import get_signed_in_person
from portal.policies.rule_editor import RuleEditor, edit_posted_rules, list_sentences, open_rules
from portal.request_form.forms import RequestTextsForm, list_extent_choices
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.access_requests.item_targets import get_extent_fields
from requests_app.policies.evaluation import parse_version_rules, serialize_version_rules
from requests_app.policies.models import PolicyVersion
from requests_app.policies.wording import describe_outcome_and_information, list_unavailable_facts
from requests_app.policy_editing.actions import draft_policy, publish_policy, retire_policy
from requests_app.policy_editing.may import may_publish_policy
from requests_app.policy_editing.queries import PolicyScope, get_policy_scope, list_policy_scopes
from requests_app.policy_editing.replay import PolicyReplay, ReplayChange, ReplayedItem, replay_rules
from requests_app.policy_editing.what_if import PolicyEvaluation, evaluate_policies, list_tables
from requests_app.policy_editing.yaml_format import MAX_LENGTH, diff_rules, format_yaml, parse_yaml
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.policy_engine.request_texts import TEXT_NAMES
from requests_app.statistics.periods import build_periods
from requests_app.submission.preview import RequestDraft
from requests_app.targets.recipients import Recipient, list_requestable_principals
from requests_app.targets.requested_item import RequestedItem
from requests_app.targets.single_tables import TableColumns, TableMetadata

TONES = {
    ReplayChange.SAME: ChartTone.NEUTRAL,
    ReplayChange.LOOSER: ChartTone.GOOD,
    ReplayChange.STRICTER: ChartTone.CAUTION,
    ReplayChange.REJECTED: ChartTone.BAD,
}
MAX_ROWS = 50
OK, UNPROCESSABLE = 200, 422


class RulesForm(PageForm):
    max_rules_length = MAX_LENGTH
    text_facts = ", ".join(TEXT_NAMES)

    rules = forms.CharField(required=False, strip=False, max_length=MAX_LENGTH)
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "maxlength": MAX_TEXT_LENGTH}),
        error_messages={"required": gettext_lazy("Say in one sentence what changes, and why.")},
    )


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
        "based_on": max((version.pk for version in scope.versions), default=""),
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
    version = next((version for version in scope.versions if version.number == number), None)
    if version is None:
        raise NotFoundError
    return version


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
            _describe_change(row.change),
        )
        for row in found.changed_items[:MAX_ROWS]
    )
    lines = tuple(diff_rules(serialize_version_rules(scope.published), serialize_version_rules(other)))
    # By the time when they were sent. Requests from before the first period are left out.
    times = [row.item.request.submitted_at for row in found.items]
    periods = build_periods(min(times, default=None), clock.now())
    counts = {change: [0] * len(periods.starts) for change in TONES}
    for row, at in zip(found.items, times, strict=True):
        place = periods.find_place(at)
        if place is not None:
            counts[row.change][place] += 1
    changed = sum(sum(values) for change, values in counts.items() if change is not ReplayChange.SAME)
    total = sum(sum(values) for values in counts.values())
    replay_chart = Chart(
        "replay",
        _("What would change, by the time of the request"),
        ngettext(
            "%(changed)s of %(total)s request would be decided differently.",
            "%(changed)s of %(total)s requests would be decided differently.",
            total,
        )
        % {"changed": changed, "total": total},
        describe_axis(periods.interval),
        list_period_names(periods),
        tuple(
            Series(_describe_change(change), tuple(values), TONES[change])
            for change, values in counts.items()
        ),
    )
    return PolicyComparison(lines, replay_chart, found, rows, len(found.changed_items) - len(rows))


def _describe_change(change: ReplayChange) -> str:
    return {
        ReplayChange.SAME: _("same"),
        ReplayChange.LOOSER: _("looser"),
        ReplayChange.STRICTER: _("stricter"),
        ReplayChange.REJECTED: _("rejected"),
    }[change]


class WhatIfForm(RequestTextsForm):
    """A hypothetical request. `columns` is comma-separated; empty means all current columns."""

    may_omit_texts = True

    person = forms.EmailField(error_messages={"required": gettext_lazy("Enter the requester's e-mail.")})
    principal = forms.CharField(required=False, max_length=600)
    table = forms.IntegerField(
        min_value=1,
        error_messages={
            "required": gettext_lazy("Choose a table."),
            "invalid": gettext_lazy("Choose a table."),
        },
    )
    extent = forms.ChoiceField(choices=list_extent_choices, required=False)
    columns = forms.CharField(required=False, max_length=MAX_LENGTH)
    use = forms.ChoiceField(choices=[("", gettext_lazy("not specified")), *DataUse.choices], required=False)
    days = forms.IntegerField(min_value=1, max_value=3650, initial=90)

    def build_requested_item(self, table: Table) -> RequestedItem:
        """The item as a requester would submit it."""
        extent = self.cleaned_data["extent"] or TableColumns.fact
        named = tuple(self.cleaned_data["columns"].replace(",", " ").split())
        columns = named or tuple(column.name for column in table.columns.all())
        return RequestedItem(
            table.pk,
            product_id=None,
            **get_extent_fields(extent, columns),
            use=DataUse.METADATA if extent == TableMetadata.fact else self.cleaned_data["use"],
        )


@require_GET
@return_404_if_hidden
def what_if(request: HttpRequest, slug: str) -> HttpResponse:
    """The form and, if it is valid, the evaluation. Only for people who may edit the policy."""
    scope = get_policy_scope(get_signed_in_person(request), slug)
    if not scope.may_write:
        raise NotFoundError
    form = WhatIfForm(request.GET or None)
    requester: Person | None = None
    if form.is_bound and form.is_valid():
        requester = Person.objects.filter(email=form.cleaned_data["person"], is_active=True).first()
        if requester is None:
            form.add_error("person", _("There is nobody with this e-mail."))
    principals = list(list_requestable_principals(requester)) if requester else []
    context = {
        "scope": scope,
        "form": form,
        "tables": list_tables(scope),
        "principals": principals,
        "evaluation": _evaluate(scope, form, requester, principals) if requester else None,
    }
    return render(request, "portal/policies/what_if.html", context, status=422 if form.errors else 200)


def _evaluate(
    scope: PolicyScope, form: WhatIfForm, requester: Person, principals: list[Principal]
) -> PolicyEvaluation | None:
    """None if the form has errors. Without a role, the person's first one is used."""
    said = form.cleaned_data
    table = Table.objects.prefetch_related("columns").filter(pk=said["table"]).first()
    chosen = [principal for principal in principals if said["principal"] in ("", principal.arn)]
    if table is None or not chosen:
        no_role = _("None of this person's teams has this role. Choose another.")
        form.add_error(*(("table", _("Choose a table.")) if table is None else ("principal", no_role)))
        return None
    now = clock.now()
    details = Recipient(chosen[0]).build_details(said, now + timedelta(days=said["days"]))
    try:
        return evaluate_policies(
            scope, RequestDraft(requester, details, now), form.build_requested_item(table)
        )
    except RefusedError as error:
        add_refusal(form, error)
        return None


class RetireForm(forms.Form):
    max_text_length = MAX_TEXT_LENGTH

    reason = forms.CharField(
        error_messages={"required": gettext_lazy("Say in one sentence why you retire this policy.")}
    )
