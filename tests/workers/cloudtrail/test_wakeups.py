"""What CloudTrail tells of makes the scopes that it concerns due, and no others."""

from typing import Any

import pytest

from audit import clock
from fulfilment.intents.actions import catalog_scope_key, share_scope_key
from fulfilment.intents.models import Wake
from fulfilment.rounds.models import Scope
from tests.bank import Bank, make_bank
from tests.database import as_role
from workers.cloudtrail.wakeups import CLOUDTRAIL_DETAIL_TYPE, wake_scopes

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
    source: str, *principals: str, by: str = "assumed-role/Admin/ana", **more: Any
) -> dict[str, Any]:
    entries = [{"principal": {"dataLakePrincipalIdentifier": one}} for one in principals]
    detail = {"userIdentity": {"arn": f"arn:aws:sts::1:{by}"}, "requestParameters": {"entries": entries}}
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


def test_what_we_wrote_and_what_is_no_such_event_wakes_nothing(bank: Bank) -> None:
    role = bank.catalog.account.executor_role_arn.rsplit("/", 1)[-1]
    ours = build_event("aws.lakeformation", bank.role.arn, by=f"assumed-role/{role}/round-7")
    assert (
        wake_by_events(bank, ours, None, {"source": "aws.glue"}, {**build_event("aws.ram"), "detail": "?"})
        == []
    )
