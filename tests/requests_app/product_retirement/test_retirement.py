"""The plan of a retirement, its confirmation, and what happens at its time."""

from datetime import timedelta

import pytest

from audit.models import Event
from background.tasks import PartialFailureError
from catalog.product_lifecycle.actions import withdraw_deprecation
from catalog.product_lifecycle.models import Retirement, compute_lifecycle_digest
from catalog.search.index.indexing import index_products
from catalog.search.query import SearchQuery
from catalog.search.search import search
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.grants.models import Grant
from requests_app.product_retirement import execution
from requests_app.product_retirement.actions import (
    end_retired_grant,
    retire_product,
    schedule_retirement,
)
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.product_retirement.queries import find_retired_product
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_owner_developer, submit_bank_item
from tests.product_lifecycle import (
    call_off,
    deprecate,
    make_successor,
    plan_retirement,
    reload_product,
    schedule,
)
from tests.requests_app.database_request import submit_for_bank_database


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def request_again(bank: Bank, number: int, **changes: object) -> Grant:
    role = factories.make_principal(bank.bi_account, f"role-{number}")
    return approve(bank, submit_bank_item(bank, principal=role, idempotency_key=f"again-{number}", **changes))


def test_the_plan_names_what_ends_and_what_stays(bank: Bank, grant: Grant) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Claims 2")
    elsewhere = [RequestedItem(bank.claims.pk, ("claim_id",), False, other.pk)]
    alone = [RequestedItem(bank.claims.pk, ("claim_id",), False, None)]
    kept = {request_again(bank, 1, items=elsewhere), request_again(bank, 2, items=alone)}
    kept.add(approve(bank, submit_for_bank_database(bank, idempotency_key="db").items.get()))
    deprecate(bank)
    plan = plan_retirement(bank, factories.days_from_now(10))
    assert [(one.grant, one.ends_at, one.is_earlier) for one in plan.ends] == [(grant, plan.due_at, False)]
    assert set(plan.kept) == kept


def test_a_grant_of_its_table_alone_ends_with_it(bank: Bank) -> None:
    grant = request_again(bank, 1, items=[RequestedItem(bank.claims.pk, ("claim_id",), False, None)])
    deprecate(bank)
    (planned,) = plan_retirement(bank, factories.days_from_now(90)).ends
    assert (planned.grant, planned.ends_at, planned.is_earlier) == (grant, grant.ends_at, True)


def test_exactly_the_plan_that_was_shown_is_confirmed(bank: Bank, grant: Grant) -> None:
    item = submit_bank_item(
        bank, idempotency_key="form-2", principal=factories.make_principal(bank.bi_account, "x")
    )
    deprecate(bank)
    due_at = factories.days_from_now(10)
    shown = plan_retirement(bank, due_at).digest
    approve(bank, item)
    with pytest.raises(RefusedError, match="The plan has changed"):
        schedule(bank, due_at, shown)
    retirement = schedule(bank, due_at)
    assert (len(retirement.planned), reload_product(bank).retires_at) == (2, due_at)
    with pytest.raises(RefusedError, match="scheduled already"):
        schedule(bank, due_at)
    assert Event.objects.get(verb="schedule_retirement").data["people"] == [bank.ana.pk]


def test_only_a_deprecated_product_by_its_owners_at_a_time_to_come(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="Deprecate the product first"):
        schedule(bank)
    deprecate(bank)
    with pytest.raises(RefusedError, match="after today"):
        schedule(bank, clock.now() - timedelta(days=1))
    for person, error in ((make_owner_developer(bank), ForbiddenError), (bank.ana, NotFoundError)):
        with pytest.raises(error):
            schedule_retirement(
                acting_user=person, slug=bank.product.slug, due_at=None, shown="", now=clock.now()
            )


def test_it_is_called_off_before_its_time_and_nothing_ends(bank: Bank, grant: Grant) -> None:
    deprecate(bank)
    schedule(bank, factories.days_from_now(10))
    shown = compute_lifecycle_digest(reload_product(bank))
    with pytest.raises(RefusedError, match="Cancel the retirement first"):
        withdraw_deprecation(acting_user=bank.ines, slug=bank.product.slug, shown=shown, now=clock.now())
    call_off(bank, bank.ivo)
    grant.refresh_from_db()
    assert (grant.state, reload_product(bank).retires_at) == ("live", None)
    with pytest.raises(RefusedError, match="No retirement is scheduled"):
        call_off(bank, bank.ivo)


def test_nothing_ends_before_its_time(bank: Bank, grant: Grant) -> None:
    deprecate(bank)
    retirement = schedule(bank, factories.days_from_now(10))
    with pytest.raises(ForbiddenError):
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=clock.now())
    with pytest.raises(ForbiddenError):
        retire_product(retirement_id=retirement.pk, now=clock.now())


def test_the_grants_end_first_and_the_product_is_retired_then(bank: Bank, grant: Grant) -> None:
    successor = make_successor(bank)
    index_products()
    deprecate(bank, successor=successor.slug)
    retirement = schedule(bank)
    with pytest.raises(RefusedError, match="still live"):
        retire_product(retirement_id=retirement.pk, now=clock.now())
    end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=clock.now())
    with pytest.raises(IllegalTransitionError):
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=clock.now())
    retire_product(retirement_id=retirement.pk, now=clock.now())
    with pytest.raises(ForbiddenError):
        retire_product(retirement_id=retirement.pk, now=clock.now())
    grant.refresh_from_db()
    grant.intent.refresh_from_db()
    product = reload_product(bank)
    assert (grant.state, grant.ended_by, grant.end_reason) == ("revoked", bank.ines, "Claims was retired.")
    assert (bool(grant.intent.ended_at), product.lifecycle, product.is_published) == (True, "retired", False)
    assert Event.objects.get(verb="revoke_grant").actor == "engine:retire"
    assert Retirement.objects.get().state == "done"
    hits = search(SearchQuery.from_parameters({"q": ["claims"]}), person=bank.ana, limit=9, offset=0).hits
    assert [hit.slug for hit in hits if hit.kind == "product"] == [successor.slug]
    found = find_retired_product(bank.ana, bank.product.slug)
    assert found is not None
    assert found.successor == successor


def test_a_grant_of_another_product_does_not_end(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Claims 2")
    items = [RequestedItem(bank.claims.pk, ("claim_id",), False, other.pk)]
    grant = request_again(bank, 1, items=items)
    deprecate(bank)
    retirement = schedule(bank)
    with pytest.raises(NotFoundError):
        end_retired_grant(retirement_id=retirement.pk, grant_id=grant.pk, now=clock.now())


def test_a_due_retirement_is_carried_out_once_with_its_failures_left_for_the_next_time(
    bank: Bank, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = request_again(bank, 1)
    deprecate(bank)
    schedule(bank)

    def fail(grant_id: int, **words: object) -> Grant:
        if grant_id == grant.pk:
            raise RuntimeError
        return end_retired_grant(grant_id=grant_id, **words)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(execution, "end_retired_grant", fail)
        with pytest.raises(PartialFailureError):
            carry_out_retirements(clock.now())
    second.refresh_from_db()
    assert (second.state, reload_product(bank).lifecycle) == ("revoked", "deprecated")
    assert [carry_out_retirements(clock.now()) for _time in range(2)] == [2, 0]
    assert reload_product(bank).lifecycle == "retired"


def test_consumers_are_warned_once(bank: Bank, grant: Grant) -> None:
    deprecate(bank)
    schedule(bank, clock.now() + timedelta(days=1))
    for _time in range(2):
        assert carry_out_retirements(clock.now()) == 0
    assert Event.objects.get(verb="warn_of_retirement").data["people"] == [bank.ana.pk]
