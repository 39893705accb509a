"""An account's admins pass on what it was given, to groups of theirs: nobody else does, and never more than that."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from fulfilment.intents.models import Intent
from identity.accounts import LocalGroup, LocalMember
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import (
    add_local_group_member,
    create_local_group,
    delete_local_group,
    pass_on,
    remove_local_group_member,
)
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request

COLUMNS = ("claim_id", "amount", "iban")
SAML = "arn:aws:iam::{}:saml-provider/idp:group/actuaries"


@pytest.fixture
def account_grant(bank: Bank, tom: Person) -> Grant:
    item = submit_bank_item(
        bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account),
        items=[RequestedItem(bank.claims.pk, COLUMNS, False, bank.product.pk)],
    )  # fmt: skip
    return approve(bank, item)


@pytest.fixture
def group(bank: Bank, tom: Person) -> LocalGroup:
    group = make_local_group(bank, tom, "Actuaries")
    add_group_member(bank, tom, group, bank.role.arn)
    return group


def make_local_group(bank: Bank, person: Person, name: str) -> LocalGroup:
    return create_local_group(
        acting_user=person, account_id=bank.bi_account.account_id, name=name, now=clock.now()
    )


def add_group_member(bank: Bank, person: Person, group: LocalGroup, arn: str) -> LocalMember:
    account_id = bank.bi_account.account_id
    return add_local_group_member(
        acting_user=person, account_id=account_id, group_id=group.pk, arn=arn, now=clock.now()
    )


def make_subgrants(
    bank: Bank, person: Person, group: LocalGroup, account_grant: Grant, *classes: str
) -> None:
    choices = {(group.pk, account_grant.pk): frozenset(classes)}
    plan = build_subgrant_plan(bank.bi_account, choices, clock.now())
    pass_on(
        acting_user=person, account_id=bank.bi_account.account_id, choices=choices,
        plan_hash=plan.compute_hash(), now=clock.now(),
    )  # fmt: skip


def list_wanted_columns() -> dict[str, list[str]]:
    """Columns by the name of who reads, of live intents of what was passed on."""
    holds = SubgrantIntent.objects.filter(intent__ended_at=None).select_related("intent", "member")
    return {one.member.name: one.intent.wanted["columns"]["include"] for one in holds}


def test_an_admin_asks_for_the_account_and_nobody_else_of_its_team(bank: Bank) -> None:
    with pytest.raises(ForbiddenError, match="Only an admin"):
        submit_bank_request(bank, principal=factories.make_account_principal(bank.bi_account))


def test_each_member_reads_the_classes_that_were_chosen(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    add_group_member(bank, tom, group, SAML.format(bank.bi_account.account_id))
    make_subgrants(bank, tom, group, account_grant, "public")
    assert list_wanted_columns() == {
        bank.role.name: ["amount", "claim_id"],
        "actuaries": ["amount", "claim_id"],
    }
    intent = SubgrantIntent.objects.order_by("pk")[0].intent
    assert (intent.scope_key, intent.expires_at) == (account_grant.intent.scope_key, account_grant.ends_at)
    make_subgrants(bank, tom, group, account_grant, "sensitive")
    assert list_wanted_columns() == {bank.role.name: ["iban"], "actuaries": ["iban"]}
    assert Intent.objects.filter(subject__startswith="subgrant:").count() == 4
    make_subgrants(bank, tom, group, account_grant)
    assert list_wanted_columns() == {}


def test_who_joins_reads_and_who_leaves_does_not(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    make_subgrants(bank, tom, group, account_grant, "public")
    late = add_group_member(bank, tom, group, SAML.format(bank.bi_account.account_id))
    assert set(list_wanted_columns()) == {bank.role.name, "actuaries"}
    account_id = bank.bi_account.account_id
    remove_local_group_member(acting_user=tom, account_id=account_id, member_id=late.pk, now=clock.now())
    assert set(list_wanted_columns()) == {bank.role.name}
    delete_local_group(acting_user=tom, account_id=account_id, group_id=group.pk, now=clock.now())
    assert (list_wanted_columns(), Subgrant.objects.filter(ended_at=None).count()) == ({}, 0)


def test_a_revoke_ends_what_was_passed_on_with_it(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    make_subgrants(bank, tom, group, account_grant, "public")
    revoke_grant(acting_user=bank.ines, grant_id=account_grant.pk, reason="no longer", now=clock.now())
    assert list_wanted_columns() == {}
    (event,) = Event.objects.filter(verb="revoke_grant")
    assert event.data["passed_on"] == [Subgrant.objects.get().pk]
    assert Subgrant.objects.get().ended_by == bank.ines
    with pytest.raises(NotFoundError):
        make_subgrants(bank, tom, group, account_grant, "public")


@pytest.mark.parametrize("who", ["ana", "ines", "greta", "sam"])
def test_nobody_but_the_accounts_admins_changes_its_groups(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup, who: str
) -> None:
    person = getattr(bank, who)
    member = group.members.get()
    account_id, now = bank.bi_account.account_id, clock.now()
    deeds: list[Callable[[], object]] = [
        lambda: make_local_group(bank, person, "Others"),
        lambda: add_group_member(bank, person, group, SAML.format(account_id)),
        lambda: make_subgrants(bank, person, group, account_grant, "public"),
        lambda: remove_local_group_member(
            acting_user=person, account_id=account_id, member_id=member.pk, now=now
        ),
        lambda: delete_local_group(acting_user=person, account_id=account_id, group_id=group.pk, now=now),
    ]
    for deed in deeds:
        with pytest.raises((ForbiddenError, NotFoundError)):
            deed()
    assert (LocalGroup.objects.get(), LocalMember.objects.get()) == (group, member)
    assert (group.ended_at, LocalMember.objects.get().removed_at, list_wanted_columns()) == (None, None, {})


def test_what_is_not_the_accounts_is_not_found(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    other = factories.make_account(factories.make_team("Others"))
    theirs = LocalGroup.objects.create(account=other, name="x", created_by=tom, created_at=clock.now())
    direct = approve(bank, submit_bank_item(bank))
    for one, grant in ((theirs, account_grant), (group, direct)):
        with pytest.raises(NotFoundError):
            make_subgrants(bank, tom, one, grant, "public")
    with pytest.raises(NotFoundError):
        add_group_member(bank, tom, theirs, bank.role.arn)


@pytest.mark.parametrize("arn", ["arn:aws:iam::999999999999:role/x", "bi", "{}", "arn:aws:iam::{}:root"])
def test_a_member_is_of_the_account(bank: Bank, tom: Person, group: LocalGroup, arn: str) -> None:
    factories.make_account_principal(bank.bi_account)
    with pytest.raises(RefusedError) as refusal:
        add_group_member(bank, tom, group, arn.format(bank.bi_account.account_id))
    assert refusal.value.field == "arn"


def test_another_plan_than_the_one_that_was_shown_is_refused(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    choices = {(group.pk, account_grant.pk): frozenset({"public"})}
    shown = build_subgrant_plan(bank.bi_account, choices, clock.now()).compute_hash()
    add_group_member(bank, tom, group, SAML.format(bank.bi_account.account_id))
    with pytest.raises(RefusedError, match="different from what you saw"):
        pass_on(
            acting_user=tom, account_id=bank.bi_account.account_id, choices=choices, plan_hash=shown,
            now=clock.now(),
        )  # fmt: skip


def test_a_sensitive_partition_key_is_not_shown_unsaid(bank: Bank, tom: Person, group: LocalGroup) -> None:
    table = factories.make_table(
        bank.claims.database, "visits", ("id", "name"), partition_keys=["ward"], sensitive=["ward", "name"]
    )
    item = submit_bank_item(
        bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account), idempotency_key="form-9",
        items=[RequestedItem(table.pk, ("id", "name"), False, None)],
    )  # fmt: skip
    grant = approve(bank, item)
    with pytest.raises(RefusedError, match="partition key ward"):
        make_subgrants(bank, tom, group, grant, "public")
    make_subgrants(bank, tom, group, grant, "public", "sensitive")
    assert list_wanted_columns() == {bank.role.name: ["id", "name"]}


def test_who_sees_only_some_rows_is_named_before_it_sees_all(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    ruled = RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk, "claim_id = '1'")
    approve(bank, submit_bank_item(bank, items=[ruled]))
    item = submit_bank_item(
        bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account), idempotency_key="form-2",
        items=[RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk)],
    )  # fmt: skip
    told = [line.text for line in compute_effects(item).side_effects]
    assert f"{bank.role.name} can be given all rows of these columns; it sees only some rows now" in told
    account_grant = approve(bank, item)
    choices = {(group.pk, account_grant.pk): frozenset({"public"})}
    (line,) = build_subgrant_plan(bank.bi_account, choices, clock.now()).changes
    assert [text.startswith(f"{bank.role.name} sees amount in all rows") for text in line.overlaps] == [True]


def test_the_database_refuses_what_the_envelope_does_not_hold(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    event = account_grant.event
    for columns, grant, person in (
        (["secret"], account_grant, tom),
        (["amount"], approve(bank, submit_bank_item(bank)), tom),
        (["amount"], account_grant, bank.ana),
    ):
        with pytest.raises(DatabaseError, match="subgrant"), transaction.atomic():
            Subgrant.objects.create(
                group=group,
                account_grant=grant,
                columns=columns,
                granted_by=person,
                granted_at=clock.now(),
                event=event,
            )


def test_the_database_lets_nobody_widen_what_was_passed_on(
    bank: Bank, tom: Person, account_grant: Grant, group: LocalGroup
) -> None:
    make_subgrants(bank, tom, group, account_grant, "public")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Subgrant.objects.update(columns=["amount", "iban"])
