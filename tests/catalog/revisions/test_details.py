"""Service levels, links, examples and inputs of a product."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.products.models import Audience, DataProduct, ProductInput
from catalog.revisions.actions import choose_inputs, publish_product_draft
from catalog.revisions.content import parse_content, read_content
from kernel import clock
from kernel.errors import RefusedError
from tests import factories
from tests.bank import Bank
from tests.products import get_state, save_draft

DETAILS: dict[str, Any] = {
    "support_hours": "weekdays",
    "freshness_hours": 24,
    "answer_hours": 4,
    "completeness_percent": Decimal("99.50"),
    "availability_percent": None,
    "retention": "7 years",
    "terms": "Inside the bank.",
    "sql_example": "SELECT claim_id FROM insurance_gold.claims",
    "python_example": "print('SELECT amount FROM claims')",
    "links": {"code": ["https://git.example/claims", "https://git.example/claims"], "pipeline": []},
}


@pytest.fixture
def other(bank: Bank) -> DataProduct:
    return factories.make_product(bank.product.domain, bank.ines, [], "Policies")


def publish(bank: Bank) -> DataProduct:
    publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
    )
    return DataProduct.objects.get(pk=bank.product.pk)


def test_what_is_published_is_what_was_drafted(bank: Bank, other: DataProduct) -> None:
    draft = save_draft(bank, bank.ines, **DETAILS, inputs=(other.pk, other.pk))
    product = publish(bank)
    links = {"code": ["https://git.example/claims"]}
    expected = {**DETAILS, "links": links, "inputs": (other.pk,)}
    content = read_content(product)
    assert {field: getattr(content, field) for field in expected} == expected
    assert parse_content(draft.content, content) == content
    assert (draft.content["completeness_percent"], list(product.inputs.all())) == ("99.5", [other])
    save_draft(bank, bank.ines, inputs=())
    assert not publish(bank).inputs.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"freshness_hours": 0}, "freshness_hours"),
        ({"answer_hours": 0}, "answer_hours"),
        ({"freshness_hours": 10**9}, "freshness_hours"),
        ({"completeness_percent": Decimal(0)}, "completeness_percent"),
        ({"completeness_percent": Decimal("100.001")}, "completeness_percent"),
        ({"availability_percent": Decimal("99.1234")}, "availability_percent"),
        ({"links": {"code": ["javascript:alert(1)"]}}, "code_links"),
        ({"links": {"pipeline": ["https://"]}}, "pipeline_links"),
        ({"links": {"dashboard": ["https://a:b@c.example"]}}, "dashboard_links"),
        ({"links": {"dashboard": [f"https://c.example/{n}" for n in range(11)]}}, "dashboard_links"),
        ({"sql_example": "SELECT nope FROM claims"}, "sql_example"),
        ({"python_example": "1 +"}, "python_example"),
        ({"terms": "x" * 10_001}, "terms"),
        ({"inputs": (987_654_321,)}, "inputs"),
    ],
)
def test_an_invalid_detail_is_refused_at_its_field(bank: Bank, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        save_draft(bank, bank.ines, **changes)
    assert refused.value.field == field


def test_an_example_is_checked_again_when_a_table_is_taken_out(bank: Bank) -> None:
    with pytest.raises(RefusedError) as refused:
        save_draft(bank, bank.ines, sql_example=DETAILS["sql_example"], tables=())
    assert refused.value.field in ("sql_example", "tables")


def test_a_product_is_not_made_from_itself(bank: Bank) -> None:
    with pytest.raises(RefusedError):
        save_draft(bank, bank.ines, inputs=(bank.product.pk,))
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductInput.objects.create(product=bank.product, input=bank.product)


def test_hidden_inputs_can_not_be_chosen_and_stay_where_they_are(bank: Bank) -> None:
    team = factories.make_team("Elsewhere")
    hidden = factories.make_product(factories.make_domain(team, "Far"), bank.greta, [], "Hidden")
    DataProduct.objects.filter(pk=hidden.pk).update(seen_by=Audience.DOMAIN, requested_by=Audience.DOMAIN)
    with pytest.raises(RefusedError):
        save_draft(bank, bank.ines, inputs=(hidden.pk,))
    with pytest.raises(RefusedError):
        choose_inputs(bank.ines, [hidden.slug], ())
    ProductInput.objects.create(product=bank.product, input=hidden)
    assert choose_inputs(bank.ines, [], [hidden.pk]) == (hidden.pk,)
    save_draft(bank, bank.ines, inputs=(hidden.pk,), terms="New.")
    assert list(publish(bank).inputs.all()) == [hidden]
