"""What needs attention across the mesh: health, drift, stale readings, overdue decisions and access reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fulfilment.health import list_valves, read_wall_clock
from fulfilment.permissions.finding_kinds import FINDING_TEXTS, FindingTexts
from fulfilment.permissions.models import DriftFinding
from identity.people.models import Person
from kernel.errors import NotFoundError
from lakeformation.drift import DifferenceKind
from portal.access_reviews.presenters import AccessReviewRow, build_access_review_rows
from portal.health.background import get_background_health
from portal.health.presenters import ScopeRow, list_scope_rows
from portal.health.problems import list_problems
from portal.pages.error_responses import return_404_if_hidden
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.permissions.presenters import catalog_url
from requests_app.access_reviews.queries import list_access_reviews
from requests_app.access_reviews.states import AccessReviewState
from requests_app.permissions.may import sees_all_permissions
from requests_app.review.sla.queries import list_undecided_items

MAX_ROWS = 10
"""Of a panel; its figure counts all."""


@dataclass(frozen=True)
class PostureCounts:
    """`read_count` of `catalog_count` catalogs are known as they are now."""

    permission_count: int
    unmanaged_count: int
    finding_count: int
    catalog_count: int
    read_count: int


@dataclass(frozen=True)
class OpenFinding:
    finding: DriftFinding
    texts: FindingTexts
    url: str


@require_GET
@return_404_if_hidden
def posture(request: HttpRequest) -> HttpResponse:
    person, now = get_signed_in_person(request), get_request_time(request)
    if not sees_all_permissions(person):
        raise NotFoundError
    wall_clock = read_wall_clock()
    scopes = list_scope_rows(now, wall_clock)
    findings = list_open_findings()
    overdue = list(
        list_undecided_items(now).select_related("product", "table__database", "request__principal")
    )
    context = {
        "figures": compute_counts(scopes),
        "problems": list_problems(get_background_health(wall_clock), list_valves(), scopes),
        "stale": list_stale_scopes(scopes),
        "findings": findings[:MAX_ROWS],
        "finding_count": len(findings),
        "overdue": overdue[:MAX_ROWS],
        "overdue_count": len(overdue),
        "access_reviews": list_open_reviews(person, now),
    }
    return render(request, "portal/posture/detail.html", context)


def compute_counts(scopes: Sequence[ScopeRow]) -> PostureCounts:
    """From the rows that the health page shows."""
    catalogs = [row.details for row in scopes if row.details.scope.consumer_id is None]
    facts = [row.facts for row in catalogs if row.facts]
    return PostureCounts(
        permission_count=sum(fact.permission_count for fact in facts),
        unmanaged_count=sum(row.unmanaged_count for row in catalogs),
        finding_count=sum(row.finding_count for row in catalogs),
        catalog_count=len(catalogs),
        read_count=sum(
            bool(row.reading) and not (row.is_reading_old or row.is_unreachable) for row in catalogs
        ),
    )


def list_stale_scopes(scopes: Sequence[ScopeRow]) -> list[ScopeRow]:
    """Those of which what AWS holds now is not known."""
    return [row for row in scopes if row.details.is_reading_old or row.details.is_unreachable]


def list_open_findings() -> list[OpenFinding]:
    """Those that nobody marked as known, the latest first. One query."""
    rows = DriftFinding.objects.filter(gone_at=None, known_at=None).select_related("catalog").order_by("-pk")
    return [
        OpenFinding(row, FINDING_TEXTS[DifferenceKind(row.kind)], catalog_url(row.catalog.short_name))
        for row in rows
    ]


def list_open_reviews(person: Person, now: datetime) -> list[AccessReviewRow]:
    rows = list_access_reviews(person).filter(state=AccessReviewState.OPEN).order_by("due_at", "pk")
    return build_access_review_rows(list(rows[:MAX_ROWS]), person, now)
