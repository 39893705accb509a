"""What is written as a file is read as the same, field by field."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from catalog.product_files.formats import FileFormat, get_odcs_validator, read_file, write_file
from catalog.product_files.state import ProductFile
from catalog.products.models import DataProduct
from catalog.revisions.content import read_content
from tests import factories
from tests.bank import Bank
from tests.catalog.product_files.random_products import PRODUCT_FILES
from tests.product_files import apply, export, plan

SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("kind", [FileFormat.ODCS_3_1, FileFormat.ODCS_3_2])
@SLOW
@given(product=PRODUCT_FILES)
def test_odcs_keeps_every_field(kind: FileFormat, product: ProductFile) -> None:
    read = read_file(write_file(product, kind))
    assert get_odcs_validator(read.document.data["apiVersion"]).is_valid(read.document.data)
    found = read.product
    for field, value in product.fields.items():
        assert found.fields[field] == value, field
    assert (found.slug, found.stated, found.discovery) == (product.slug, product.stated, product.discovery)
    assert (found.servers, found.not_kept) == (product.servers, ())


@SLOW
@given(product=PRODUCT_FILES)
def test_odps_keeps_every_field_but_columns(product: ProductFile) -> None:
    found = read_file(write_file(product, FileFormat.ODPS)).product
    tables = tuple(replace(one, kind="", columns=None) for one in product.fields["tables"])
    expected = {**product.fields, "tables": tables}
    for field, value in expected.items():
        assert found.fields[field] == value, field
    assert (found.stated, found.discovery, found.not_kept) == (product.stated, product.discovery, ())


def test_the_file_of_one_product_makes_another_one_the_same(bank: Bank) -> None:
    table = bank.claims
    source = factories.make_product(bank.domain, bank.ines, [table], "Source")
    DataProduct.objects.filter(pk=source.pk).update(
        description="# Claims\n\n* each night\r\n", summary="- yes: no", keywords=["on", "1.0"], refresh="1", support="a@b.example",
        support_hours="9–17", answer_hours=4, freshness_hours=36, completeness_percent=Decimal("99.995"), availability_percent=Decimal(100),
        retention="~", terms="null", sql_example=f"SELECT claim_id FROM {table}", python_example="x = 1",
        links={"code": ["https://a.example/"], "documentation": ["https://b.example/#c"]}, seen_by="domain", requested_by="domain",
    )  # fmt: skip
    source.inputs.add(bank.product)
    for kind in (FileFormat.ODCS_3_1, FileFormat.ODPS):
        target = factories.make_product(bank.domain, bank.ivo, [], f"Target of {kind}")
        text = export(bank.ines, source.slug, kind).replace(f"id: {source.slug}", f"id: {target.slug}")
        apply(bank.ines, text)
        source, target = (DataProduct.objects.get(pk=one.pk) for one in (source, target))
        described: dict[str, Any] = {"description": source.description.strip()}
        stripped = replace(read_content(source), **described)
        assert read_content(target) == stripped
        assert (target.seen_by, target.requested_by) == ("domain", "domain")
        assert not plan(bank.ines, text).has_changes
