"""Which data products the same teams use, more often than by chance. The computation is pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person
from requests_app.grants.models import Grant

MIN_TEAMS = 2
"""A pair that fewer teams use is not shown."""
HELD_SINCE = timedelta(days=365)
MAX_USES, MAX_PRODUCTS, MAX_PAIRS = 50_000, 200, 50


@dataclass(frozen=True)
class ProductPair:
    """`teams` use both. `lift`: how many times more often than if the one use had nothing to do with the other."""

    first: int
    second: int
    teams: int
    lift: float


def find_pairs(uses: Iterable[tuple[int, int]]) -> list[ProductPair]:
    """Takes (team, product); the highest lift first, then those of most teams. A team with very many products counts with the
    first of them.
    """
    held: dict[int, set[int]] = defaultdict(set)
    for team, product in uses:
        held[team].add(product)
    kept = {team: sorted(products)[:MAX_PRODUCTS] for team, products in held.items()}
    single = Counter(product for products in kept.values() for product in products)
    both = Counter(pair for products in kept.values() for pair in combinations(products, 2))
    found = [
        ProductPair(first, second, teams, teams * len(kept) / (single[first] * single[second]))
        for (first, second), teams in both.items()
        if teams >= MIN_TEAMS
    ]
    return sorted(found, key=lambda pair: (-pair.lift, -pair.teams, pair.first, pair.second))[:MAX_PAIRS]


def list_products_used_together(
    person: Person, now: datetime
) -> list[tuple[DataProduct, DataProduct, ProductPair]]:
    """Lists products that the person may see. Two queries."""
    shown = visible_products(person).filter(is_published=True)
    held = Grant.objects.filter(granted_at__gt=now - HELD_SINCE, item__product__in=shown)
    uses = held.order_by().values_list("item__request__team", "item__product").distinct()
    pairs = find_pairs(uses[:MAX_USES])
    wanted = {pk for pair in pairs for pk in (pair.first, pair.second)}
    products = DataProduct.objects.select_related("domain").in_bulk(wanted)
    return [(products[pair.first], products[pair.second], pair) for pair in pairs]
