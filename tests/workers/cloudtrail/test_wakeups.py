"""What CloudTrail tells of makes the scopes that it concerns due, and no others."""

from typing import Any

import pytest

from fulfilment.intents.actions import catalog_scope_key, share_scope_key
from fulfilment.intents.models import Wake
from fulfilment.rounds import Scope
from kernel import clock
from tests.bank import Bank, make_bank
from tests.database import as_role
from workers.cloudtrail import CLOUDTRAIL_DETAIL_TYPE, wake_scopes

OTHER = "555555555555"


@pytest.fixture
def bank(db: None) -> Bank:
    bank = make_bank()
    catalog, account = bank.catalog, bank.bi_account
    with as_role("meshmarket_worker"):
        Scope.objects.create(key=catalog_scope_key(catalog.pk), kind="catalog", catalog=catalog)
        key = share_scope_key(catalog.pk, account.account_id)
        Scope.objects.create(key=key, kind="share", catalog=catalog, consumer=account)
    return bank


def build_event(
    source: str, *principals: str, by: str = "1:assumed-role/Admin/ana", **more: Any
) -> dict[str, Any]:
    entries = [{"principal": {"dataLakePrincipalIdentifier": one}} for one in principals]
    detail = {"userIdentity": {"arn": f"arn:aws:sts::{by}"}, "requestParameters": {"entries": entries}}
    return {"source": source, "detail-type": CLOUDTRAIL_DETAIL_TYPE, "detail": detail, **more}


def wake_by_events(bank: Bank, *events: dict[str, Any] | None) -> list[str]:
    """Words for the scopes: catalog, share."""
    with as_role("meshmarket_worker"):
        keys = wake_scopes(bank.catalog, events, clock.now())
    assert sorted(Wake.objects.values_list("scope_key", flat=True)) == keys
    return [key.partition(":")[0] for key in keys]


def test_a_grant_past_us_wakes_the_catalog_and_its_principals_share(bank: Bank) -> None:
    role = f"arn:aws:iam::{bank.bi_account.account_id}:role/bi"
    assert wake_by_events(
        bank, build_event("aws.lakeformation", role, role), build_event("aws.lakeformation", role)
    ) == [
        "catalog",
        "share",
    ]


def test_another_accounts_principal_wakes_the_catalog_alone(bank: Bank) -> None:
    assert wake_by_events(bank, build_event("aws.lakeformation", OTHER)) == ["catalog"]


def test_a_share_that_is_changed_wakes_what_is_shared(bank: Bank) -> None:
    assert wake_by_events(bank, build_event("aws.ram")) == ["share"]


def test_a_change_in_a_consumers_account_wakes_its_share(bank: Bank) -> None:
    consumer = bank.bi_account.account_id
    assert wake_by_events(bank, build_event("aws.glue", account=consumer)) == ["share"]


def test_a_change_in_an_account_without_a_share_wakes_nothing(bank: Bank) -> None:
    assert wake_by_events(bank, build_event("aws.ram", account=OTHER)) == []


@pytest.mark.parametrize("is_consumer", [False, True])
def test_what_we_wrote_wakes_nothing(bank: Bank, *, is_consumer: bool) -> None:
    account = bank.bi_account if is_consumer else bank.catalog.account
    role = account.executor_role_arn.rsplit("/", 1)[-1]
    by = f"{account.account_id}:assumed-role/{role}/round-7"
    assert wake_by_events(bank, build_event("aws.glue", by=by, account=account.account_id)) == []


def test_a_session_of_another_role_named_after_a_round_is_not_ours(bank: Bank) -> None:
    by = f"{bank.catalog.account.account_id}:assumed-role/somebody/round-7"
    assert wake_by_events(bank, build_event("aws.lakeformation", by=by)) == ["catalog"]


def test_what_is_no_such_event_wakes_nothing(bank: Bank) -> None:
    assert wake_by_events(bank, None, {"source": "aws.glue"}, {**build_event("aws.ram"), "detail": "?"}) == []
