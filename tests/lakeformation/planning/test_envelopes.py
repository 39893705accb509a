"""What an account is given to pass on, and what it passes on: never wider, never longer, and gone first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lakeformation.access.access import Access
from lakeformation.effects.table_effects import Known, TableColumn, effects
from lakeformation.planning.changes import Plan
from lakeformation.planning.envelopes import fits, within_envelopes
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, Permission
from lakeformation.values.tag_expressions import Reach, TagExpression
from tests.lakeformation.mesh import CONSUMER, GOVERNANCE, NOW, ROLE, World, access, wish

ACCOUNT = CONSUMER.account
TWO = ColumnSet.include(["amount", "id"])
ENVELOPE = access("id", "amount", principal_arn=ACCOUNT, principal_id=ACCOUNT)
LOCAL = access("id", envelope=1)
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp:group/actuaries"


def world() -> World:
    return World(principals={ROLE: "AROA1", ACCOUNT: ACCOUNT, SAML: SAML})


def calls(todo: Plan) -> list[tuple[str, str, str, bool]]:
    """Account, action, principal and whether with the option, of each change of a permission in order."""
    changes = (change for step in todo.steps for change in step.changes)
    return [
        (c.place.account, c.action, c.atom.principal, c.atom.grantable)
        for c in changes
        if isinstance(c.atom, Permission)
    ]


def test_an_envelope_is_granted_in_one_with_its_option() -> None:
    here = world()
    assert calls(here.plan([wish(1, ENVELOPE)])) == [(GOVERNANCE.account, "grant", ACCOUNT, True)] * 2
    here.converge([wish(1, ENVELOPE)])
    held = {(p.table, p.verb, p.grantable): columns for p, columns in here.held.items()}
    assert held == {
        ("", DESCRIBE, False): EVERY, ("", DESCRIBE, True): EVERY,
        ("claims", SELECT, False): TWO, ("claims", SELECT, True): TWO,
    }  # fmt: skip


def test_the_option_is_taken_before_what_it_is_on() -> None:
    here, envelope = world(), wish(1, ENVELOPE)
    here.converge([envelope])
    ended = here.plan([replace(envelope, ended_at=NOW)])
    assert [one[3] for one in calls(ended)] == [True, True, False, False]
    here.converge([replace(envelope, ended_at=NOW)])
    assert here.held == {}


def test_an_option_taken_behind_the_portal_is_given_again() -> None:
    here, envelope = world(), wish(1, ENVELOPE)
    here.converge([envelope])
    option = replace(ENVELOPE.on_table[0], grantable=True)
    del here.held[option]
    (change,) = (change for step in here.plan([envelope]).steps for change in step.changes)
    assert (change.atom, change.columns) == (option, TWO)


def test_what_is_passed_on_waits_until_the_envelope_has_arrived() -> None:
    here, both = world(), [wish(1, ENVELOPE), wish(2, LOCAL)]
    first = here.plan(both)
    assert {one[0] for one in calls(first)} == {GOVERNANCE.account}
    assert "can pass on" in first.waiting[2]
    here.obey(first)
    assert set(calls(here.plan(both))) == {(ACCOUNT, "grant", ROLE, False)}


def test_what_is_passed_on_goes_with_its_envelope_and_before_it() -> None:
    here, both = world(), [wish(1, ENVELOPE), wish(2, LOCAL)]
    here.converge(both)
    ended = [replace(both[0], ended_at=NOW), both[1]]
    assert [one[0] for one in calls(here.plan(ended))] == [ACCOUNT] * 3 + [GOVERNANCE.account] * 4
    here.converge(ended)
    assert (here.held, here.links) == ({}, set())


def test_a_direct_grant_beside_it_is_left_alone() -> None:
    here, direct = world(), wish(3, access("amount"))
    here.converge([wish(1, ENVELOPE), wish(2, LOCAL), direct])
    here.converge([wish(1, ENVELOPE, ended_at=NOW), wish(2, LOCAL), direct])
    assert {p.through for p in here.held} == {""}
    assert here.held[direct.access.on_table[0]] == ColumnSet.include(["amount"])
    assert here.links == {direct.access.link}


def test_it_ends_when_the_time_of_its_envelope_has_come() -> None:
    envelope = wish(1, ENVELOPE, expires_at=NOW + timedelta(days=1))
    (_, local) = within_envelopes([envelope, wish(2, LOCAL, expires_at=NOW + timedelta(days=9))])
    assert (local.is_live(NOW), local.is_live(NOW + timedelta(days=1))) == (True, False)


@pytest.mark.parametrize(
    "wider",
    [
        access("id", "iban", envelope=1),
        access(envelope=1),
        access("id", envelope=1, row_rule="id = 'x'"),
        access("id", envelope=1, table="policies"),
        access("id", envelope=1, consumer="444444444444"),
        access("id", envelope=7),
    ],
)
def test_what_its_envelope_does_not_hold_is_not_passed_on(wider: Access) -> None:
    (_, local) = within_envelopes([wish(1, ENVELOPE), wish(2, wider)])
    assert not local.is_live(NOW)


def test_nothing_is_passed_on_from_a_roles_own_grant() -> None:
    assert not fits(LOCAL, access("id", "amount"))


def test_nothing_is_passed_on_by_tags() -> None:
    reach = Reach(TagExpression.of({"tier": ["gold"]}), (), (), (), ())
    assert not fits(replace(LOCAL, by_tags=reach), replace(ENVELOPE, by_tags=reach))


def test_of_a_row_rule_all_cells_are_passed_on_or_none() -> None:
    envelope = replace(ENVELOPE, row_rule="id = 'x'")
    assert fits(access("id", "amount", envelope=1, row_rule="id = 'x'"), envelope)
    assert not fits(access("id", envelope=1, row_rule="id = 'x'"), envelope)


def test_a_group_of_another_directory_is_what_its_name_says() -> None:
    here = world()
    local = replace(LOCAL, principal_arn=SAML, principal_id=SAML)
    assert here.converge([wish(1, ENVELOPE), wish(2, local)]).waiting == {}
    assert here.held[local.on_table[0]] == ColumnSet.include(["id"])


def test_stored_values_are_read_back() -> None:
    assert Access.from_json(LOCAL.to_json()) == LOCAL
    (atom,) = (one for one, _columns in LOCAL.permissions if one.table)
    assert Permission.from_json(atom.to_json()) == atom
    assert "envelope" not in access("id").to_json()


def shown(envelope: Access) -> tuple[list[str], tuple[str, ...]]:
    found = effects(envelope, columns=[TableColumn("id"), TableColumn("amount")], known=Known())
    return [line.text for line in (*found.adds, *found.side_effects)], found.refusals


def test_the_effects_name_what_can_be_passed_on_and_by_whom() -> None:
    lines, refusals = shown(ENVELOPE)
    assert f"SELECT on insurance_gold.claims (2 columns) for account {ACCOUNT}, to pass on" in lines
    assert any(line.startswith(f"the admins of account {ACCOUNT}") for line in lines)
    assert refusals == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metadata_only": True}, "metadata only"),
        ({"in_hybrid_mode": True}, "hybrid access mode"),
        ({"owner": ACCOUNT}, "already in this account"),
    ],
)
def test_what_an_account_cannot_be_given_is_said(changes: dict[str, Any], words: str) -> None:
    (refusal,) = shown(replace(ENVELOPE, **changes))[1]
    assert words in refusal


def test_other_effects_have_another_digest() -> None:
    columns, known = [TableColumn("id"), TableColumn("amount")], Known()
    plain = effects(access("id", "amount"), columns=columns, known=known)
    assert plain.digest() != effects(ENVELOPE, columns=columns, known=known).digest()


def test_the_metadata_that_the_owner_gave_stay_beside_what_is_passed_on() -> None:
    here = world()
    metadata = wish(3, replace(access(), metadata_only=True, columns=NONE))
    describe = metadata.access.on_table[0]
    every = [wish(1, ENVELOPE), wish(2, LOCAL), metadata]
    here.converge([metadata])
    here.converge(every)
    assert (here.held[LOCAL.on_table[0]], here.held[describe]) == (ColumnSet.include(["id"]), EVERY)
    assert not here.plan(every).steps
    here.converge([replace(every[0], ended_at=NOW), every[1], metadata])
    assert {one for one in here.held if one.table} == {describe}
