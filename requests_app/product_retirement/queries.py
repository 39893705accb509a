"""Retirements that are due or soon, and grants that a person holds or held of a product."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from catalog.product_lifecycle.models import Deprecation, Retirement, RetirementState
from catalog.products.may import formerly_visible_products, visible_products
from catalog.products.models import DataProduct
from identity.people.may import get_team_ids
from identity.people.models import Person
from requests_app.access_requests.may import build_requester_filter
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant


def list_due_retirements(now: datetime) -> QuerySet[Retirement]:
    return Retirement.objects.filter(state=RetirementState.SCHEDULED, due_at__lte=now).order_by("due_at")


def list_unwarned_retirements(now: datetime) -> QuerySet[Retirement]:
    soon = now + timedelta(days=settings.WARN_DAYS)
    rows = Retirement.objects.filter(state=RetirementState.SCHEDULED, warned_at=None)
    return rows.filter(due_at__gt=now, due_at__lte=soon).order_by("due_at")


def find_retired_product(person: Person, slug: str) -> Deprecation | None:
    """The deprecation of a retired product, for its audience, and for those who hold or held grants of it. One query for
    another product.
    """
    product = DataProduct.objects.filter(slug=slug, retired_at__isnull=False).first()
    if product is None or not _may_know(person, product):
        return None
    rows = Deprecation.objects.filter(product=product, withdrawn_at=None)
    return rows.select_related("product__domain__owner_team", "product__owner", "successor__domain").first()


def _may_know(person: Person, product: DataProduct) -> bool:
    could_see = (visible_products(person), formerly_visible_products(person))
    if any(rows.filter(pk=product.pk).exists() for rows in could_see):
        return True
    held = RequestItem.objects.filter(build_requester_filter(person, get_team_ids(person)))
    return Grant.objects.filter(item__in=held, item__product=product).exists()
