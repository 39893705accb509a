"""Who may see promises that were not kept."""

from django.db.models import QuerySet

from catalog.products.may import visible_products
from catalog.promises.models import PromiseBreach
from identity.people.models import Person


def visible_breaches(person: Person) -> QuerySet[PromiseBreach]:
    """Those of products that the person may see."""
    if not person.is_active:
        return PromiseBreach.objects.none()
    return PromiseBreach.objects.filter(product__in=visible_products(person))
