"""Data products by domain, life cycle and maturity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from catalog.lineage.models import TableEdge
from catalog.mesh.extent import list_mesh_products
from catalog.products.models import DataProduct, ProductLifecycle, ProductTable
from identity.people.models import Membership, Person
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState

FACTS = ("described", "owned", "classified", "promised", "traced", "used")
"""What a mature product has. Its maturity is how many of these are true of it."""
MAX_DOMAINS = 200


@dataclass(frozen=True)
class DomainProducts:
    """`facts`: how many of the products in use, those published or deprecated, each fact is true of; `levels`: how many of
    them have 0 to 6 facts.
    """

    slug: str
    name: str
    lifecycles: dict[str, int]
    facts: dict[str, int]
    levels: tuple[int, ...]

    @property
    def in_use(self) -> int:
        return sum(self.levels)

    @property
    def maturity(self) -> float | None:
        """On average."""
        return sum(self.facts.values()) / self.in_use if self.in_use else None


def count_domain_products(person: Person) -> list[DomainProducts]:
    """By name of the domain. One query."""
    rows = _annotate_facts(list_mesh_products(person))
    current = Q(lifecycle__in=(ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED))
    counts = {f"in_{one.value}": Count("pk", Q(lifecycle=one)) for one in ProductLifecycle}
    counts |= {f"is_{fact}": Count("pk", current & Q(**{fact: True})) for fact in FACTS}
    counts |= {f"level_{n}": Count("pk", current & Q(level=n)) for n in range(len(FACTS) + 1)}
    found = rows.values("domain__slug", "domain__name").annotate(**counts).order_by("domain__name")
    return [_build_row(row) for row in found[:MAX_DOMAINS]]


def _build_row(row: Mapping[str, Any]) -> DomainProducts:
    return DomainProducts(
        slug=str(row["domain__slug"]),
        name=str(row["domain__name"]),
        lifecycles={one.value: _read_count(row, f"in_{one.value}") for one in ProductLifecycle},
        facts={fact: _read_count(row, f"is_{fact}") for fact in FACTS},
        levels=tuple(_read_count(row, f"level_{n}") for n in range(len(FACTS) + 1)),
    )


def _read_count(row: Mapping[str, Any], name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value


def _annotate_facts(products: QuerySet[DataProduct]) -> QuerySet[DataProduct]:
    links = ProductTable.objects.filter(product=OuterRef("pk"), table__tombstoned_at=None)
    owners = Membership.objects.filter(
        team=OuterRef("domain__owner_team"), role=Membership.Role.DATA_OWNER, person__is_active=True
    )
    is_believed = Q(job__view__isnull=False) | Q(target__table__database__domain=None)
    is_believed |= Q(job__team=F("target__table__database__domain__owner_team"))
    edges = TableEdge.objects.filter(
        is_believed,
        Q(source__table__product_tables__product=OuterRef("pk"))
        | Q(target__table__product_tables__product=OuterRef("pk")),
    )
    promise = Q(freshness_hours__isnull=False) | Q(completeness_percent__isnull=False)
    promise |= Q(availability_percent__isnull=False) | Q(answer_hours__isnull=False)
    found = products.annotate(
        described=_as_boolean(
            ~Q(summary="") & ~Q(description="") & ~Exists(links.filter(table__description=""))
        ),
        owned=_as_boolean(Q(owner__is_active=True) & Exists(owners)),
        classified=_as_boolean(Exists(links) & ~Exists(links.filter(table__classification=""))),
        promised=_as_boolean(promise),
        traced=_as_boolean(Exists(edges)),
        used=_as_boolean(Exists(_list_foreign_grants())),
    )
    levels = [Case(When(**{fact: True}, then=1), default=0, output_field=IntegerField()) for fact in FACTS]
    level = levels[0]
    for one in levels[1:]:
        level = level + one  # type: ignore[assignment]
    return found.annotate(level=level)


def _list_foreign_grants() -> QuerySet[Grant]:
    """Live grants of other teams than the one that publishes it."""
    return Grant.objects.filter(
        Q(item__product=OuterRef("pk")) | Q(table__product_tables__product=OuterRef("pk")),
        state=GrantState.LIVE,
    ).exclude(item__request__team=OuterRef("domain__owner_team"))


def _as_boolean(condition: Q | Exists | Combinable) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))
