"""Who uses data products: how many active grants, and of how many teams. How often they are requested is their popularity, which
searches use: `catalog.usage.recording`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, QuerySet

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


@dataclass
class _Users:
    grants: set[int] = field(default_factory=set)
    teams: set[int] = field(default_factory=set)


def count_product_uses(product_ids: Collection[int], now: datetime) -> dict[int, ProductUse]:
    """By product. A grant counts that was requested for it, or for a table of it, alone or with its whole database. Access by LF-Tags
    names no table and does not count. Two queries.
    """
    users: dict[int, _Users] = defaultdict(_Users)
    first, *others = _iterate_uses(product_ids, now)
    for product, grant, team in first.union(*others):
        users[product].grants.add(grant)
        users[product].teams.add(team)
    waiting = RequestItem.objects.filter(state__in=OPEN_ITEM_STATES, product__in=product_ids)
    open_items = dict(waiting.values("product").annotate(count=Count("pk")).values_list("product", "count"))
    return {
        pk: ProductUse(len(users[pk].grants), len(users[pk].teams), open_items.get(pk, 0))
        for pk in product_ids
    }


def _iterate_uses(product_ids: Collection[int], now: datetime) -> Iterator[QuerySet[Grant, tuple[int, ...]]]:
    """Yields queries of product, grant and team."""
    live = Grant.objects.filter(EFFECTIVE_GRANTS, ends_at__gt=now).order_by()
    paths = [("item__product", live)]
    single = build_filter(list_single_table_conditions(), "item__")
    paths.append(("table__product_tables__product", live.filter(single)))
    for kind in TARGET_KINDS:
        if kind.column and kind.tables_path:
            wide = live.exclude(build_filter([kind.column], "item__"))
            paths.append((f"table__{kind.tables_path}__product_tables__product", wide))
    for path, rows in paths:
        yield rows.filter(**{f"{path}__in": product_ids}).values_list(path, "pk", "item__request__team")
