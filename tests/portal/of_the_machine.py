"""One of each thing that an address of the engine, of a catalog or of an account names."""

from typing import Any

from audit import clock
from catalog.sync.models import SyncRun
from identity.accounts.models import Account
from identity.connections.registration import Proposal, propose_account
from identity.people.models import Membership
from requests_app.grants.subgrants.actions import add_member, make_group
from tests import factories
from tests.bank import Bank, approve, asked_item
from tests.governing import owner_of, proposed
from tests.portal.permissions.test_pages import note, observe
from tests.portal.sync.test_pages import run


def of_the_machine(bank: Bank) -> dict[str, Any]:
    """Its id, by the name of its address. Ana becomes an admin of BI's account."""
    now, where = clock.now(), bank.bi_account.account_id
    if not Membership.objects.filter(person=bank.ana, role=Membership.Role.ACCOUNT_ADMIN).exists():
        factories.join(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    group = make_group(acting_user=bank.ana, account_id=where, name="Actuaries", now=now)
    member = add_member(acting_user=bank.ana, account_id=where, group_id=group.pk, arn=bank.role.arn, now=now)
    kim = factories.make_person("Kim Sand")
    factories.join(bank.bi, Membership.Role.MEMBER, [kim])
    whole = {"principal": factories.whole(bank.bi_account), "group": group, "submission_key": "for-a-group"}
    approve(bank, asked_item(bank, acting_user=kim, **whole))
    served = factories.make_principal(bank.bi_account, "nightly-load", services=["glue.amazonaws.com"]).pk
    paused = run(bank, SyncRun.Outcome.PAUSED, held=9).pk
    proposal = Proposal(
        account_id="710000000001", name="Claims", region="eu-central-1", team_id=bank.bi.pk, grants=False,
        in_organisation=True, environment=Account.Environment.PRODUCTION,
    )  # fmt: skip
    connection = propose_account(acting_user=bank.greta, proposal=proposal, now=now).pk
    hand = factories.make_principal(bank.bi_account, "by-hand")
    seen, finding = observe(bank, hand.arn, {"include": ["amount"]}).pk, note(bank).pk
    change = proposed(bank.greta, owner_of(bank.insurance, bank.sam)).pk
    return {
        "role-change-decide": change,
        "group-end": group.pk, "member-add": group.pk, "member-remove": member.pk, "service-role-owner": served,
        "local-group-delete": group.pk, "local-group-members": group.pk, "service-role-edit": served,
        "local-group-member-delete": {"group": group.pk, "pk": member.pk},
        "sync-run": paused, "sync-run-resume": paused, "sync-run-cancel": paused,
        "account-connection": connection, "account-connection-check": connection, "account-connection-complete": connection,
        "permission-adopt": seen, "permission-remove": seen, "drift-finding-acknowledge": finding, "drift-finding-repair": finding,
    }  # fmt: skip
