"""Roles that do not let the marketplace's workers act as them, as far as earlier queries show."""

from collections.abc import Collection

from fulfilment.role_queries.models import TestQuery
from requests_app.data_queries.models import DataQuery
from requests_app.data_queries.states import QueryProblem


def find_untrusting_principals(principals: Collection[int]) -> dict[int, str]:
    """By id, with AWS's words, of roles whose newest query was refused because they do not trust the workers. Two queries."""
    newest = (
        DataQuery.objects.filter(principal__in=principals, cancelled_at=None)
        .exclude(finished_at=None)
        .order_by("principal", "-finished_at")
        .distinct("principal")
    )
    rows = [
        (one.finished_at, one.principal_id, one.problem == QueryProblem.NOT_TRUSTED, one.error)
        for one in newest
        if one.finished_at
    ]
    tests = (
        TestQuery.objects.filter(intent__grant__principal__in=principals)
        .exclude(finished_at=None)
        .order_by("intent__grant__principal", "-finished_at")
        .distinct("intent__grant__principal")
    )
    rows += [
        (at, principal, outcome == TestQuery.Outcome.NOT_TRUSTED, text)
        for at, principal, outcome, text in tests.values_list(
            "finished_at", "intent__grant__principal", "outcome", "text"
        )
        if at
    ]
    refused: dict[int, str] = {}
    for _at, principal, is_refused, error in sorted(rows, key=lambda row: row[:2]):
        refused.pop(principal, None)
        if is_refused:
            refused[principal] = error
    return refused
