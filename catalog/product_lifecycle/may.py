"""Who may deprecate a data product, withdraw that, and allow requests all the same: those who may publish it."""

from catalog.products.models import DataProduct
from catalog.revisions.may import may_publish_product_draft
from identity.people.models import Person
from identity.verdicts import Verdict


def may_deprecate_product(person: Person, product: DataProduct) -> Verdict:
    """Its owner, and the data owners of its domain's team."""
    return may_publish_product_draft(person, product)


def may_withdraw_deprecation(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_allow_requests(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_end_request_exception(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)
