"""Earlier decisions on the same data or for the same people."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.people.models import Person
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.models import Decision, RequestItem

MAX_DECISIONS = 6
SEARCHED_DECISIONS = 50
"""Of the latest decisions on the same data, and of those for the same people."""


@dataclass(frozen=True)
class SimilarDecision:
    """`common_points` say in words what both have in common."""

    decision: Decision
    common_points: tuple[str, ...]


def list_similar_decisions(person: Person, item: RequestItem) -> list[SimilarDecision]:
    """What the person may see of earlier decisions, those with most in common first, then the latest. One query."""
    data = Q(item__table=item.table_id)
    if item.product_id is not None:
        data |= Q(item__product=item.product_id)
    people = Q(item__request__team=item.request.team_id) | Q(
        item__request__principal=item.request.principal_id
    )
    seen = Decision.objects.filter(item__in=list_visible_items(person)).exclude(item=item.pk).order_by("-pk")
    rows = seen.select_related(
        "decided_by",
        "on_behalf_of",
        "item__table__database",
        "item__product",
        "item__request__principal",
        "item__request__team",
    )
    found = rows.filter(data)[:SEARCHED_DECISIONS].union(rows.filter(people)[:SEARCHED_DECISIONS], all=True)
    alike = [
        SimilarDecision(row, _list_common_points(row.item, item))
        for row in {row.pk: row for row in found}.values()
    ]
    return sorted(alike, key=lambda one: (-len(one.common_points), -one.decision.pk))[:MAX_DECISIONS]


def _list_common_points(one: RequestItem, other: RequestItem) -> tuple[str, ...]:
    pairs = {
        _("same table"): (one.table_id, other.table_id),
        _("same product"): (one.product_id, other.product_id),
        _("same team"): (one.request.team_id, other.request.team_id),
        _("same role"): (one.request.principal_id, other.request.principal_id),
    }
    return tuple(words for words, (this, that) in pairs.items() if this is not None and this == that)
