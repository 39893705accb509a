"""What the demo's products promise fits their tables and the form's rules."""

import pytest

from catalog.products.fields import MAX_PERCENT
from catalog.revisions.content import Language, find_problem
from demo.bank.catalog import DATABASES
from demo.seed.derivation import RULES
from demo.seed.product_details import DETAILS, SUPPORT
from demo.seed.products import PRODUCTS, ProductRow

SCHEMA = {
    (database.name, table.name): [column.name for column in table.columns]
    for database in DATABASES
    for table in database.tables
}


@pytest.mark.parametrize("row", PRODUCTS, ids=lambda row: row.slug)
def test_every_product_has_examples_that_fit_its_tables(row: ProductRow) -> None:
    details = DETAILS[row.slug]
    own = {path: columns for path, columns in SCHEMA.items() if ".".join(path) in row.tables}
    assert find_problem(Language.SQL, details.example, own) == ""
    assert find_problem(Language.PYTHON, details.python_example, own) == ""


@pytest.mark.parametrize("row", PRODUCTS, ids=lambda row: row.slug)
def test_every_product_has_a_description_terms_and_service_levels(row: ProductRow) -> None:
    details = DETAILS[row.slug]
    assert len(row.description.split()) >= RULES.description_words
    assert details.terms
    assert details.freshness_hours > 0
    assert 0 < details.completeness_percent <= MAX_PERCENT
    assert 0 < details.availability_percent <= MAX_PERCENT


def test_inputs_are_other_products_and_every_domain_has_support() -> None:
    slugs = {row.slug for row in PRODUCTS}
    for slug, details in DETAILS.items():
        assert set(details.inputs) < slugs - {slug}
    assert {row.domain for row in PRODUCTS} <= SUPPORT.keys()
