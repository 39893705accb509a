"""A deprecated data product with its successor. May run again."""

from datetime import timedelta

from django.utils import timezone

from catalog.product_lifecycle.actions import DeprecationTerms, deprecate_product
from catalog.product_lifecycle.models import Deprecation, compute_lifecycle_digest
from catalog.products.models import DataProduct
from demo.seed.people import find_person
from kernel.clock import now as database_now

OWNER, PRODUCT, SUCCESSOR = "marek.novak", "branch-performance", "account-balances"
DAYS_LEFT = 60


def seed_deprecations() -> int:
    """Deprecate it once, whatever became of that; returns how many deprecations there are."""
    if not Deprecation.objects.exists():
        now = database_now()
        product = DataProduct.objects.get(slug=PRODUCT)
        retires_on = timezone.localdate(now + timedelta(days=DAYS_LEFT))
        reason = "Branches are counted in account balances now, each day and by region."
        deprecate_product(
            acting_user=find_person(OWNER),
            slug=PRODUCT,
            terms=DeprecationTerms(reason, SUCCESSOR, retires_on),
            shown=compute_lifecycle_digest(product),
            now=now,
        )
    return Deprecation.objects.count()
