"""Roles of the portal itself are not offered as readers, and refused wherever one could be named."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from identity.accounts import Account, ConnectedCatalog, LocalMember, Principal
from identity.people.models import Membership
from kernel import clock
from kernel.errors import RefusedError
from portal.local_groups.presenters import list_member_candidates
from requests_app.break_glass.actions import give_consent
from requests_app.grants.service_roles import list_service_roles
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group
from requests_app.targets.recipients import list_requestable_principals
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role

WORDS = "is one of the portal's own roles"


@pytest.fixture
def worker(bank: Bank) -> Principal:
    """In an account that uses data as well: one account may be all of a mesh."""
    served = {"services": ["ecs-tasks.amazonaws.com"]}
    made = factories.make_principal(bank.bi_account, "meshmarket-worker", **served)
    made.refresh_from_db()
    return made


def set_account_roles(bank: Bank, **arns: str) -> None:
    """As who keeps the accounts does."""
    with as_role("none"):
        Account.objects.filter(pk=bank.bi_account.pk).update(**arns)


def make_portal_roles(bank: Bank) -> dict[str, Principal]:
    """One of each kind, as a sync had mirrored it before anybody said what it is."""
    account = bank.bi_account
    named = {"observer": "watch", "executor": "act", "location": "lake", "worker": "meshmarket-worker"}
    made = {kind: factories.make_principal(account, name) for kind, name in named.items()}
    set_account_roles(bank, observer_role_arn=made["observer"].arn, executor_role_arn=made["executor"].arn)
    with as_role("none"):
        ConnectedCatalog.objects.filter(pk=bank.catalog.pk).update(location_role_arn=made["location"].arn)
    return {kind: Principal.objects.get(pk=one.pk) for kind, one in made.items()}


def test_none_is_offered(bank: Bank) -> None:
    found = make_portal_roles(bank)
    assert [one.is_portal for one in found.values()] == [True] * 4
    assert list(list_requestable_principals(bank.ana)) == [bank.role]
    assert list_member_candidates(bank.bi_account) == [bank.role]


def test_the_worker_is_no_service_role_for_which_somebody_answers(bank: Bank, worker: Principal) -> None:
    assert worker not in list_service_roles(bank.bi_account)


def test_a_role_that_an_account_names_no_longer_is_offered_again(bank: Bank) -> None:
    executor = make_portal_roles(bank)["executor"]
    other = f"arn:aws:iam::{bank.bi_account.account_id}:role/other"
    set_account_roles(bank, executor_role_arn=other)
    executor.refresh_from_db()
    assert not executor.is_portal
    assert executor in list_requestable_principals(bank.ana)


@pytest.mark.parametrize("kind", ["observer", "executor", "location", "worker"])
def test_an_ask_for_one_is_refused(bank: Bank, kind: str) -> None:
    with pytest.raises(RefusedError, match=WORDS) as refusal:
        submit_bank_request(bank, principal=make_portal_roles(bank)[kind])
    assert refusal.value.field == "principal"


def test_the_database_refuses_an_ask_for_one(bank: Bank, worker: Principal) -> None:
    request = submit_bank_request(bank)
    request.pk, request.principal, request.idempotency_key = None, worker, "form-2"
    with pytest.raises(IntegrityError, match="is a role of the portal itself"), transaction.atomic():
        request.save(force_insert=True)


def test_what_waits_for_one_is_not_approved(bank: Bank) -> None:
    item = submit_bank_item(bank)
    set_account_roles(bank, executor_role_arn=bank.role.arn)
    with pytest.raises(RefusedError, match=WORDS):
        approve(bank, item)


def test_none_is_put_into_a_local_group(bank: Bank, worker: Principal) -> None:
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    account = bank.bi_account.account_id
    group = create_local_group(acting_user=bank.ana, account_id=account, name="Analysts", now=clock.now())
    with pytest.raises(RefusedError, match=WORDS):
        add_local_group_member(
            acting_user=bank.ana, account_id=account, group_id=group.pk, arn=worker.arn, now=clock.now()
        )
    with pytest.raises(IntegrityError, match="is a role of the portal itself"), transaction.atomic():
        LocalMember.objects.create(
            group=group, arn=worker.arn, unique_id=worker.unique_id, added_by=bank.ana, added_at=clock.now()
        )


def test_no_standing_consent_is_given_for_one(bank: Bank, worker: Principal) -> None:
    factories.add_members(bank.bi, Membership.Role.MEMBER, [ben := factories.make_person("Ben Vogt")])
    with pytest.raises(RefusedError, match=WORDS):
        give_consent(
            acting_user=bank.ines, domain=bank.domain, named_person=bank.ana, second_person=ben, principal=worker,
            tables=[bank.claims], max_hours=1, expires_at=clock.now() + timedelta(days=5), reason="Outage", idempotency_key="k",
            now=clock.now(),
        )  # fmt: skip
