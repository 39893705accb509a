"""Sample objects for every URL of the engine, catalogs and accounts."""

from typing import Any

from catalog.sync.models import SyncRun
from identity.accounts import Account
from identity.connections import AccountProposal, propose_account
from identity.people.models import Membership
from kernel import clock
from requests_app.grants.subgrants.actions import add_local_group_member, create_local_group
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.permissions.test_pages import add_finding, observe
from tests.portal.sync.test_pages import make_run
from tests.role_changes import data_owner_change, propose_change


def make_sample_engine_objects(bank: Bank) -> dict[str, Any]:
    """Its id, by the name of its address. Ana becomes an admin of BI's account."""
    now, where = clock.now(), bank.bi_account.account_id
    if not Membership.objects.filter(person=bank.ana, role=Membership.Role.ACCOUNT_ADMIN).exists():
        factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    group = create_local_group(acting_user=bank.ana, account_id=where, name="Actuaries", now=now)
    member = add_local_group_member(
        acting_user=bank.ana, account_id=where, group_id=group.pk, arn=bank.role.arn, now=now
    )
    kim = factories.make_person("Kim Sand")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [kim])
    whole = {
        "principal": factories.make_account_principal(bank.bi_account),
        "group": group,
        "idempotency_key": "for-a-group",
    }
    approve(bank, submit_bank_item(bank, acting_user=kim, **whole))
    served = factories.make_principal(bank.bi_account, "nightly-load", services=["glue.amazonaws.com"]).pk
    paused = make_run(bank, SyncRun.Outcome.PAUSED, held=9).pk
    proposal = AccountProposal(
        account_id="710000000001", name="Claims", region="eu-central-1", team_id=bank.bi.pk, grants=False,
        in_organisation=True, environment=Account.Environment.PRODUCTION,
    )  # fmt: skip
    connection = propose_account(acting_user=bank.greta, proposal=proposal, now=now).pk
    hand = factories.make_principal(bank.bi_account, "by-hand")
    seen, finding = observe(bank, hand.arn, {"include": ["amount"]}).pk, add_finding(bank).pk
    change = propose_change(bank.greta, data_owner_change(bank.insurance, bank.sam)).pk
    return {
        "role-change": change, "role-change-decide": change,
        "group-end": group.pk, "member-add": group.pk, "member-remove": member.pk, "service-role-owner": served,
        "local-group-delete": group.pk, "local-group-members": group.pk, "service-role-edit": served,
        "local-group-member-delete": {"group": group.pk, "pk": member.pk},
        "sync-run": paused, "sync-run-resume": paused, "sync-run-cancel": paused,
        "account-connection": connection, "account-connection-check": connection, "account-connection-complete": connection,
        "permission-adopt": seen, "permission-remove": seen, "drift-finding-acknowledge": finding, "drift-finding-repair": finding,
    }  # fmt: skip
