"""Who is told what of a product that is deprecated, retired or changed."""

import pytest

from catalog.product_lifecycle.actions import allow_requests, withdraw_deprecation
from catalog.product_lifecycle.models import compute_lifecycle_digest
from catalog.revisions.actions import publish_product_draft
from identity.people.models import Membership
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.notifications.models import Notification
from requests_app.product_retirement.execution import carry_out_retirements
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.product_lifecycle import call_off, deprecate, reload_product, schedule
from tests.products import get_state, save_draft
from tests.requests_app.notifications.projection import project_all_events


@pytest.fixture
def bank(bank: Bank) -> Bank:
    """Ana uses the product; Ben uses its table by another product."""
    approve(bank, submit_bank_item(bank))
    ben = factories.make_person("Ben Frey")
    other_team = factories.make_team("Pricing", members=[ben])
    role = factories.make_principal(factories.make_account(other_team, name="Pricing"))
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Claims 2")
    items = [RequestedItem(bank.claims.pk, ("claim_id",), False, other.pk)]
    words = {"acting_user": ben, "team": other_team, "principal": role, "items": items}
    approve(bank, submit_bank_item(bank, idempotency_key="ben", **words))
    return bank


def list_told(verb: str) -> list[tuple[str, str]]:
    project_all_events()
    rows = Notification.objects.filter(event__verb=verb, channel="portal").order_by("person__name")
    return [(one.person.name, one.page) for one in rows.select_related("person")]


TOLD_ANA = [("Ana Keller", "data-product-by-id")]


def test_who_uses_the_product_is_told_that_it_is_deprecated(bank: Bank) -> None:
    deprecate(bank)
    assert list_told("deprecate_product") == TOLD_ANA
    notification = Notification.objects.get(event__verb="deprecate_product", channel="portal")
    assert "Ines Roth deprecated Claims, which you use" in notification.text
    assert notification.page_id == bank.product.pk


def test_retirement_is_told_when_it_is_scheduled_called_off_and_done(bank: Bank) -> None:
    deprecate(bank)
    schedule(bank, factories.days_from_now(1))
    carry_out_retirements(clock.now())
    call_off(bank)
    schedule(bank)
    carry_out_retirements(clock.now())
    for verb in ("schedule_retirement", "warn_of_retirement", "call_off_retirement", "retire_product"):
        assert list_told(verb) == TOLD_ANA, verb


def test_who_loses_access_is_told_once_and_account_admins_of_each_grant(bank: Bank) -> None:
    admin = factories.make_person("Adam Admin")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [admin])
    role = factories.make_principal(bank.bi_account, "second")
    approve(bank, submit_bank_item(bank, idempotency_key="second", principal=role))
    deprecate(bank)
    schedule(bank)
    carry_out_retirements(clock.now())
    for _time in range(2):
        assert list_told("retire_product") == TOLD_ANA
        assert [name for name, _page in list_told("revoke_grant")] == ["Adam Admin"] * 2


def test_who_gave_the_access_back_is_told_no_more(bank: Bank) -> None:
    grant = Grant.objects.get(item__product=bank.product)
    deprecate(bank)
    schedule(bank, factories.days_from_now(1))
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed.", now=clock.now())
    carry_out_retirements(clock.now())
    call_off(bank)
    assert (list_told("warn_of_retirement"), list_told("call_off_retirement")) == ([], [])


def test_a_withdrawn_deprecation_is_told(bank: Bank) -> None:
    deprecate(bank)
    shown = compute_lifecycle_digest(reload_product(bank))
    withdraw_deprecation(acting_user=bank.ivo, slug=bank.product.slug, shown=shown, now=clock.now())
    assert list_told("withdraw_deprecation") == TOLD_ANA


def test_who_may_request_it_by_exception_is_told(bank: Bank) -> None:
    deprecate(bank)
    allow_requests(
        acting_user=bank.ines, slug=bank.product.slug, person=bank.sam.pk, team=None, reason="The year's end.",
        until=factories.days_from_now(5), now=clock.now(),
    )  # fmt: skip
    assert list_told("allow_requests") == [("Sam Outis", "data-product-by-id")]


def test_a_breaking_version_is_told_to_those_whom_it_breaks(bank: Bank) -> None:
    extra = factories.make_table(bank.claims.database, "rates")
    save_draft(bank, bank.ines, tables=(extra.pk,))
    publish_product_draft(
        acting_user=bank.ines,
        slug=bank.product.slug,
        shown=get_state(bank),
        now=clock.now(),
        accepts_breaking=True,
    )
    assert list_told("announce_breaking_change") == TOLD_ANA
