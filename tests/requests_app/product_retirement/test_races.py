"""Two people in the same moment: real commits on two connections."""

from datetime import timedelta

import pytest

from catalog.product_lifecycle.actions import DeprecationTerms, deprecate_product
from catalog.product_lifecycle.models import Deprecation, Retirement, compute_lifecycle_digest
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.grants.models import Grant
from requests_app.product_retirement.actions import call_off_retirement, end_retired_grant
from requests_app.product_retirement.execution import carry_out_retirements
from tests import factories
from tests.bank import approve, make_bank, submit_bank_item
from tests.database import TestDatabase
from tests.product_lifecycle import (
    REASON,
    deprecate,
    make_successor,
    plan_retirement,
    reload_product,
    schedule,
)
from tests.requests_app.test_concurrency import run_at_once

MOMENT = timedelta(microseconds=1)


def deprecate_as_shown(person: Person, product: DataProduct, shown: str, successor: str = "") -> Deprecation:
    return deprecate_product(
        acting_user=person,
        slug=product.slug,
        terms=DeprecationTerms(REASON, successor),
        shown=shown,
        now=clock.now(),
    )


def name_types(results: list[object]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_of_two_deprecations_one_counts(committed: TestDatabase) -> None:
    bank = make_bank()
    shown = compute_lifecycle_digest(reload_product(bank))
    results = run_at_once(
        lambda: deprecate_as_shown(bank.ines, bank.product, shown),
        lambda: deprecate_as_shown(bank.ivo, bank.product, shown),
    )
    assert name_types(results) == ["Deprecation", "RefusedError"]
    assert Deprecation.objects.count() == 1


def test_two_products_do_not_become_each_others_successors(committed: TestDatabase) -> None:
    bank = make_bank()
    one, other = reload_product(bank), DataProduct.objects.get(pk=make_successor(bank).pk)
    results = run_at_once(
        lambda: deprecate_as_shown(bank.ines, one, compute_lifecycle_digest(one), other.slug),
        lambda: deprecate_as_shown(bank.ivo, other, compute_lifecycle_digest(other), one.slug),
    )
    assert name_types(results) == ["Deprecation", "RefusedError"]


def test_no_grant_comes_in_beside_a_confirmed_plan(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    deprecate(bank)
    due_at = factories.days_from_now(10)
    shown = plan_retirement(bank, due_at).digest
    results = run_at_once(lambda: approve(bank, item), lambda: schedule(bank, due_at, shown))
    assert "RefusedError" in name_types(results)
    assert Grant.objects.count() + Retirement.objects.count() == 1


def test_two_processes_carry_a_retirement_out_once(committed: TestDatabase) -> None:
    bank = make_bank()
    for number in range(4):
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        approve(bank, submit_bank_item(bank, principal=role, idempotency_key=f"form-{number}"))
    deprecate(bank)
    schedule(bank)
    counts = run_at_once(*(lambda: carry_out_retirements(clock.now()) for _process in range(2)))
    assert sum(counts) == 5
    assert reload_product(bank).lifecycle == "retired"
    assert set(Grant.objects.values_list("state", flat=True)) == {"revoked"}


def test_a_retirement_is_called_off_or_carried_out_never_both(committed: TestDatabase) -> None:
    """The one clock is just before its time, the other at it."""
    bank = make_bank()
    grant = approve(bank, submit_bank_item(bank))
    deprecate(bank)
    retirement = schedule(bank, factories.days_from_now(10))
    shown = compute_lifecycle_digest(reload_product(bank))
    results = run_at_once(
        lambda: call_off_retirement(
            acting_user=bank.ines, slug=bank.product.slug, shown=shown, now=retirement.due_at - MOMENT
        ),
        lambda: end_retired_grant(
            retirement_id=retirement.pk, grant_id=grant.pk, now=retirement.due_at + MOMENT
        ),
    )
    retirement.refresh_from_db()
    grant.refresh_from_db()
    assert (retirement.state, grant.state, *(type(one).__name__ for one in results)) in {
        ("called_off", "live", "Retirement", "ForbiddenError"),
        ("scheduled", "revoked", "RefusedError", "Grant"),
    }


def test_what_is_called_off_ends_nothing(committed: TestDatabase) -> None:
    bank = make_bank()
    grant = approve(bank, submit_bank_item(bank))
    deprecate(bank)
    retirement = schedule(bank, factories.days_from_now(10))
    call_off_retirement(
        acting_user=bank.ines, slug=bank.product.slug, now=retirement.due_at - MOMENT,
        shown=compute_lifecycle_digest(reload_product(bank)),
    )  # fmt: skip
    with pytest.raises(ForbiddenError):
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=retirement.due_at + MOMENT)


def test_what_has_begun_is_not_called_off(committed: TestDatabase) -> None:
    bank = make_bank()
    grant = approve(bank, submit_bank_item(bank))
    deprecate(bank)
    retirement = schedule(bank, factories.days_from_now(10))
    end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=retirement.due_at)
    with pytest.raises(RefusedError, match="No retirement is scheduled"):
        call_off_retirement(
            acting_user=bank.ines, slug=bank.product.slug, now=retirement.due_at - MOMENT,
            shown=compute_lifecycle_digest(reload_product(bank)),
        )  # fmt: skip
