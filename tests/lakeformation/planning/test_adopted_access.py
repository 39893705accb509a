"""What was adopted is wanted as AWS holds it: nothing is sent for it, it goes whole, and no more is passed on than may be."""

from dataclasses import replace
from typing import Any

import pytest

from lakeformation.access.access import parse_access
from lakeformation.access.base import Adoption
from lakeformation.access.table_access import TableAccess
from lakeformation.planning.desired import is_within_account_grant
from lakeformation.values.column_sets import ALL_COLUMNS, NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import DESCRIBE, Permission, PermissionColumns
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    CONSUMER,
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_wish,
)

ACCOUNT = CONSUMER.account
AMOUNT = ColumnSet.include(["amount"])


def build_adopted(
    *columns: str, companion_permissions: PermissionColumns = (), **changes: Any
) -> TableAccess:
    return build_access(*columns, adoption=Adoption(companion_permissions), **changes)


def build_envelope(*passable: str) -> TableAccess:
    """Of two columns, with the option for some, and DESCRIBE on the table and the database beside it."""
    plain = build_adopted("id", "amount", parties=ACCOUNT_PARTIES)
    select, _columns = plain.table_permission
    beside = [
        (Permission(GOVERNANCE, ACCOUNT, "insurance_gold", table, DESCRIBE, grantable=grantable), ALL_COLUMNS)
        for table in ("", "claims")
        for grantable in (False, True)
    ]
    options = [(replace(select, grantable=True), ColumnSet.include(passable))] if passable else []
    return replace(plain, adoption=Adoption((*beside, *options)))


def build_world(wanted: TableAccess) -> SimulatedCatalog:
    return SimulatedCatalog(principals={ROLE: "AROA1", ACCOUNT: ACCOUNT}, held=dict(wanted.permissions))


DESCRIBED = build_adopted(
    "id",
    companion_permissions=(
        (Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", DESCRIBE), ALL_COLUMNS),
    ),
)


@pytest.mark.parametrize(
    "wanted", [build_adopted("id"), DESCRIBED, build_envelope(), build_envelope("id", "amount")]
)
def test_nothing_is_sent_for_it_and_at_its_end_all_of_it_goes(wanted: TableAccess) -> None:
    here = build_world(wanted)
    assert here.plan([build_wish(1, wanted)]).steps == []
    over = build_wish(1, wanted, ended_at=NOW)
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
    assert parse_access(build_envelope("id").to_json()) == build_envelope("id")
    assert parse_access(build_adopted("id").to_json()) == build_adopted("id") != build_access("id")


@pytest.mark.parametrize(("passable", "columns"), [((), NO_COLUMNS), (("amount",), AMOUNT)])
def test_what_may_be_passed_on_is_what_the_option_is_for(
    passable: tuple[str, ...], columns: ColumnSet
) -> None:
    found = build_envelope(*passable)
    assert found.grantable_columns == columns
    assert is_within_account_grant(build_access("amount", account_grant=1), found) is bool(passable)
    assert not is_within_account_grant(build_access("id", account_grant=1), found)


def test_of_metadata_alone_nothing_is_passed_on() -> None:
    found = replace(build_envelope("id"), metadata_only=True, columns=NO_COLUMNS)
    assert found.grantable_columns == NO_COLUMNS
