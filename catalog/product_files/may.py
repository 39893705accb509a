"""Who may compare files with products and apply them."""

from catalog.products.models import DataProduct
from catalog.revisions.may import may_save_product_draft
from identity.people.models import Person
from kernel.verdicts import Verdict


def may_apply_product_file(person: Person, product: DataProduct) -> Verdict:
    """Whoever may edit the product. What of the file they may not do is refused by its own verb."""
    return may_save_product_draft(person, product)
