"""Scores the risk of an item when it is requested and when it changes."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from typing import Any

from kernel.query_cache import QueryCache
from lakeformation.effects.table_effects import Effects
from requests_app.access_requests.models import RequestItem
from requests_app.policies.evaluation import RuleCache, check_and_store_verdict
from requests_app.review.risk import RiskFacts, compute_risk, get_highest_classification
from requests_app.targets.access import compute_effects, hide_obstacle
from requests_app.targets.checks import check_effects, check_reachable


def score_item(item: RequestItem, effects: Effects) -> None:
    """Set the item's risk from `effects`. The item is not saved."""
    facts = build_risk_facts(item, effects)
    item.risk_facts, item.risk = facts.to_json(), compute_risk(facts).points


def check_and_score(
    item: RequestItem, readings: QueryCache | None = None, rule_cache: RuleCache | None = None
) -> None:
    """For an item about to be written. RefusedError if its approval would be refused, or a rule refuses it."""
    check_reachable(item.request.principal, item.table.database.catalog)
    effects = compute_effects(item, readings)
    check_effects(hide_obstacle(item.request.current_requester, item, effects))
    check_and_store_verdict(item, effects, rule_cache)
    score_item(item, effects)


def build_risk_facts(item: RequestItem, effects: Effects) -> RiskFacts:
    """What the weight of the item rests on. No query."""
    request, classes = item.request, list(_iterate_classifications(effects.approved))
    highest = get_highest_classification(classes)
    return RiskFacts(
        classification=highest,
        whole_table=item.target.has_future_columns,
        has_widening=bool(effects.widenings),
        is_outside_organisation=not request.principal.account.in_organisation,
        days=ceil((item.ends_at - request.submitted_at) / timedelta(days=1)),
        highest_count=0 if highest is None else classes.count(highest),
        column_count=len(classes),
        has_row_filter=bool(item.row_filter),
    )


def _iterate_classifications(approved: dict[str, Any]) -> Iterator[str]:
    """Of each column that would be seen: of the table's, or of all that the LF-Tags reach."""
    yield from approved.get("classification", {}).values()
    for member in approved.get("members", ()):
        yield from member["columns"].values()
