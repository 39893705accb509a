"""The table of one's own products says of each what it promises, what waits and what to do next."""

from dataclasses import replace
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.problems import ProblemReport, report_problem
from catalog.products.models import DataProduct
from catalog.questions import ask_question
from catalog.revisions.actions import save_product_draft
from catalog.revisions.content import compute_state_digest, read_content
from catalog.revisions.queries import get_draft
from kernel import clock
from portal.my_products.presenters import ProductRow, build_product_rows
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client


def build_row(bank: Bank, product: DataProduct) -> ProductRow:
    rows = DataProduct.objects.select_related("domain__owner_team", "owner").filter(pk=product.pk)
    return build_product_rows(bank.ines, list(rows), clock.now())[0]


def get_next_step(bank: Bank, product: DataProduct) -> str:
    step = build_row(bank, product).next_step
    return step.text if step else ""


def save_draft(bank: Bank, product: DataProduct, **changes: Any) -> None:
    save_product_draft(
        acting_user=bank.ines,
        slug=product.slug,
        content=replace(read_content(product), **changes),
        note="",
        now=clock.now(),
        based_on=compute_state_digest(product, get_draft(product)),
    )


def test_a_new_product_needs_a_draft_that_meets_the_rules_before_it_is_published(bank: Bank) -> None:
    product = factories.make_product(bank.domain, bank.ines, [], name="Policy Journey")
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    product.refresh_from_db()
    assert get_next_step(bank, product) == "Write the draft"
    save_draft(bank, product, description="What happened.")
    assert get_next_step(bank, product) == "Meet 1 rule"
    assert build_row(bank, product).unmet_count == 1
    DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False)
    bank.product.refresh_from_db()
    save_draft(bank, bank.product, description="Every claim.")
    assert get_next_step(bank, bank.product) == "Publish the draft"


def test_what_people_wait_for_comes_before_the_draft(bank: Bank) -> None:
    assert get_next_step(bank, bank.product) == ""
    save_draft(bank, bank.product, description="Every claim.")
    ask_question(acting_user=bank.ana, slug=bank.product.slug, text="Which currency?", now=clock.now())
    assert get_next_step(bank, bank.product) == "Answer 1 question"
    submit_bank_item(bank)
    assert get_next_step(bank, bank.product) == "Review 1 request"
    report = ProblemReport("Rows are missing")
    report_problem(acting_user=bank.ana, slug=bank.product.slug, report=report, now=clock.now())
    assert get_next_step(bank, bank.product) == "Answer 1 problem"


def test_the_page_leads_to_the_life_cycle_and_costs_no_more_for_more_products(bank: Bank) -> None:
    client, address = make_client(bank.ines), reverse("my-products")
    save_draft(bank, bank.product, description="Every claim.")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        page = client.get(address).content.decode()
    assert reverse("data-product-lifecycle", args=[bank.product.slug]) in page
    for number in range(3):
        product = factories.make_product(bank.domain, bank.ines, [bank.claims], name=f"Claims {number}")
        save_draft(bank, product, description="Every claim.")
    client.get(address)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)
