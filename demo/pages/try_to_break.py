"""*Try to break it*: levers that the supervisor pulls, and beside them what the portal does about it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from catalog.mirror.models import Table
from demo.pages.activity_feed import news
from demo.supervisor.client import SupervisorError, ask
from identity.accounts.models import Principal
from portal.access.query_examples import names_of
from portal.pages.partials import NO_CONTENT, mark_of, page_or_fragment, unchanged
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

MOST_CHOICES = 200
MOST_DROPPED = 20
LONGEST_SQL = 10_000
LONGEST_STEP = 400 * 86_400


@require_GET
def breaking(request: HttpRequest) -> HttpResponse:
    """The page; to htmx the feed alone, or nothing when nothing has happened."""
    found = news()
    mark = mark_of(found)
    if unchanged(request, mark):
        return HttpResponse(status=NO_CONTENT)
    context: dict[str, Any] = {"news": found, "mark": mark}
    if "HX-Request" not in request.headers:
        context |= _levers()
        context |= _first_query(context["grants"])
    return page_or_fragment(request, "demo/break.html", "feed", context)


def _first_query(grants: Iterable[Grant]) -> dict[str, str]:
    """A statement that ought to run: the latest live grant's, as its role."""
    for grant in grants:
        return {"sql": names_of(grant).statement, "chosen": grant.principal.arn}
    return {"sql": "", "chosen": ""}


def _levers() -> dict[str, Any]:
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
        parts = ask("status")["parts"]
    except SupervisorError as error:
        trouble = str(error)
    return {
        "grants": live.order_by("-pk")[:MOST_CHOICES],
        "tables": tables.order_by("database__name", "name")[:MOST_CHOICES],
        "dropped": gone.order_by("-tombstoned_at")[:MOST_DROPPED],
        "roles": roles.order_by("account__name", "name")[:MOST_CHOICES],
        "parts": parts,
        "trouble": trouble,
        "clock": clock.now(),
    }


@require_POST
def query(request: HttpRequest) -> HttpResponse:
    """Runs the statement as the chosen role, in Athena as that role's account sees it."""
    arn, sql = request.POST.get("principal_arn", ""), request.POST.get("sql", "")[:LONGEST_SQL]
    result: dict[str, Any]
    try:
        result = ask("query", principal_arn=arn, sql=sql)
    except SupervisorError as error:
        result = {"state": "FAILED", "reason": str(error)}
    context = {"result": result, "sql": sql, "chosen": arn}
    if "HX-Request" in request.headers:
        return render(request, "demo/break.html#result", context)
    found = news()
    return render(request, "demo/break.html", context | _levers() | {"news": found, "mark": mark_of(found)})


@require_POST
def pull(request: HttpRequest, lever: str) -> HttpResponse:
    """One lever: its operation, its arguments, and what to say when it was done."""
    operation, arguments, said = _operation(lever, request)
    try:
        ask(operation, **arguments)
    except SupervisorError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("demo-break")


def _operation(lever: str, request: HttpRequest) -> tuple[str, dict[str, Any], str]:
    known: dict[str, tuple[str, dict[str, Any], str]] = {
        "revoke": ("revoke_behind", {"grant_id": _number(request, "grant")}, _("Removed in AWS, outside the portal. Watch the portal find and repair it.")),
        "drop": ("drop_table", {"table_id": _number(request, "table")}, _("Dropped in Glue, outside the portal.")),
        "recreate": ("recreate_table", {"table_id": _number(request, "dropped")}, _("Recreated: another table with the same name.")),
        "outage": ("outage", {}, _("Lake Formation fails every call until you choose Back to normal.")),
        "calm": ("calm", {}, _("AWS is back to normal.")),
        "throttle": ("throttle", {"calls": _number(request, "calls")}, _("The next calls to AWS are throttled.")),
        "kill": ("kill", {"name": "worker"}, _("Worker killed. The supervisor starts it again; nothing is lost.")),
        "clock": ("advance_clock", {"seconds": min(_number(request, "seconds"), LONGEST_STEP)}, _("The time was changed.")),
    }  # fmt: skip
    if lever not in known:
        raise Http404
    return known[lever]


def _number(request: HttpRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0  # noqa: PLR2004
