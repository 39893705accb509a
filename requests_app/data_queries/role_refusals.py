"""Roles that do not let the marketplace's workers act as them, as far as earlier queries show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from fulfilment.role_queries import TestQuery
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.states import QueryProblem

NOT_TRUSTED = {QueryProblem.NOT_TRUSTED.value, TestQuery.Outcome.NOT_TRUSTED.value}


@dataclass(frozen=True)
class RoleRefusal:
    """When the role last refused, and AWS's words."""

    at: datetime
    error: str


def find_untrusting_principals(principals: Collection[int]) -> dict[int, RoleRefusal]:
    """By id, of roles whose newest query was refused because they do not trust the workers. One query."""
    queries = (
        DataQuery.objects.filter(principal__in=principals, cancelled_at=None)
        .exclude(finished_at=None)
        .order_by("principal", "-finished_at")
        .distinct("principal")
        .values_list("principal", "finished_at", "problem", "error")
    )
    tests = (
        TestQuery.objects.filter(intent__grant__principal__in=principals)
        .exclude(finished_at=None)
        .annotate(role=F("intent__grant__principal"))
        .order_by("role", "-finished_at")
        .distinct("role")
        .values_list("role", "finished_at", "outcome", "text")
    )
    refused: dict[int, RoleRefusal] = {}
    for principal, at, answer, error in sorted(queries.union(tests, all=True), key=lambda row: row[:2]):
        refused.pop(principal, None)
        if at and answer in NOT_TRUSTED:
            refused[principal] = RoleRefusal(at, error)
    return refused
