"""What of the mesh a person's reports are about: what they may find; everything for governance admins and auditors."""

from dataclasses import dataclass

from django.db.models import Avg, Count, OuterRef, Q, QuerySet, Subquery

from catalog.mirror.models import Table
from catalog.products.may import (
    EDITOR_ROLES,
    formerly_visible_products,
    list_maintained_products,
    visible_products,
    visible_tables,
)
from catalog.products.models import DataProduct, ProductLifecycle
from catalog.promises import PromiseBreach, PromiseKind
from catalog.search.index.models import Document
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Person


def list_mesh_products(person: Person) -> QuerySet[DataProduct]:
    """With retired ones. People from outside count what they find alone."""
    if not person.is_external and can_read_everything(person):
        return DataProduct.objects.all()
    wanted = (
        visible_products(person)
        .values("pk")
        .union(formerly_visible_products(person).values("pk"), list_maintained_products(person).values("pk"))
    )
    return DataProduct.objects.filter(pk__in=wanted)


def list_mesh_tables(person: Person) -> QuerySet[Table]:
    """Live ones that the person finds. Those of a draft alone are shown to who may see the draft."""
    return visible_tables(person).filter(tombstoned_at=None, database__tombstoned_at=None)


def sees_searches_without_result(person: Person) -> bool:
    """Who publishes data, and who reads the whole mesh."""
    if not person.is_active or person.is_external:
        return False
    return can_read_everything(person) or bool(get_team_ids_with_role(person, *EDITOR_ROLES))


MAX_DOMAINS = 200


@dataclass(frozen=True)
class DomainQuality:
    """The quality of products in use. `score` is the mean of those `measured`, in percent, None without any. `kept`
    and `broken` count products; of the rest of those with a promise the fact is not known. `late` and `low` count
    broken promises.
    """

    slug: str
    name: str
    products: int
    measured: int
    score: float | None
    promising: int
    kept: int
    broken: int
    late: int
    low: int

    @property
    def unknown(self) -> int:
        return max(0, self.promising - self.kept - self.broken)


def list_domain_quality(person: Person) -> list[DomainQuality]:
    """By name of the domain. Two queries."""
    current = list_mesh_products(person).filter(
        lifecycle__in=(ProductLifecycle.PUBLISHED, ProductLifecycle.DEPRECATED)
    )
    document = Document.objects.filter(pk=OuterRef("pk") * -1)
    rows = current.annotate(
        score=Subquery(document.values("quality")[:1]), promise=Subquery(document.values("promise")[:1])
    )
    promises = Q(freshness_hours__isnull=False) | Q(quality_percent__isnull=False)
    counted = rows.values("domain", "domain__slug", "domain__name").annotate(
        products=Count("pk"),
        measured=Count("score"),
        mean=Avg("score"),
        promising=Count("pk", promises),
        kept=Count("pk", Q(promise="kept")),
        broken=Count("pk", Q(promise="broken")),
    )
    open_breaches = PromiseBreach.objects.filter(ended_at=None, product__in=current.values("pk"))
    by_kind = open_breaches.values("product__domain").annotate(
        late=Count("pk", Q(kind=PromiseKind.FRESHNESS)), low=Count("pk", Q(kind=PromiseKind.QUALITY))
    )
    breaches = {row["product__domain"]: (row["late"], row["low"]) for row in by_kind}
    return [
        DomainQuality(
            row["domain__slug"],
            row["domain__name"],
            row["products"],
            row["measured"],
            None if row["mean"] is None else float(row["mean"]),
            row["promising"],
            row["kept"],
            row["broken"],
            *breaches.get(row["domain"], (0, 0)),
        )
        for row in counted.order_by("domain__name")[:MAX_DOMAINS]
    ]
