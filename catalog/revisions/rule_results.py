"""What a product meets of the publication rules, as its draft has it."""

from copy import copy

from catalog.products.models import DataProduct
from catalog.publication_rules.queries import check_product
from catalog.publication_rules.rules import RuleResult
from catalog.revisions.content import ProductContent, parse_content, read_content, set_content
from catalog.revisions.models import ProductRevision


def check_draft(product: DataProduct, draft: ProductRevision | None) -> tuple[RuleResult, ...]:
    """Of the product itself where there is no draft."""
    own = read_content(product)
    return check_content_rules(product, parse_content(draft.content, own) if draft else own)


def check_content_rules(product: DataProduct, content: ProductContent) -> tuple[RuleResult, ...]:
    """Of the product with this content, which is not saved."""
    preview = copy(product)
    set_content(preview, content)
    return check_product(preview, content.tables)
