"""Deprecated products of the bank, and plans of their retirement."""

from datetime import datetime, timedelta
from typing import Any

from catalog.product_lifecycle.actions import DeprecationTerms, allow_requests, deprecate_product
from catalog.product_lifecycle.models import Deprecation, Retirement, compute_lifecycle_digest
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from requests_app.product_retirement.actions import call_off_retirement, schedule_retirement
from requests_app.product_retirement.plan import RetirementPlan, build_plan
from tests import factories
from tests.bank import Bank

REASON = "Replaced by a cleaner one."


def reload_product(bank: Bank) -> DataProduct:
    return DataProduct.objects.get(pk=bank.product.pk)


def make_successor(bank: Bank, name: str = "Claims 2") -> DataProduct:
    table = factories.make_table(bank.claims.database, "claims_v2")
    return factories.make_product(bank.domain, bank.ines, [table], name)


def deprecate(bank: Bank, product: DataProduct | None = None, successor: str = "") -> Deprecation:
    product = DataProduct.objects.get(pk=(product or bank.product).pk)
    return deprecate_product(
        acting_user=bank.ines,
        slug=product.slug,
        terms=DeprecationTerms(REASON, successor),
        shown=compute_lifecycle_digest(product),
        now=clock.now(),
    )


def call_off(bank: Bank, person: Person | None = None, shown: str | None = None) -> Retirement:
    return call_off_retirement(
        acting_user=person or bank.ines,
        slug=bank.product.slug,
        shown=compute_lifecycle_digest(reload_product(bank)) if shown is None else shown,
        now=clock.now(),
    )


def plan_retirement(bank: Bank, due_at: datetime | None = None) -> RetirementPlan:
    now = clock.now()
    return build_plan(reload_product(bank), due_at, now)


def schedule(bank: Bank, due_at: datetime | None = None, shown: str | None = None) -> Retirement:
    shown = plan_retirement(bank, due_at).digest if shown is None else shown
    return schedule_retirement(
        acting_user=bank.ines, slug=bank.product.slug, due_at=due_at, shown=shown, now=clock.now()
    )


def make_sample_deprecation(bank: Bank) -> dict[str, Any]:
    """Of another product, with somebody who may still request it."""
    table = factories.make_table(bank.claims.database, "old_claims")
    product = factories.make_product(bank.domain, bank.ines, [table], "Old claims")
    deprecate(bank, product, bank.product.slug)
    exception = allow_requests(
        acting_user=bank.ines, slug=product.slug, person=bank.ana.pk, team=None, reason="The year's end.",
        until=clock.now() + timedelta(days=9), now=clock.now(),
    )  # fmt: skip
    return {
        "deprecated_product": product.slug, "product_id": product.pk,
        "request_exception": {"slug": product.slug, "pk": exception.pk},
    }  # fmt: skip
