"""Who reads release notes, and who writes them."""

from django.db.models import QuerySet

from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from catalog.release_notes.models import ReleaseNote
from catalog.revisions.may import may_answer_for_product
from identity.people.models import Person
from kernel.verdicts import Verdict


def visible_release_notes(person: Person) -> QuerySet[ReleaseNote]:
    """Those of products that the person may see."""
    if not person.is_active:
        return ReleaseNote.objects.none()
    return ReleaseNote.objects.filter(product__in=visible_products(person))


def may_write_release_note(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team."""
    return may_answer_for_product(person, product)
