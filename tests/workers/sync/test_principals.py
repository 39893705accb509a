"""Roles and users of the accounts are mirrored with their tags; what was made anew is another."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from demo.bank.accounts import BI
from identity.accounts import Account, Principal
from kernel import clock
from mocklake.testing.server import Cloud
from workers.accounts import principals
from workers.accounts.principals import sync_principals
from workers.aws.errors import AwsError


@pytest.fixture
def bi(seeded: None) -> Account:
    return Account.objects.get(account_id=BI)


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam", BI)


@pytest.fixture
def extra(iam: Any) -> Iterator[str]:
    """The name of a user of this test alone."""
    iam.create_user(UserName="night-extract", Tags=[{"Key": "clearance", "Value": "high"}])
    yield "night-extract"
    iam.delete_user(UserName="night-extract")


def sync_account(account: Account, *, later: timedelta = timedelta()) -> None:
    sync_principals(account, account.region, clock.now() + later)


def list_living() -> dict[str, Principal]:
    return {one.name: one for one in Principal.objects.filter(account__account_id=BI, gone_at=None)}


def test_roles_and_users_come_with_their_tags(bi: Account, extra: str) -> None:
    sync_account(bi)
    tags = {"line-of-business": "Group Finance", "environment": "production"}
    found = {name: (one.is_user, one.tags) for name, one in list_living().items()}
    assert found == {
        "bi-analyst": (False, tags), "bi-reporting": (False, tags), "bi-extract": (True, tags),
        extra: (True, {"clearance": "high"}), "whole account": (False, None),
    }  # fmt: skip


def test_a_second_reading_soon_after_reads_no_tags_and_changes_nothing(bi: Account) -> None:
    sync_account(bi)
    before = list(Principal.objects.order_by("pk").values_list("pk", "tags_read_at"))
    sync_account(bi)
    assert list(Principal.objects.order_by("pk").values_list("pk", "tags_read_at")) == before


def test_tags_are_read_again_after_their_time(bi: Account, iam: Any, extra: str) -> None:
    sync_account(bi)
    iam.tag_user(UserName=extra, Tags=[{"Key": "clearance", "Value": "low"}])
    sync_account(bi)
    assert list_living()[extra].tags == {"clearance": "high"}
    sync_account(bi, later=principals.TAGS_MAX_AGE * 2)
    assert list_living()[extra].tags == {"clearance": "low"}


def test_with_many_the_tags_that_were_read_longest_ago_come_first(
    bi: Account, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(principals, "MAX_TAG_READS", 1)
    for round_ in range(1, 5):
        sync_account(bi)
        assert sum(one.tags is not None for one in list_living().values()) == round_


def test_a_user_made_anew_is_another(bi: Account, iam: Any, extra: str) -> None:
    sync_account(bi)
    first = list_living()[extra]
    iam.delete_user(UserName=extra)
    iam.create_user(UserName=extra)
    sync_account(bi)
    second = list_living()[extra]
    first.refresh_from_db()
    assert (first.gone_at is None, second.unique_id == first.unique_id, second.tags) == (False, False, {})


def test_what_cannot_be_listed_whole_changes_nothing(bi: Account, cloud: Cloud, extra: str) -> None:
    sync_account(bi)
    cloud.control(
        "faults", {"kind": "error", "code": "AccessDenied", "service": "iam", "operation": "ListUsers"}
    )
    try:
        with pytest.raises(AwsError):
            sync_account(bi)
    finally:
        cloud.control("faults", method="DELETE")
    assert extra in list_living()


def test_services_that_may_take_a_role_on_are_read_and_follow_its_trust(bi: Account, iam: Any) -> None:
    def trusting(who: dict[str, str]) -> str:
        rule = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [rule]})

    by_service = trusting({"Service": "glue.amazonaws.com"})
    iam.create_role(RoleName="nightly-load", AssumeRolePolicyDocument=by_service)
    sync_account(bi)
    assert list_living()["nightly-load"].services == ["glue.amazonaws.com"]
    by_people = trusting({"AWS": f"arn:aws:iam::{BI}:root"})
    iam.update_assume_role_policy(RoleName="nightly-load", PolicyDocument=by_people)
    sync_account(bi)
    assert list_living()["nightly-load"].services == []
    iam.delete_role(RoleName="nightly-load")
