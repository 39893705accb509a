"""The page *Try to break it*: faults to trigger, and a feed of what the portal does."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from catalog.mirror.models import Table
from demo.pages.activity_feed import list_activities
from demo.supervisor.client import SupervisorError, call_supervisor
from identity.accounts import Principal
from kernel import clock
from portal.access.query_examples import build_query_names
from portal.pages.partials import NO_CONTENT, compute_content_hash, is_unchanged, render_page_or_fragment
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

MAX_CHOICES = 200
MAX_DROPPED = 20
MAX_SQL_LENGTH = 10_000
MAX_CLOCK_STEP = 400 * 86_400


@require_GET
def try_to_break_page(request: HttpRequest) -> HttpResponse:
    """The page; to htmx the feed alone, or nothing when nothing has happened."""
    found = list_activities()
    mark = compute_content_hash(found)
    if is_unchanged(request, mark):
        return HttpResponse(status=NO_CONTENT)
    context: dict[str, Any] = {"news": found, "mark": mark}
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
    found = list_activities()
    return render(
        request,
        "demo/try_to_break.html",
        context | _build_context() | {"news": found, "mark": compute_content_hash(found)},
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
