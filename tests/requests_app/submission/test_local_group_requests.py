"""A request for a local group: the owner approves for its account, and the account's admins pass it on."""

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from fulfilment.intents.models import Intent
from identity.accounts import LocalGroup
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import create_local_group, delete_local_group, pass_on
from requests_app.grants.subgrants.models import Subgrant, SubgrantIntent
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.queries import filter_pending_subgrants
from requests_app.review.access_status import get_access_status
from requests_app.submission.actions import submit_basket
from requests_app.submission.basket import add_to_basket, get_basket
from requests_app.targets.recipients import Recipient, list_recipients
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.engine_readings import write_presence


def submit_for_group(bank: Bank, person: Person, group: LocalGroup, **changes: object) -> RequestItem:
    whole = factories.make_account_principal(bank.bi_account)
    return submit_bank_item(bank, acting_user=person, principal=whole, group=group, **changes)


def list_subgrants() -> list[tuple[str, list[str]]]:
    """Who was passed on what, by intents that live."""
    holds = SubgrantIntent.objects.filter(intent__ended_at=None).select_related("intent", "member")
    return [(one.member.name, one.intent.wanted["columns"]["include"]) for one in holds]


def list_pending() -> list[Grant]:
    return list(filter_pending_subgrants(Grant.objects.all()))


def test_what_an_admin_asked_for_a_group_is_passed_on_to_it_alone_once_agreed(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    create_local_group(acting_user=tom, account_id=bank.bi_account.account_id, name="Others", now=clock.now())
    grant = approve(bank, submit_for_group(bank, tom, group))
    assert grant.intent.access.principal_arn == bank.bi_account.account_id
    assert list_subgrants() == [(bank.role.name, ["amount", "claim_id"])]
    local = Subgrant.objects.get()
    assert (local.group, local.account_grant, local.granted_by, list_pending()) == (group, grant, tom, [])
    assert local.event == Event.objects.get(verb="pass_on")


def test_what_another_of_the_team_asked_waits_for_an_admin(bank: Bank, group: LocalGroup) -> None:
    grant = approve(bank, submit_for_group(bank, bank.ana, group))
    assert (list_subgrants(), list_pending()) == ([], [grant])


def test_who_is_no_admin_any_more_passes_nothing_on(bank: Bank, tom: Person, group: LocalGroup) -> None:
    item = submit_for_group(bank, tom, group)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=tom).delete()
    grant = approve(bank, item)
    assert (list_subgrants(), list_pending()) == ([], [grant])


def test_a_group_that_ended_meanwhile_gets_nothing(bank: Bank, tom: Person, group: LocalGroup) -> None:
    item = submit_for_group(bank, tom, group)
    delete_local_group(
        acting_user=tom, account_id=bank.bi_account.account_id, group_id=group.pk, now=clock.now()
    )
    approve(bank, item)
    assert (list_subgrants(), list_pending()) == ([], [])


def test_where_a_member_would_see_more_than_it_says_the_admin_looks_first(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    ruled = RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk, "claim_id = '1'")
    approve(bank, submit_bank_item(bank, items=[ruled]))
    grant = approve(bank, submit_for_group(bank, tom, group, idempotency_key="form-2"))
    assert (list_subgrants(), list_pending()) == ([], [grant])


def test_a_partition_key_that_the_owner_agreed_to_holds_nothing_back(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    table = factories.make_table(
        bank.claims.database, "visits", ("id", "name"), partition_keys=["ward"], sensitive=["ward", "name"]
    )
    approve(
        bank, submit_for_group(bank, tom, group, items=[RequestedItem(table.pk, ("id", "ward"), False, None)])
    )
    assert list_subgrants() == [(bank.role.name, ["id"])]


def test_a_group_is_asked_for_by_its_accounts_team_through_that_account(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    other = factories.make_account(factories.make_team("Others"))
    theirs = LocalGroup.objects.create(account=other, name="x", created_by=tom, created_at=clock.now())
    for wrong in (
        {"group": theirs, "principal": factories.make_account_principal(bank.bi_account)},
        {"group": group, "principal": bank.role},
        {
            "group": group,
            "principal": factories.make_account_principal(bank.bi_account),
            "acting_user": bank.sam,
        },
    ):
        with pytest.raises(ForbiddenError):
            submit_bank_request(bank, **wrong)


def test_the_database_refuses_a_group_of_another_account(bank: Bank, tom: Person, group: LocalGroup) -> None:
    asked = submit_bank_request(bank)
    asked.pk, asked.idempotency_key, asked.group = None, "form-2", group
    with pytest.raises(DatabaseError, match="local group of another account"), transaction.atomic():
        asked.save(force_insert=True)


def test_metadata_alone_and_an_ended_group_are_refused_when_they_are_asked_for(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    names = RequestedItem(bank.claims.pk, (), False, None, metadata_only=True)
    with pytest.raises(RefusedError, match="request metadata only for a local group"):
        submit_for_group(bank, tom, group, items=[names])
    delete_local_group(
        acting_user=tom, account_id=bank.bi_account.account_id, group_id=group.pk, now=clock.now()
    )
    group.refresh_from_db()
    with pytest.raises(RefusedError, match="local group Actuaries was deleted"):
        submit_for_group(bank, tom, group)


def test_what_the_account_has_already_its_admins_pass_on(bank: Bank, tom: Person, group: LocalGroup) -> None:
    approve(
        bank,
        submit_bank_item(bank, acting_user=tom, principal=factories.make_account_principal(bank.bi_account)),
    )
    with pytest.raises(RefusedError, match=r"BI already has access to .* Its admins pass it on"):
        submit_for_group(bank, bank.ana, group, idempotency_key="form-2")


def test_the_same_form_for_another_group_is_another_ask(bank: Bank, tom: Person, group: LocalGroup) -> None:
    others = create_local_group(
        acting_user=tom, account_id=bank.bi_account.account_id, name="Others", now=clock.now()
    )
    first = submit_for_group(bank, tom, group)
    assert submit_for_group(bank, tom, group) == first
    with pytest.raises(RefusedError, match="other contents"):
        submit_for_group(bank, tom, others)


def test_a_basket_is_sent_for_a_group(bank: Bank, tom: Person, group: LocalGroup) -> None:
    table = RequestedItem(bank.claims.pk, ("amount",), False, bank.product.pk)
    add_to_basket(person=tom, team=bank.bi, requested_items=[table], now=clock.now())
    sent = submit_basket(
        acting_user=tom,
        details=Recipient(factories.make_account_principal(bank.bi_account), group).build_details(
            {"purpose": "Quarterly report"}, factories.days_from_now(30)
        ),
        basket_version=get_basket(tom, bank.bi).version, now=clock.now(),
    )  # fmt: skip
    approve(bank, sent.request.items.get())
    assert list_subgrants() == [(bank.role.name, ["amount"])]


def test_groups_are_offered_to_their_accounts_team_and_to_nobody_else(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    whole = factories.make_account_principal(bank.bi_account)
    assert [one.key for one in list_recipients(bank.ana)] == [str(bank.role.pk), f"{whole.pk}.{group.pk}"]
    mine = [str(bank.role.pk), f"{whole.pk}.{group.pk}", str(whole.pk)]
    assert [one.key for one in list_recipients(tom)] == mine
    assert list_recipients(bank.sam) == []


def test_it_is_not_told_to_be_there_before_the_group_has_it(
    bank: Bank, tom: Person, group: LocalGroup
) -> None:
    def word() -> str:
        shown = get_access_status(Grant.objects.get()).display_state
        return f"{shown.state} {shown.reason}"

    def proven(intent: Intent) -> None:
        write_presence(intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)

    proven(approve(bank, submit_for_group(bank, bank.ana, group)).intent)
    assert word() == "needs_attention to_be_passed_on"
    (waiting,) = list_pending()
    choices = {(group.pk, waiting.pk): frozenset({"public"})}
    plan = build_subgrant_plan(bank.bi_account, choices, clock.now())
    where = bank.bi_account.account_id
    pass_on(
        acting_user=tom, account_id=where, choices=choices, plan_hash=plan.compute_hash(), now=clock.now()
    )
    assert word() == "applying passing_on"
    proven(SubgrantIntent.objects.get().intent)
    assert word() == "active usability_not_known"
