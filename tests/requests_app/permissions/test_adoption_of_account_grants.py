"""What an account holds as a whole becomes an account grant, exactly as in AWS, or says why it cannot."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission, RegisteredLocation
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import RefusedError
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from requests_app.grants.models import Grant
from requests_app.grants.subgrants.actions import create_local_group, pass_on
from requests_app.grants.subgrants.models import Subgrant
from requests_app.grants.subgrants.plans import build_subgrant_plan
from requests_app.grants.subgrants.queries import build_passable_columns, list_account_grants
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.adoption import adopt_observed
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.requests_app.lf_tags_request import GOLD_TAGS, assign_tags

ALL_COLUMNS: dict[str, list[str]] = {"except": []}
SOME_COLUMNS = {"include": ["amount", "claim_id"]}


@pytest.fixture
def tom(bank: Bank) -> Person:
    """The admin of BI's account."""
    factories.make_account_principal(bank.bi_account)
    tom = factories.make_person("Tom Brandt")
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [tom])
    return tom


def observe(bank: Bank, **fields: Any) -> ObservedPermission:
    told = {
        "principal_arn": bank.bi_account.account_id, "verb": "SELECT", "columns": SOME_COLUMNS, "table": "claims",
        "database": "insurance_gold",
    }  # fmt: skip
    with as_role("meshmarket_worker"):
        return ObservedPermission.objects.create(catalog=bank.catalog, seen_at=clock.now(), **told | fields)


def observe_envelope(bank: Bank, option: dict[str, list[str]] | None = None) -> ObservedPermission:
    """SELECT on some columns and DESCRIBE on the database, both to pass on."""
    row = observe(bank)
    observe(bank, grantable=True, columns=option or SOME_COLUMNS)
    for grantable in (False, True):
        observe(bank, verb="DESCRIBE", table="", columns=ALL_COLUMNS, grantable=grantable)
    return row


def adopt(bank: Bank, row: ObservedPermission, owner: Person) -> Grant:
    return adopt_observed(row, by=bank.ines, owner=owner)


def list_atoms(grant: Grant) -> set[tuple[str, str, bool]]:
    found = grant.intent.effects["atoms"]
    return {(atom["table"], atom["verb"], atom["grantable"]) for atom in found}


def test_the_option_and_what_the_account_sees_the_database_by_go_with_it(bank: Bank, tom: Person) -> None:
    grant = adopt(bank, observe_envelope(bank), tom)
    assert list_atoms(grant) == {
        (table, verb, grantable)
        for table, verb in (("claims", "SELECT"), ("", "DESCRIBE"))
        for grantable in (False, True)
    }
    access = grant.intent.access
    assert (access.is_account_grant, access.share, access.links) == (True, None, ())
    assert Intent.objects.get().access == access


def test_without_the_option_there_is_nothing_to_pass_on(bank: Bank, tom: Person) -> None:
    grant = adopt(bank, observe(bank), tom)
    assert list_atoms(grant) == {("claims", "SELECT", False)}
    assert not list_account_grants(bank.bi_account, clock.now()).exists()


def test_the_metadata_of_a_table_can_be_an_envelope_too(bank: Bank, tom: Person) -> None:
    row = observe(bank, verb="DESCRIBE", columns=ALL_COLUMNS)
    observe(bank, verb="DESCRIBE", columns=ALL_COLUMNS, grantable=True)
    grant = adopt(bank, row, tom)
    assert list_atoms(grant) == {("claims", "DESCRIBE", False), ("claims", "DESCRIBE", True)}
    assert grant.item.metadata_only
    assert not list_account_grants(bank.bi_account, clock.now()).exists()


def test_what_the_option_covers_is_offered_and_no_more_passed_on(bank: Bank, tom: Person) -> None:
    grant = adopt(bank, observe_envelope(bank, {"include": ["amount"]}), tom)
    assert build_passable_columns(grant).columns == {"public": ("amount",)}
    group = create_local_group(
        acting_user=tom, account_id=bank.bi_account.account_id, name="All", now=clock.now()
    )
    with pytest.raises(DatabaseError, match="live account grant"), transaction.atomic():
        Subgrant.objects.create(
            group=group, account_grant=grant, columns=["amount", "claim_id"], granted_by=tom, granted_at=clock.now(),
            event=grant.event,
        )  # fmt: skip


@pytest.mark.parametrize(("hybrid", "why"), [([], "not registered"), ([True], "opted in by name")])
def test_what_aws_is_not_ready_for_is_not_passed_on(
    bank: Bank, tom: Person, hybrid: list[bool], why: str
) -> None:
    bank.claims.location = "s3://lake/claims"
    bank.claims.save()
    grant = adopt(bank, observe_envelope(bank), tom)
    with as_role("meshmarket_worker"):
        for is_hybrid in hybrid:
            RegisteredLocation.objects.create(
                catalog=bank.catalog, arn="arn:aws:s3:::lake", is_hybrid=is_hybrid, seen_at=clock.now()
            )
    with pytest.raises(RefusedError, match=why):
        subgrant_all(bank, tom, grant)
    assert not Subgrant.objects.exists()


def test_an_account_that_may_not_show_the_database_passes_nothing_on(bank: Bank, tom: Person) -> None:
    row = observe(bank)
    observe(bank, grantable=True)
    with pytest.raises(RefusedError, match="DESCRIBE on the database"):
        subgrant_all(bank, tom, adopt(bank, row, tom))


def subgrant_all(bank: Bank, tom: Person, grant: Grant) -> None:
    account, now = bank.bi_account.account_id, clock.now()
    group = create_local_group(acting_user=tom, account_id=account, name="All", now=now)
    choices = {(group.pk, grant.pk): frozenset({"public"})}
    plan = build_subgrant_plan(bank.bi_account, choices, now)
    pass_on(acting_user=tom, account_id=account, choices=choices, plan_hash=plan.compute_hash(), now=now)


def test_every_table_and_lf_tags_can_be_envelopes(bank: Bank, tom: Person) -> None:
    assign_tags(bank.claims, {"tier": "gold"})
    policy = TagPolicy("TABLE", TagExpression.from_values(GOLD_TAGS))
    tagged = {"database": "", "table": "", "tagged": policy.key, "policy": policy.to_json()}
    rows = [
        (
            observe(bank, columns=ALL_COLUMNS, **place),
            observe(bank, columns=ALL_COLUMNS, grantable=True, **place),
        )
        for place in ({"table": "*"}, tagged)
    ]
    for plain, _option in rows:
        grant = adopt(bank, plain, tom)
        assert {(verb, grantable) for _table, verb, grantable in list_atoms(grant)} == {
            ("SELECT", False), ("SELECT", True),
        }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"grantable": True}, "adopted with the permission"),
        ({"verb": "DESCRIBE", "table": "", "columns": ALL_COLUMNS}, "what the account holds on tables"),
        ({"verb": "DESCRIBE", "table": "*", "columns": ALL_COLUMNS}, "what the account holds on tables"),
        ({"verb": "INSERT", "columns": ALL_COLUMNS}, "never include INSERT"),
        ({"verb": "CREATE_TABLE", "table": "", "columns": ALL_COLUMNS}, "never include CREATE_TABLE"),
        ({"cells_filter": "theirs", "columns": ALL_COLUMNS}, "data cells filter"),
        ({"columns": {"except": ["iban"]}}, "excludes columns"),
        ({"principal_arn": "999999999999"}, "not connected"),
    ],
)
def test_what_can_be_no_envelope_says_why(bank: Bank, tom: Person, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        adopt(bank, observe(bank, **fields), tom)
    assert not Grant.objects.exists()


def test_what_the_datas_own_account_holds_is_no_envelope(bank: Bank, tom: Person) -> None:
    factories.make_account_principal(bank.catalog.account)
    row = observe(bank, principal_arn=bank.catalog.account.account_id)
    with pytest.raises(RefusedError, match="that owns the data"):
        adopt(bank, row, tom)


def test_an_admin_of_the_account_answers_for_it(bank: Bank, tom: Person) -> None:
    row = observe(bank)
    with pytest.raises(RefusedError, match="admin of BI"):
        adopt(bank, row, bank.ana)
    assert adopt(bank, row, tom).item.requester == tom


def test_beside_an_envelope_of_ours_the_rest_alone_is_adopted(bank: Bank, tom: Person) -> None:
    ours = [RequestedItem(bank.claims.pk, ("claim_id", "amount"), False, bank.product.pk)]
    whole = factories.make_account_principal(bank.bi_account)
    approve(bank, submit_bank_item(bank, acting_user=tom, principal=whole, items=ours))
    more = {"include": ["amount", "claim_id", "iban"]}
    row = observe(bank, columns=more)
    observe(bank, columns=more, grantable=True)
    grant = adopt(bank, row, tom)
    assert (grant.item.columns, build_passable_columns(grant).columns) == (["iban"], {"sensitive": ("iban",)})
