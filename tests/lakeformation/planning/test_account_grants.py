"""What an account is given to pass on, and what it passes on: never wider, never longer, and gone first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Access, parse_access
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import TableColumn, TableState, build_table_effects
from lakeformation.planning.changes import Plan
from lakeformation.planning.desired import is_within_account_grant, limit_to_account_grants
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, DataCatalog, Permission
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    CONSUMER,
    GOVERNANCE,
    NOW,
    PARTIES,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_database_access,
    build_tag_access,
    build_wish,
)

ACCOUNT = CONSUMER.account
TWO = ColumnSet.include(["amount", "id"])
ENVELOPE = build_access("id", "amount", parties=ACCOUNT_PARTIES)
LOCAL = build_access("id", account_grant=1)
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp:group/actuaries"


def build_world() -> SimulatedCatalog:
    return SimulatedCatalog(principals={ROLE: "AROA1", ACCOUNT: ACCOUNT, SAML: SAML})


def list_calls(todo: Plan) -> list[tuple[str, str, str, bool]]:
    """Account, action, principal and whether with the option, of each change of a permission in order."""
    changes = (change for step in todo.steps for change in step.changes)
    return [
        (c.catalog.account, c.action, c.atom.principal, c.atom.grantable)
        for c in changes
        if isinstance(c.atom, Permission)
    ]


def test_an_envelope_is_granted_in_one_with_its_option() -> None:
    here = build_world()
    assert (
        list_calls(here.plan([build_wish(1, ENVELOPE)])) == [(GOVERNANCE.account, "grant", ACCOUNT, True)] * 2
    )
    here.converge([build_wish(1, ENVELOPE)])
    held = {(p.table, p.verb, p.grantable): columns for p, columns in here.held.items()}
    assert held == {
        ("", DESCRIBE, False): ALL_COLUMNS, ("", DESCRIBE, True): ALL_COLUMNS,
        ("claims", SELECT, False): TWO, ("claims", SELECT, True): TWO,
    }  # fmt: skip


def test_the_option_is_taken_before_what_it_is_on() -> None:
    here, account_grant = build_world(), build_wish(1, ENVELOPE)
    here.converge([account_grant])
    ended = here.plan([replace(account_grant, ended_at=NOW)])
    assert [one[3] for one in list_calls(ended)] == [True, True, False, False]
    here.converge([replace(account_grant, ended_at=NOW)])
    assert here.held == {}


def test_an_option_taken_behind_the_portal_is_given_again() -> None:
    here, account_grant = build_world(), build_wish(1, ENVELOPE)
    here.converge([account_grant])
    option = replace(ENVELOPE.table_permission[0], grantable=True)
    del here.held[option]
    (change,) = (change for step in here.plan([account_grant]).steps for change in step.changes)
    assert (change.atom, change.columns) == (option, TWO)


def test_what_is_passed_on_waits_until_the_envelope_has_arrived() -> None:
    here, both = build_world(), [build_wish(1, ENVELOPE), build_wish(2, LOCAL)]
    first = here.plan(both)
    assert {one[0] for one in list_calls(first)} == {GOVERNANCE.account}
    assert "can pass on" in first.waiting_reasons[2]
    here.apply_plan(first)
    assert set(list_calls(here.plan(both))) == {(ACCOUNT, "grant", ROLE, False)}


def test_what_is_passed_on_goes_with_its_envelope_and_before_it() -> None:
    here, both = build_world(), [build_wish(1, ENVELOPE), build_wish(2, LOCAL)]
    here.converge(both)
    ended = [replace(both[0], ended_at=NOW), both[1]]
    assert [one[0] for one in list_calls(here.plan(ended))] == [ACCOUNT] * 3 + [GOVERNANCE.account] * 4
    here.converge(ended)
    assert (here.held, here.links) == ({}, set())


def test_a_direct_grant_beside_it_is_left_alone() -> None:
    here, direct = build_world(), build_wish(3, build_access("amount"))
    here.converge([build_wish(1, ENVELOPE), build_wish(2, LOCAL), direct])
    here.converge([build_wish(1, ENVELOPE, ended_at=NOW), build_wish(2, LOCAL), direct])
    assert {p.passed_on_by for p in here.held} == {""}
    assert here.held[direct.access.table_permission[0]] == ColumnSet.include(["amount"])
    assert here.links == {*direct.access.links}


def test_it_ends_when_the_time_of_its_envelope_has_come() -> None:
    account_grant = build_wish(1, ENVELOPE, expires_at=NOW + timedelta(days=1))
    (_, local) = limit_to_account_grants(
        [account_grant, build_wish(2, LOCAL, expires_at=NOW + timedelta(days=9))]
    )
    assert (local.is_live(NOW), local.is_live(NOW + timedelta(days=1))) == (True, False)


@pytest.mark.parametrize(
    "wider",
    [
        build_access("id", "iban", account_grant=1),
        build_access(account_grant=1),
        build_access("id", account_grant=1, row_filter="id = 'x'"),
        build_access("id", account_grant=1, table="policies"),
        build_access(
            "id",
            account_grant=1,
            parties=replace(PARTIES, consumer_catalog=DataCatalog("444444444444", "eu-central-1")),
        ),
        build_access("id", account_grant=7),
    ],
)
def test_what_its_envelope_does_not_hold_is_not_passed_on(wider: Access) -> None:
    (_, local) = limit_to_account_grants([build_wish(1, ENVELOPE), build_wish(2, wider)])
    assert not local.is_live(NOW)


def test_nothing_is_passed_on_from_a_roles_own_grant() -> None:
    assert not is_within_account_grant(LOCAL, build_access("id", "amount"))


def test_nothing_is_passed_on_of_what_reaches_many_tables() -> None:
    assert not is_within_account_grant(LOCAL, build_tag_access(parties=ACCOUNT_PARTIES))
    assert not is_within_account_grant(build_tag_access(), ENVELOPE)
    assert not is_within_account_grant(LOCAL, build_database_access(parties=ACCOUNT_PARTIES))


def test_of_a_row_filter_all_cells_are_passed_on_or_none() -> None:
    account_grant = replace(ENVELOPE, row_filter="id = 'x'")
    assert is_within_account_grant(
        build_access("id", "amount", account_grant=1, row_filter="id = 'x'"), account_grant
    )
    assert not is_within_account_grant(
        build_access("id", account_grant=1, row_filter="id = 'x'"), account_grant
    )


def test_a_group_of_another_directory_is_what_its_name_says() -> None:
    here = build_world()
    local = replace(LOCAL, parties=replace(PARTIES, principal_arn=SAML, principal_id=SAML))
    assert here.converge([build_wish(1, ENVELOPE), build_wish(2, local)]).waiting_reasons == {}
    assert here.held[local.table_permission[0]] == ColumnSet.include(["id"])


def test_stored_values_are_read_back() -> None:
    assert parse_access(LOCAL.to_json()) == LOCAL
    (atom,) = (one for one, _columns in LOCAL.permissions if one.table)
    assert Permission.from_json(atom.to_json()) == atom
    assert "account_grant" not in build_access("id").to_json()


def compute_shown(account_grant: TableAccess) -> tuple[list[str], tuple[str, ...]]:
    found = build_table_effects(
        account_grant, columns=[TableColumn("id"), TableColumn("amount")], state=TableState()
    )
    return [line.text for line in (*found.adds, *found.side_effects)], found.refusals


def test_the_effects_name_what_can_be_passed_on_and_by_whom() -> None:
    lines, refusals = compute_shown(ENVELOPE)
    assert f"SELECT on insurance_gold.claims (2 columns) for account {ACCOUNT}, to pass on" in lines
    assert any(line.startswith(f"the admins of account {ACCOUNT}") for line in lines)
    assert refusals == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metadata_only": True}, "metadata only"),
        ({"in_hybrid_mode": True}, "hybrid access mode"),
        ({"parties": replace(ACCOUNT_PARTIES, owner_catalog=CONSUMER)}, "already in this account"),
    ],
)
def test_what_an_account_cannot_be_given_is_said(changes: dict[str, Any], words: str) -> None:
    (refusal,) = compute_shown(replace(ENVELOPE, **changes))[1]
    assert words in refusal


def test_other_effects_have_another_digest() -> None:
    columns, known = [TableColumn("id"), TableColumn("amount")], TableState()
    plain = build_table_effects(build_access("id", "amount"), columns=columns, state=known)
    assert plain.digest() != build_table_effects(ENVELOPE, columns=columns, state=known).digest()


def test_the_metadata_that_the_owner_gave_stay_beside_what_is_passed_on() -> None:
    here = build_world()
    metadata = build_wish(3, replace(build_access(), metadata_only=True, columns=NO_COLUMNS))
    describe = metadata.access.table_permission[0]
    every = [build_wish(1, ENVELOPE), build_wish(2, LOCAL), metadata]
    here.converge([metadata])
    here.converge(every)
    assert (here.held[LOCAL.table_permission[0]], here.held[describe]) == (
        ColumnSet.include(["id"]),
        ALL_COLUMNS,
    )
    assert not here.plan(every).steps
    here.converge([replace(every[0], ended_at=NOW), every[1], metadata])
    assert {one for one in here.held if one.table} == {describe}
