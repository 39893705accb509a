"""Warnings of published products that lineage or a new class put below their floor. Called by workers."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from audit.actions import record_event
from catalog.derivation.evaluation import Derivation, read_derivations, read_subject
from catalog.derivation.models import DerivationRequest, DerivationWarning, select_in_force
from catalog.products.may import list_product_owner_ids
from catalog.products.models import DataProduct
from decisions.states import DecisionState
from lakeformation.values.canonical_json import digest

BATCH = 50
_DERIVED = """
SELECT DISTINCT p.id FROM catalog_dataproduct p
 WHERE p.is_published AND (
   EXISTS (SELECT FROM catalog_productinput i WHERE i.product_id = p.id)
   OR EXISTS (SELECT FROM catalog_producttable l JOIN catalog_lineagedataset t ON t.node = -l.table_id
                JOIN catalog_tableedge e ON e.target_id = t.id WHERE l.product_id = p.id)
   OR EXISTS (SELECT FROM catalog_derivationwarning w WHERE w.product_id = p.id))
 ORDER BY p.id"""


def list_expired_requests(now: datetime) -> list[int]:
    rows = DerivationRequest.objects.filter(state=DecisionState.APPROVED)
    past = rows.exclude(select_in_force(timezone.localdate(now)))
    return list(past.order_by("pk").values_list("pk", flat=True))


def warn_of_derivations(now: datetime) -> int:
    """Tell the owners of each published product once what is wrong with it; returns of how many they were told."""
    with connection.cursor() as cursor:
        cursor.execute(_DERIVED)
        ids = [pk for (pk,) in cursor.fetchall()]
    return sum(_warn(ids[start : start + BATCH], now) for start in range(0, len(ids), BATCH))


def _warn(ids: Sequence[int], now: datetime) -> int:
    rows = DataProduct.objects.filter(pk__in=ids).select_related("domain__owner_team", "owner")
    products = list(rows.order_by("pk"))
    derivations = read_derivations([read_subject(product) for product in products], now)
    return sum(_update(one, each, now) for one, each in zip(products, derivations, strict=True))


@transaction.atomic(durable=True)
def _update(product: DataProduct, derivation: Derivation, now: datetime) -> bool:
    """Whether the owners were told."""
    found = [
        *(
            [-breach.place.node, breach.place.column, breach.classification, breach.floor]
            for breach in derivation.breaches
        ),
        *([one.pk, "", "", one.passing_on] for one in derivation.blocked),
    ]
    derivation_warning = DerivationWarning.objects.select_for_update().filter(product=product).first()
    if not found:
        if derivation_warning is not None:
            derivation_warning.delete()
        return False
    said = digest(found)
    if derivation_warning is not None and derivation_warning.digest == said:
        return False
    DerivationWarning.objects.update_or_create(
        product=product, defaults={"digest": said, "found": found, "warned_at": now}
    )
    data = {
        "what": product.name,
        "slug": product.slug,
        "count": sum(bool(column) for _pk, column, *_rest in found),
        "people": list_product_owner_ids(product, without=0),
    }
    record_event(
        verb="warn_of_derivation",
        actor="engine:derivation",
        subject=f"product:{product.pk}",
        data=data,
        now=now,
    )
    return True
