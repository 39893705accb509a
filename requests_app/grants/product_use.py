"""Who uses data products: how many active grants, and of how many teams. How often they are requested is their popularity, which
searches use: `catalog.usage.recording`.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from requests_app.access_requests.item_targets import (
    TARGET_KINDS,
    build_filter,
    list_single_table_conditions,
)
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant


@dataclass(frozen=True)
class ProductUse:
    """`grant_count` active grants give access to it, to `team_count` teams; `open_count` requested items wait for a decision or for
    their requester.
    """

    grant_count: int
    team_count: int
    open_count: int


def count_product_uses(product_ids: Collection[int], now: datetime) -> dict[int, ProductUse]:
    """By product. A grant counts that was requested for it, or for a table of it, alone or with its whole database. Access by LF-Tags
    names no table and does not count. Two queries.
    """
    live = Grant.objects.filter(EFFECTIVE_GRANTS, ends_at__gt=now).order_by()
    single = live.filter(build_filter(list_single_table_conditions(), "item__"))
    paths = [("item__product", live), ("table__product_tables__product", single)]
    for kind in TARGET_KINDS:
        if kind.column and kind.tables_path:
            whole = live.exclude(build_filter([kind.column], "item__"))
            paths.append((f"table__{kind.tables_path}__product_tables__product", whole))
    first, *others = (
        rows.filter(**{f"{path}__in": product_ids}).values_list(path, "pk", "item__request__team")
        for path, rows in paths
    )
    grants: dict[int, set[int]] = defaultdict(set)
    teams: dict[int, set[int]] = defaultdict(set)
    for product, grant, team in first.union(*others):
        grants[product].add(grant)
        teams[product].add(team)
    waiting = RequestItem.objects.filter(state__in=OPEN_ITEM_STATES, product__in=product_ids)
    open_items = dict(waiting.values("product").annotate(count=Count("pk")).values_list("product", "count"))
    return {pk: ProductUse(len(grants[pk]), len(teams[pk]), open_items.get(pk, 0)) for pk in product_ids}
