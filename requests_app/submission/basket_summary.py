"""The basket as of now: who would decide, the expected wait, and what is wrong with each table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.mirror.models import Classification
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import Domain, ProductTable
from identity.accounts import Principal
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.may import get_owning_domain
from requests_app.grants.coverage import describe_coverage, describe_waiting_items, find_covering_grants
from requests_app.review.decision_history import DecisionTime, compute_decision_times
from requests_app.submission.basket import build_requested_item, list_basket_items
from requests_app.submission.models import BasketItem
from requests_app.submission.offer_checks import find_offer_problem
from requests_app.targets.checks import NOT_IN_PRODUCT_MESSAGE, TABLE_NOT_FOUND_MESSAGE, check_item_on_table


@dataclass(frozen=True)
class BasketRow:
    """One table in a basket. `problem` says why it cannot be requested, `coverage` that access exists already.

    `waiting`: the principal waits for it already. Not `is_visible`: nothing of it is shown. `omitted_columns`
    are the sensitive columns of the table that are not requested.
    """

    item: BasketItem
    is_visible: bool
    column_count: int
    omitted_columns: tuple[str, ...]
    domain: Domain | None
    expected_wait: DecisionTime | None
    problem: str = ""
    coverage: str = ""
    waiting: str = ""


def build_basket_rows(
    person: Person,
    team: Team,
    *,
    principal: Principal | None = None,
    ends_at: datetime | None = None,
    problems: Mapping[int, str] | None = None,
) -> list[BasketRow]:
    """The basket's items, for this principal until then; `problems`, by table, are those of a refused sending.

    A number of queries that does not grow with the tables.
    """
    items = list_basket_items(person, team)
    tables = [item.table_id for item in items]
    there = set(visible_tables(person).filter(pk__in=tables).values_list("pk", flat=True))
    problems_by_table = _find_problems(person, items, there, ends_at) | dict(problems or {})
    covered = _find_coverage(items, principal, ends_at)
    asked = describe_waiting_items(items, principal)
    domains = {item.pk: get_owning_domain(item.table, item.product) for item in items}
    times = compute_decision_times({domain.owner_team_id for domain in domains.values() if domain})
    return [
        BasketRow(
            item,
            is_visible=item.table_id in there,
            column_count=len(item.table.columns.all()),
            omitted_columns=_list_omitted_columns(item),
            domain=domain,
            expected_wait=times.get(domain.owner_team_id) if domain else None,
            problem=problems_by_table.get(item.table_id, ""),
            coverage=covered.get(item.table_id, ""),
            waiting=asked.get(item.table_id, ""),
        )
        for item in items
        for domain in [domains[item.pk]]
    ]


def _find_problems(
    person: Person, items: Sequence[BasketItem], there: set[int], ends_at: datetime | None
) -> dict[int, str]:
    shown = visible_products(person).filter(pk__in=[item.product_id for item in items if item.product_id])
    parts = set(ProductTable.objects.filter(product__in=shown).values_list("product_id", "table_id"))
    now = clock.now()
    problems_by_table = {
        item.table_id: _find_problem(item, there, parts) or find_offer_problem(item, ends_at, now)
        for item in items
    }
    return {table: problem for table, problem in problems_by_table.items() if problem}


def _find_problem(item: BasketItem, there: set[int], parts: set[tuple[int, int]]) -> str:
    if item.table_id not in there:
        return str(TABLE_NOT_FOUND_MESSAGE)
    if item.product_id and (item.product_id, item.table_id) not in parts:
        return NOT_IN_PRODUCT_MESSAGE % {"table": item.table}
    try:
        check_item_on_table(build_requested_item(item), item.table)
    except RefusedError as refusal:
        return refusal.message
    return ""


def _find_coverage(
    items: Sequence[BasketItem], principal: Principal | None, ends_at: datetime | None
) -> dict[int, str]:
    if principal is None or ends_at is None:
        return {}
    had = find_covering_grants(
        [build_requested_item(item) for item in items if item.is_chosen], principal=principal, ends_at=ends_at
    )
    return {table: describe_coverage(grant) for table, grant in had.items()}


def _list_omitted_columns(item: BasketItem) -> tuple[str, ...]:
    if item.target.texts.full or not item.is_chosen:
        return ()
    asked = set(item.columns)
    sensitive = (c.name for c in item.table.columns.all() if c.classification == Classification.SENSITIVE)
    return tuple(name for name in sensitive if name not in asked)
