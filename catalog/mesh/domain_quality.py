"""Quality and kept promises of the data products of each domain, as they were stored last on the search documents."""

from dataclasses import dataclass

from django.db.models import Avg, Count, OuterRef, Q, Subquery

from catalog.mesh.extent import list_mesh_products
from catalog.products.states import ProductLifecycle
from catalog.promises import PromiseBreach, PromiseKind
from catalog.search.index.models import Document
from identity.people.models import Person

MAX_DOMAINS = 200


@dataclass(frozen=True)
class DomainQuality:
    """Of products in use. `score` is the mean of those `measured`, in percent, None without any. `kept` and `broken` count
    products; of the rest of those with a promise the fact is not known. `late` and `low` count broken promises.
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
