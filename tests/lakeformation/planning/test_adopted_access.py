"""What was adopted is wanted as AWS holds it: nothing is sent for it, it goes whole, and no more is passed on than may be."""

from dataclasses import replace
from typing import Any

import pytest

from lakeformation.access.access import Access, Beside
from lakeformation.planning.envelopes import fits
from lakeformation.values.column_sets import EVERY, NONE, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission
from tests.lakeformation.mesh import CONSUMER, GOVERNANCE, NOW, ROLE, World, access, wish

ACCOUNT = CONSUMER.account
AMOUNT = ColumnSet.include(["amount"])


def adopted(*columns: str, beside: Beside = (), **changes: Any) -> Access:
    return access(*columns, adopted=True, beside=beside, **changes)


def envelope(*passable: str) -> Access:
    """Of two columns, with the option for some, and DESCRIBE on the table and the database beside it."""
    plain = adopted("id", "amount", principal_arn=ACCOUNT, principal_id=ACCOUNT)
    select, _columns = plain.on_table
    beside = [
        (Permission(GOVERNANCE, ACCOUNT, "insurance_gold", table, DESCRIBE, grantable=grantable), EVERY)
        for table in ("", "claims")
        for grantable in (False, True)
    ]
    options = [(replace(select, grantable=True), ColumnSet.include(passable))] if passable else []
    return replace(plain, beside=(*beside, *options))


def holding(wanted: Access) -> World:
    return World(principals={ROLE: "AROA1", ACCOUNT: ACCOUNT}, held=dict(wanted.permissions))


DESCRIBED = adopted(
    "id", beside=((Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", DESCRIBE), EVERY),)
)


@pytest.mark.parametrize("wanted", [adopted("id"), DESCRIBED, envelope(), envelope("id", "amount")])
def test_nothing_is_sent_for_it_and_at_its_end_all_of_it_goes(wanted: Access) -> None:
    here = holding(wanted)
    assert here.plan([wish(1, wanted)]).steps == []
    over = wish(1, wanted, ended_at=NOW)
    options = [
        change.atom.grantable
        for step in here.plan([over]).steps
        for change in step.changes
        if isinstance(change.atom, Permission)
    ]
    assert options == sorted(options, reverse=True)
    here.converge([over])
    assert here.held == {}


def test_it_is_stored_with_what_goes_with_it() -> None:
    assert Access.from_json(envelope("id").to_json()) == envelope("id")
    assert "beside" not in adopted("id").to_json()


@pytest.mark.parametrize(("passable", "columns"), [((), NONE), (("amount",), AMOUNT)])
def test_what_may_be_passed_on_is_what_the_option_is_for(
    passable: tuple[str, ...], columns: ColumnSet
) -> None:
    found = envelope(*passable)
    assert found.passable == columns
    assert fits(access("amount", envelope=1), found) is bool(passable)
    assert not fits(access("id", envelope=1), found)


def test_of_metadata_alone_nothing_is_passed_on() -> None:
    found = replace(envelope("id"), metadata_only=True, columns=NONE)
    assert found.passable == NONE
