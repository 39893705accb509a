"""Who may deprecate a data product, withdraw that, and allow requests all the same: those who may publish it."""

from catalog.products.models import DataProduct
from catalog.revisions.may import build_product_bases, may_answer_for_product
from identity.people.models import Person
from identity.role_changes.bars import may_decide_on_basis
from kernel.verdicts import Verdict


def may_deprecate_product(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team."""
    return may_answer_for_product(person, product)


def may_withdraw_deprecation(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_allow_requests(person: Person, product: DataProduct, recipient: int | None = None) -> Verdict:
    """`recipient`: the id of the person for whom."""
    if not (verdict := may_deprecate_product(person, product)):
        return verdict
    return may_decide_on_basis(person, *build_product_bases(product, [recipient] if recipient else []))


def may_end_request_exception(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)
