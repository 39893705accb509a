"""What the demo's products promise fits their tables and the form's rules."""

import pytest

from catalog.revisions.examples import Language, find_problem
from demo.bank.catalog import DATABASES
from demo.seed.product_details import DETAILS, SUPPORT
from demo.seed.product_rows import PRODUCTS, ProductRow

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


def test_inputs_are_other_products_and_every_domain_has_support() -> None:
    slugs = {row.slug for row in PRODUCTS}
    for slug, details in DETAILS.items():
        assert set(details.inputs) < slugs - {slug}
    assert {row.domain for row in PRODUCTS} <= SUPPORT.keys()
