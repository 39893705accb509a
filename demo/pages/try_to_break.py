"""The page *Try to break it*: faults to trigger, and a feed of what the portal does."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit.models import Event
from catalog.mirror.models import Table
from demo.supervisor.client import SupervisorError, call_supervisor
from fulfilment.rounds import Round, StepEntry
from fulfilment.timeline import describe_entry
from identity.accounts import ConnectedCatalog, Principal
from identity.people.models import Person
from kernel import clock
from portal.access.query_examples import build_query_names
from portal.pages.partials import NO_CONTENT, compute_content_hash, is_unchanged, render_page_or_fragment
from requests_app.access_requests.models import RequestItem
from requests_app.display_states.vocabulary import APPEARANCES, Appearance, State, Tone
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

MAX_CHOICES = 200
MAX_DROPPED = 20
MAX_SQL_LENGTH = 10_000
MAX_CLOCK_STEP = 400 * 86_400
MAX_ACTIVITIES = 40
VERB_TEXTS = {
    "request_sync": "asked for a reading of the catalog",
    "found_drift": "found a change behind its back",
    "could_not_read": "could not read AWS, and says so",
    "replaced": "takes one permission for another, and says so",
    "proved_present": "read back that access is there",
    "proved_absent": "read back that access is gone",
    "submit_access_request": "asked for access",
    "approve_item": "approved a request",
    "reject_item": "rejected a request",
    "withdraw_item": "withdrew a request",
    "revoke_grant": "revoked a grant",
    "expire_grant": "closed a grant whose time was up",
}


@require_GET
def try_to_break_page(request: HttpRequest) -> HttpResponse:
    """The page; to htmx the feed alone, or nothing when nothing has happened."""
    activities = list_activities()
    mark = compute_content_hash(activities)
    if is_unchanged(request, mark):
        return HttpResponse(status=NO_CONTENT)
    context: dict[str, Any] = {"news": activities, "mark": mark}
    if "HX-Request" not in request.headers:
        context |= _build_context()
        context |= _suggest_query(context["grants"])
    return render_page_or_fragment(request, "demo/try_to_break.html", "feed", context)


def _suggest_query(grants: Iterable[Grant]) -> dict[str, str]:
    """A statement that ought to run: the latest live grant's, as its role."""
    for grant in grants:
        return {"sql": build_query_names(grant).formatted_sql, "chosen": grant.principal.arn}
    return {"sql": "", "chosen": ""}


def _build_context() -> dict[str, Any]:
    # Nobody reads as an account, so only roles can be asked as and lose something in AWS.
    live = (
        Grant.objects.filter(state=GrantState.LIVE)
        .exclude(principal__arn=F("principal__unique_id"))
        .select_related("item", "principal__account", "table__database__catalog__account")
    )
    tables = Table.objects.filter(tombstoned_at__isnull=True).select_related("database")
    gone = Table.objects.filter(tombstoned_at__isnull=False).select_related("database")
    roles = (
        Principal.objects.filter(gone_at__isnull=True).exclude(arn=F("unique_id")).select_related("account")
    )
    parts: list[dict[str, Any]] = []
    trouble = ""
    try:
        parts = call_supervisor("status")["parts"]
    except SupervisorError as error:
        trouble = str(error)
    return {
        "grants": live.order_by("-pk")[:MAX_CHOICES],
        "tables": tables.order_by("database__name", "name")[:MAX_CHOICES],
        "dropped": gone.order_by("-tombstoned_at")[:MAX_DROPPED],
        "roles": roles.order_by("account__name", "name")[:MAX_CHOICES],
        "parts": parts,
        "trouble": trouble,
        "clock": clock.now(),
    }


@require_POST
def run_query(request: HttpRequest) -> HttpResponse:
    """Runs the statement as the chosen role, in Athena as that role's account sees it."""
    arn, sql = request.POST.get("principal_arn", ""), request.POST.get("sql", "")[:MAX_SQL_LENGTH]
    result: dict[str, Any]
    try:
        result = call_supervisor("query", principal_arn=arn, sql=sql)
    except SupervisorError as error:
        result = {"state": "FAILED", "reason": str(error)}
    context = {"result": result, "sql": sql, "chosen": arn}
    if "HX-Request" in request.headers:
        return render(request, "demo/try_to_break.html#result", context)
    activities = list_activities()
    return render(
        request,
        "demo/try_to_break.html",
        context | _build_context() | {"news": activities, "mark": compute_content_hash(activities)},
    )


@require_POST
def pull_lever(request: HttpRequest, lever: str) -> HttpResponse:
    """One fault: its operation, its arguments, and what to say when it was done."""
    operation, arguments, said = _get_operation(lever, request)
    try:
        call_supervisor(operation, **arguments)
    except SupervisorError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("demo-break")


def _get_operation(lever: str, request: HttpRequest) -> tuple[str, dict[str, Any], str]:
    known: dict[str, tuple[str, dict[str, Any], str]] = {
        "revoke": ("revoke_outside_portal", {"grant_id": _parse_number(request, "grant")}, _("Removed in AWS, outside the portal. Watch the portal find and repair it.")),
        "drop": ("drop_table", {"table_id": _parse_number(request, "table")}, _("Dropped in Glue, outside the portal.")),
        "recreate": ("recreate_table", {"table_id": _parse_number(request, "dropped")}, _("Recreated: another table with the same name.")),
        "outage": ("outage", {}, _("Lake Formation fails every call until you choose Back to normal.")),
        "calm": ("clear_faults", {}, _("AWS is back to normal.")),
        "throttle": ("throttle", {"calls": _parse_number(request, "calls")}, _("The next calls to AWS are throttled.")),
        "kill": ("kill", {"name": "worker"}, _("Worker killed. The supervisor starts it again; nothing is lost.")),
        "clock": ("advance_clock", {"seconds": min(_parse_number(request, "seconds"), MAX_CLOCK_STEP)}, _("The time was changed.")),
    }  # fmt: skip
    if lever not in known:
        raise Http404
    return known[lever]


def _parse_number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0  # noqa: PLR2004


@dataclass(frozen=True)
class Activity:
    at: datetime
    look: Appearance
    text: str
    detail: str = ""


def list_activities() -> list[Activity]:
    """Six queries, whatever has happened."""
    found = [*_list_events(), *_list_calls(), *_list_drift()]
    return sorted(found, key=lambda each: each.at, reverse=True)[:MAX_ACTIVITIES]


def _list_events() -> Iterator[Activity]:
    events = list(Event.objects.order_by("-pk")[:MAX_ACTIVITIES])
    ids = [int(e.actor.removeprefix("person:")) for e in events if e.actor.startswith("person:")]
    things = _describe_subjects(events)
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    for event in events:
        kind, _colon, key = event.actor.partition(":")
        who = names.get(int(key), event.actor) if kind == "person" else _("The portal")
        what = VERB_TEXTS.get(event.verb, event.verb.replace("_", " "))
        icon = "person" if kind == "person" else "bolt"
        yield Activity(
            event.at, Appearance(Tone.GREY, icon), f"{who} {what}", things.get(event.subject, event.subject)
        )


def _describe_subjects(events: list[Event]) -> dict[str, str]:
    """Subjects of events in words: `request:4` is Claims for BI."""
    ids: dict[str, list[int]] = defaultdict(list)
    for event in events:
        model, _colon, key = event.subject.partition(":")
        if key.isdigit():
            ids[model].append(int(key))
    chosen = Q(pk__in=ids["item"]) | Q(request__in=ids["request"]) | Q(grant__in=ids["grant"])
    items = RequestItem.objects.filter(chosen).select_related(
        "product", "table__database", "request__team", "grant"
    )
    catalogs = ConnectedCatalog.objects.filter(pk__in=ids["catalog"])
    named = {f"catalog:{pk}": name for pk, name in catalogs.values_list("pk", "short_name")}
    return named | {
        subject: f"{item.product or item.table} · {item.request.team}"
        for item in items
        for subject in (f"item:{item.pk}", f"request:{item.request_id}", f"grant:{_grant_id(item)}")
    }


def _grant_id(item: RequestItem) -> int:
    grant = getattr(item, "grant", None)
    return grant.pk if grant else 0


def _list_calls() -> Iterator[Activity]:
    sent = StepEntry.objects.filter(step__sent_at__isnull=False).select_related("step")
    for entry in sent.order_by("-step__sent_at", "-pk")[:MAX_ACTIVITIES]:
        step = entry.step
        assert step.sent_at is not None
        failed = entry.error or step.error
        look = APPEARANCES[State.FAILED] if failed else Appearance(Tone.GREY, "bolt")
        yield Activity(
            step.sent_at, look, describe_entry(entry), failed or f"{step.operation} · {step.account_id}"
        )


def _list_drift() -> Iterator[Activity]:
    for found in Round.objects.exclude(drift=[]).order_by("-pk")[:MAX_ACTIVITIES]:
        for drift in found.drift:
            yield Activity(
                found.started_at,
                APPEARANCES[State.NEEDS_ATTENTION],
                _("Changed outside the portal"),
                drift["text"],
            )
