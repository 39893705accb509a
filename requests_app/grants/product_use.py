"""How many teams use data products, and how many requests for them are open."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant


@dataclass(frozen=True)
class ProductUse:
    """`team_count` teams have active access; `open_count` requested items wait for a decision or for their requester."""

    team_count: int
    open_count: int


def count_active_teams(product_ids: Collection[int]) -> dict[int, int]:
    """By product, how many teams have active access through it. One query. How popular a product is, in searches,
    counts requests as well: `catalog.usage.recording`.
    """
    live = Grant.objects.filter(EFFECTIVE_GRANTS, item__product__in=product_ids)
    teams = (
        live.order_by().values("item__product").annotate(count=Count("item__request__team", distinct=True))
    )
    return dict(teams.values_list("item__product", "count"))


def count_product_uses(product_ids: Collection[int]) -> dict[int, ProductUse]:
    """By product. Two queries."""
    teams = count_active_teams(product_ids)
    waiting = RequestItem.objects.filter(state__in=OPEN_ITEM_STATES, product__in=product_ids)
    open_items = dict(waiting.values("product").annotate(count=Count("pk")).values_list("product", "count"))
    return {pk: ProductUse(teams.get(pk, 0), open_items.get(pk, 0)) for pk in product_ids}
