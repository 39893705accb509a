"""What may be adopted, removed or let be, by whom; and what is refused changes nothing."""

from typing import Any

import pytest

from audit.models import Event
from fulfilment.intents.models import Intent, Wake
from fulfilment.observations.models import ObservedPermission
from fulfilment.permissions.catalog_permissions import PermissionStatus
from fulfilment.permissions.models import PermissionRemoval
from fulfilment.permissions.queries import PermissionFilter, count_by_status, iterate_catalog_permissions
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision
from requests_app.grants.models import Grant
from requests_app.permissions.actions import order_removal
from requests_app.permissions.may import may_order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests import factories
from tests.adoption import adopt_observed
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import TestDatabase, as_role

SOME_COLUMNS = {"include": ["claim_id", "amount"]}


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    return make_bank()


def observe(bank: Bank, **fields: Any) -> ObservedPermission:
    told: dict[str, Any] = {
        "principal_arn": bank.role.arn,
        "verb": "SELECT",
        "columns": SOME_COLUMNS,
        "table": "claims",
    }
    with as_role("meshmarket_worker"):
        return ObservedPermission.objects.create(
            catalog=bank.catalog, database="insurance_gold", seen_at=clock.now(), **told | fields
        )


def adopt(
    bank: Bank, row: ObservedPermission, *, by: Person | None = None, owner: Person | None = None
) -> Grant:
    return adopt_observed(row, by=by or bank.ines, owner=owner or bank.ana)


def order_observed_removal(
    bank: Bank, row: ObservedPermission, *, by: Person | None = None
) -> PermissionRemoval:
    person = by or bank.ines
    _, line = get_unmanaged_permission(person, row.pk, clock.now())
    return order_removal(
        acting_user=person, observed_id=row.pk, key=line.key, reason="Nobody knows it.", now=clock.now()
    )


def test_what_is_adopted_is_a_grant_of_exactly_what_is_observed(bank: Bank) -> None:
    grant = adopt(bank, observe(bank))
    assert (grant.item.requester, grant.item.request.team) == (bank.ana, bank.bi)
    assert grant.item.decisions.get().decided_by == bank.ines
    atoms = grant.intent.effects["atoms"]
    assert [(atom["verb"], atom["table"], atom["columns"]) for atom in atoms] == [
        ("SELECT", "claims", {"include": ["amount", "claim_id"]})
    ]
    assert grant.event.verb == "adopt_permission"


@pytest.mark.parametrize(("verb", "whole", "metadata"), [("SELECT", True, False), ("DESCRIBE", False, True)])
def test_a_whole_table_and_its_metadata_can_be_adopted(
    bank: Bank,
    verb: str,
    whole: bool,  # noqa: FBT001
    metadata: bool,  # noqa: FBT001
) -> None:
    item = adopt(bank, observe(bank, verb=verb, columns={"except": []})).item
    assert (item.whole_table, item.metadata_only) == (whole, metadata)


def test_every_table_of_a_database_can_be_adopted(bank: Bank) -> None:
    grant = adopt(bank, observe(bank, table="*", columns={"except": []}))
    assert (grant.item.whole_database, grant.item.name) == (True, "all tables of insurance_gold")
    assert [one["table"] for one in grant.intent.effects["members"]] == ["claims"]


def test_what_may_be_seen_of_a_table_is_adopted_with_what_may_be_read(bank: Bank) -> None:
    row = observe(bank)
    describe = observe(bank, verb="DESCRIBE", columns={"except": []})
    with pytest.raises(RefusedError, match="Adopt that one"):
        adopt(bank, describe)
    adopt(bank, row)
    with pytest.raises(NotFoundError):
        order_observed_removal(bank, describe)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"verb": "ALL", "columns": {"except": []}}, "for reading"),
        ({"grantable": True}, "never include the right to pass"),
        ({"table": "*", "verb": "DESCRIBE", "columns": {"except": []}}, "SELECT on all tables"),
        ({"table": "", "verb": "DESCRIBE", "columns": {"except": []}}, "A grant is on one table"),
        ({"cells_filter": "theirs", "columns": {"except": []}}, "data cells filter"),
        ({"columns": {"except": ["iban"]}}, "excludes columns"),
        ({"columns": {"include": ["dropped"]}}, "no column dropped"),
        ({"principal_arn": "IAM_ALLOWED_PRINCIPALS"}, "role or user"),
        ({"principal_arn": "arn:aws:iam::999999999999:role/stranger"}, "not a role or user of a connected"),
    ],
)
def test_what_cannot_be_a_grant_says_why(bank: Bank, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        adopt(bank, observe(bank, **fields))
    assert not Grant.objects.exists()


def test_nobody_adopts_for_themselves_or_for_their_own_team(bank: Bank) -> None:
    row = observe(bank)
    with pytest.raises(RefusedError, match="must be in BI"):
        adopt(bank, row, owner=bank.sam)
    with pytest.raises(ForbiddenError, match="yourself"):
        adopt(bank, row, owner=bank.ines)
    with pytest.raises(ForbiddenError, match="Only a data owner"):
        adopt(bank, row, by=bank.greta)
    with pytest.raises(NotFoundError):
        adopt(bank, row, by=bank.sam)
    factories.make_team("BI again", members=[bank.ines])
    factories.add_members(bank.bi, "member", [bank.ines])
    with pytest.raises(ForbiddenError, match="requesting team"):
        adopt(bank, row)
    assert (Grant.objects.count(), Decision.objects.count(), Intent.objects.count()) == (0, 0, 0)


def test_what_a_grant_justifies_is_nobodys_to_adopt_or_remove(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    row = observe(bank)
    with pytest.raises(NotFoundError):
        adopt(bank, row)
    with pytest.raises(NotFoundError):
        order_observed_removal(bank, row)


def test_an_order_is_an_intent_of_the_catalogs_scope_and_on_the_record(bank: Bank) -> None:
    removal = order_observed_removal(bank, observe(bank))
    assert (removal.intent.kind, removal.intent.scope_key) == ("removal", f"catalog:{bank.catalog.pk}")
    assert removal.intent.wanted["columns"] == {"include": ["amount", "claim_id"]}
    assert Event.objects.get(verb="order_removal").data["reason"] == "Nobody knows it."
    assert Wake.objects.filter(scope_key=removal.intent.scope_key).exists()


def test_a_removal_is_ordered_once_and_by_those_who_may(bank: Bank) -> None:
    row = observe(bank)
    with pytest.raises(NotFoundError):
        order_observed_removal(bank, row, by=bank.ana)
    order_observed_removal(bank, row, by=bank.greta)
    with pytest.raises(RefusedError, match="already being removed"):
        order_observed_removal(bank, row)
    with pytest.raises(RefusedError, match="already being removed"):
        adopt(bank, row)
    assert PermissionRemoval.objects.count() == 1


def test_what_is_ordered_to_go_stands_as_being_removed(bank: Bank) -> None:
    row, stays = observe(bank), observe(bank, principal_arn="arn:aws:iam::999999999999:role/stranger")
    order_observed_removal(bank, row)
    standings = {
        line.observed_id: line.status
        for line in iterate_catalog_permissions(PermissionFilter(bank.catalog), clock.now())
    }
    assert standings == {row.pk: PermissionStatus.ENDING, stays.pk: PermissionStatus.UNMANAGED}
    assert count_by_status(PermissionFilter(bank.catalog), clock.now())[PermissionStatus.UNMANAGED] == 1


def test_what_would_take_something_else_with_it_is_refused(bank: Bank) -> None:
    row = observe(bank)
    observe(bank, grantable=True)
    with pytest.raises(RefusedError, match="pass it on"):
        order_observed_removal(bank, row)
    approve(bank, submit_bank_item(bank))
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.filter(pk=row.pk).update(columns={"except": []})
        ObservedPermission.objects.exclude(pk=row.pk).delete()
    with pytest.raises(RefusedError, match="Revoke that grant first"):
        order_observed_removal(bank, row)
    assert not PermissionRemoval.objects.exists()


def test_owners_of_another_domain_order_no_removal(bank: Bank) -> None:
    stranger, database = factories.make_person("Petra Kern"), bank.claims.database
    factories.make_domain(factories.make_team("Cards", owners=[stranger]), "Cards")
    for person, allowed in ((bank.ines, True), (stranger, False)):
        verdict = may_order_removal(person, database.catalog, database.name, bank.claims.name)
        assert bool(verdict) is allowed
