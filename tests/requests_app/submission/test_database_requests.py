"""A whole database is asked for: every table for ever as one item, or each of today's by its name."""

from typing import Any

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from identity.people.models import Membership
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError
from lakeformation.access.access import DatabaseAccess
from lakeformation.values.column_sets import ALL_COLUMNS
from requests_app.access_requests.models import AccessRequest
from requests_app.errors import EffectsChangedError
from requests_app.grants.other_access import list_other_paths
from requests_app.grants.queries import list_table_grants
from requests_app.review.actions import approve_item
from requests_app.review.queries import get_item_for_review
from requests_app.review.summary import build_review
from requests_app.review.terms import NarrowedTerms, compute_item_approval_hash
from requests_app.targets.checks import compute_effects
from requests_app.targets.databases import FutureAccess, build_database_target
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, make_bank, submit_bank_item
from tests.database import as_role
from tests.requests_app.database_request import submit_for_bank_database


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    factories.make_table(found.claims.database, "policies")
    return found


def test_every_table_is_one_item_with_a_wildcard_and_each_member_shown(bank: Bank) -> None:
    item = submit_for_bank_database(bank).items.get()
    effects = compute_effects(item)
    atoms = [(atom["table"], atom["verb"]) for atom in effects.approved["atoms"]]
    assert atoms[:2] == [("", "DESCRIBE"), ("*", "SELECT")]
    assert [line.text for line in effects.adds if line.text.startswith("opens")] == [
        "opens insurance_gold.claims: 3 of 3 columns",
        "opens insurance_gold.policies: 3 of 3 columns",
    ]
    assert "everything added to insurance_gold later" in effects.warnings[0].text
    assert str(item.name) == "all tables of insurance_gold"


@pytest.mark.parametrize(("later", "is_whole"), [(FutureAccess.NOTHING, False), (FutureAccess.COLUMNS, True)])
def test_todays_tables_are_an_item_each(bank: Bank, later: FutureAccess, is_whole: bool) -> None:  # noqa: FBT001
    items = submit_for_bank_database(bank, later).items.order_by("table__name")
    assert [(item.table.name, item.whole_table, item.whole_database) for item in items] == [
        ("claims", is_whole, False),
        ("policies", is_whole, False),
    ]
    assert [len(item.columns) for item in items] == ([0, 0] if is_whole else [3, 3])


def test_an_approval_wants_the_wildcard_of_this_very_database(bank: Bank) -> None:
    database = bank.claims.database
    grant = approve(bank, submit_for_bank_database(bank).items.get())
    wanted = grant.intent.access
    assert isinstance(wanted, DatabaseAccess)
    assert (wanted.target, wanted.database_created) == ((database.name, "*"), database.glue_created_at)
    assert wanted.reach.tables == ("claims", "policies")
    told = Event.objects.get(verb="submit_access_request_for_database").data
    assert (told["database"], len(told["tables"])) == (database.pk, 2)
    assert list(list_table_grants(bank.ines, bank.claims)) == [grant]


@pytest.mark.parametrize("change", ["another table", "another column", "created again"])
def test_a_decision_on_what_changed_is_refused(bank: Bank, change: str) -> None:
    item = submit_for_bank_database(bank).items.get()
    shown = compute_item_approval_hash(item)
    if change == "another table":
        factories.make_table(bank.claims.database, "later")
    elif change == "another column":
        bank.claims.columns.create(name="late", position=9, type="string")
    else:
        bank.claims.database.glue_created_at = "2026-11-01T00:00:00+00:00"
        bank.claims.database.save()
    with pytest.raises(EffectsChangedError):
        approve_item(acting_user=bank.ines, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())
    assert not Intent.objects.exists()


@pytest.mark.parametrize("later", list(FutureAccess))
def test_what_changed_since_it_was_shown_is_not_asked_for(bank: Bank, later: FutureAccess) -> None:
    with pytest.raises(RefusedError, match="have changed since you opened"):
        submit_for_bank_database(bank, later, members_hash="0" * 64)
    assert not AccessRequest.objects.exists()


def test_what_changed_since_the_form_was_read_is_not_requested(bank: Bank) -> None:
    target = build_database_target(bank.claims.database, bank.ana)
    bank.claims.columns.filter(name="iban").update(classification="sensitive")
    factories.make_table(bank.claims.database, "later")
    with pytest.raises(RefusedError, match="have changed since you opened"):
        submit_for_bank_database(bank, target=target, members_hash=target.members_hash)
    assert not AccessRequest.objects.exists()


def test_a_key_that_was_used_for_one_database_is_refused_for_another(bank: Bank) -> None:
    submit_for_bank_database(bank)
    other = factories.make_table(factories.make_database(bank.catalog, bank.domain, "other"), "t", ["a"])
    target = build_database_target(other.database, bank.ana)
    with pytest.raises(RefusedError):
        submit_for_bank_database(bank, target=target, members_hash=target.members_hash)
    assert AccessRequest.objects.count() == 1


def test_a_key_that_was_used_for_todays_tables_is_refused_for_the_whole_database(bank: Bank) -> None:
    submit_for_bank_database(bank, FutureAccess.COLUMNS)
    with pytest.raises(RefusedError, match="already sent"):
        submit_for_bank_database(bank)
    assert AccessRequest.objects.count() == 1


def test_a_hidden_table_keeps_the_owners_from_approving_and_tells_the_asker_nothing(bank: Bank) -> None:
    hidden = factories.make_product(
        bank.domain, bank.ines, [factories.make_table(bank.claims.database, "hid")], "Hid"
    )
    DataProduct.objects.filter(pk=hidden.pk).update(is_published=False)
    assert not build_database_target(bank.claims.database, bank.ana).refusal
    item = submit_for_bank_database(bank).items.get()
    for_ana = build_review(get_item_for_review(bank.ana, item.pk), bank.ana)
    for_ines = build_review(get_item_for_review(bank.ines, item.pk), bank.ines)
    assert (for_ana.effects.refusals, for_ana.obstacle) == ((), "")
    assert "tables that the requester can't see" in for_ines.obstacle
    with pytest.raises(RefusedError, match="the requester can't see"):
        approve(bank, item)


def test_a_database_of_no_domain_is_asked_for_by_its_tables_alone(bank: Bank) -> None:
    bank.claims.database.domain = None
    bank.claims.database.save()
    with pytest.raises(RefusedError, match="belongs to no domain"):
        submit_for_bank_database(bank)


def test_where_the_catalog_holds_what_comes_later_only_todays_tables_are_asked_for(bank: Bank) -> None:
    bank.catalog.holds_new_columns = True
    bank.catalog.save()
    bank.claims.refresh_from_db()
    with pytest.raises(RefusedError, match="AWS would open them at once"):
        submit_for_bank_database(bank)
    asked = submit_for_bank_database(bank, FutureAccess.COLUMNS).items.get(table=bank.claims)
    assert [line.text for line in compute_effects(asked).warnings if "stay hidden" in line.text]


def test_a_row_filter_that_it_no_longer_limits_needs_its_own_yes(bank: Bank) -> None:
    limited = submit_bank_item(
        bank, items=[RequestedItem(bank.claims.pk, ("amount",), False, None, "claim_id = '1'")]
    )
    approve(bank, limited)
    item = submit_for_bank_database(bank, idempotency_key="form-2").items.get()
    with pytest.raises(RefusedError, match="no longer limits"):
        approve(bank, item)
    (wider,) = compute_effects(item).widenings
    assert (wider.columns.names, wider.rows) == (("amount",), "")


def test_a_row_filter_beside_it_is_shown_to_limit_nothing(bank: Bank) -> None:
    approve(bank, submit_for_bank_database(bank).items.get())
    rule = RequestedItem(bank.claims.pk, ("amount",), False, None, "claim_id = '1'")
    longer = factories.days_from_now(60)
    limited = submit_bank_item(bank, idempotency_key="form-2", items=[rule], ends_at=longer)
    assert [one.columns.is_every for one in compute_effects(limited).widenings] == [True]


def test_the_end_of_a_table_inside_it_names_it_as_another_way(bank: Bank) -> None:
    named = approve(bank, submit_bank_item(bank))
    wide = approve(bank, submit_for_bank_database(bank, idempotency_key="form-2").items.get())
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="insurance_gold", table="*",
            verb="SELECT", columns=ALL_COLUMNS.to_json(), seen_at=clock.now(),
        )  # fmt: skip
    (way, *_rest) = list_other_paths(named, clock.now())
    assert way.startswith(f"Grant {wide.pk} gives every column")


def test_the_same_form_is_one_request_and_a_database_is_given_once(bank: Bank) -> None:
    ends_at = factories.days_from_now(30)
    first = submit_for_bank_database(bank, ends_at=ends_at)
    assert submit_for_bank_database(bank, ends_at=ends_at) == first
    with pytest.raises(RefusedError, match="already sent"):
        submit_for_bank_database(bank, ends_at=ends_at, purpose="Something else altogether")
    approve(bank, first.items.get())
    with pytest.raises(RefusedError, match="already"):
        submit_for_bank_database(bank, idempotency_key="form-2", ends_at=ends_at)


@pytest.mark.parametrize("later", list(FutureAccess))
def test_only_the_asking_team_asks(bank: Bank, later: FutureAccess) -> None:
    with pytest.raises(ForbiddenError):
        submit_for_bank_database(bank, later, requester=bank.sam)


def test_an_account_as_a_whole_is_given_todays_tables_alone(bank: Bank) -> None:
    whole = factories.make_account_principal(bank.bi_account)
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    said: dict[str, Any] = {"principal": whole}
    with pytest.raises(RefusedError, match="granted to a role here"):
        submit_for_bank_database(bank, **said)
    assert submit_for_bank_database(bank, FutureAccess.COLUMNS, **said).items.count() == 2


def test_only_its_time_can_be_less(bank: Bank) -> None:
    item = submit_for_bank_database(bank).items.get()
    with pytest.raises(RefusedError, match="only shorten the time"):
        approve_item(
            acting_user=bank.ines, item_id=item.pk, effects_hash="", comment="", now=clock.now(),
            narrowed=NarrowedTerms(columns=("amount",)),
        )  # fmt: skip
