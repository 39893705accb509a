"""What an approval shows, and what its digest binds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakeformation.access.access import Access
from lakeformation.effects.table_effects import Effects, Known, TableColumn, approved_atoms, effects
from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.permissions import Held, Permission
from tests.lakeformation.mesh import GOVERNANCE, ROLE, access

COLUMNS = (
    TableColumn("id", "public"),
    TableColumn("amount", "private"),
    TableColumn("iban", "sensitive"),
    TableColumn("day", "public", is_partition_key=True),
)
SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")


def shown(
    wanted: Access | None = None,
    held: Held | None = None,
    *,
    columns: Sequence[TableColumn] = COLUMNS,
    **facts: Any,
) -> Effects:
    return effects(wanted or access("id", "amount"), columns=columns, known=Known(held=held or {}, **facts))


def test_it_names_every_permission_and_what_is_left_out() -> None:
    found = shown()
    assert [line.text for line in found.adds] == [
        "DESCRIBE on database insurance_gold for bi",
        "SELECT on insurance_gold.claims (2 columns) for bi",
        f"DESCRIBE on database {found.access.link.name} for bi",  # type: ignore[union-attr]
        f"resource link {found.access.link.name}",  # type: ignore[union-attr]
    ]
    assert found.not_granted == ("iban",)
    assert found.warnings[0].text.startswith("partition key day is visible")


def test_what_is_there_already_changes_the_lines_but_not_the_digest() -> None:
    before, after = shown(), shown(held={SELECT: ColumnSet.include(["id", "amount"])})
    assert len(after.already_there) == 1
    assert before.digest() == after.digest()


def test_another_column_role_table_or_classification_is_another_digest() -> None:
    digests = {
        shown().digest(),
        shown(access("id")).digest(),
        shown(access("id", "amount", principal_id="AROA2")).digest(),
        shown(access("id", "amount", table_created="2026-02-02T00:00:00+00:00")).digest(),
        shown(columns=(TableColumn("id", "sensitive"), *COLUMNS[1:])).digest(),
    }
    assert len(digests) == 5


def test_the_stored_effects_allow_exactly_their_permissions() -> None:
    wanted = access("id", "amount")
    assert dict(approved_atoms(shown(wanted).to_json())) == dict(wanted.permissions)


def test_a_principal_that_may_write_would_see_every_column() -> None:
    insert = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "INSERT")
    (reason,) = shown(held={insert: EVERY}).refusals
    assert "holds INSERT" in reason


def test_a_sensitive_partition_key_cannot_ride_along() -> None:
    columns = (*COLUMNS[:3], TableColumn("birth_year", "sensitive", is_partition_key=True))
    (reason,) = shown(columns=columns).refusals
    assert "birth_year is sensitive" in reason


def test_side_effects_tell_of_the_share_and_of_the_registration() -> None:
    texts = [line.text for line in shown(registered=False, in_organisation=False).side_effects]
    assert texts == [
        "shared with account 333333333333, outside the organisation: an invitation is accepted",
        "s3://gold/claims/ becomes governed by Lake Formation",
    ]


def test_iam_allowed_principals_is_told() -> None:
    open_table = Permission(GOVERNANCE, "IAM_ALLOWED_PRINCIPALS", "insurance_gold", "claims", "ALL")
    assert any("IAMAllowedPrincipals" in line.text for line in shown(held={open_table: EVERY}).warnings)


def test_a_link_that_stands_is_already_there() -> None:
    there = shown(linked=True)
    assert [line.text for line in there.already_there] == [f"resource link {there.access.link.name}"]  # type: ignore[union-attr]
    assert there.digest() == shown().digest()


def test_a_table_that_is_open_to_iam_cannot_be_shared() -> None:
    open_table = Permission(GOVERNANCE, "IAM_ALLOWED_PRINCIPALS", "insurance_gold", "claims", "ALL")
    (reason,) = shown(held={open_table: EVERY}).refusals
    assert "AWS refuses to share it" in reason
    assert shown(access("id", consumer="111111111111"), held={open_table: EVERY}).refusals == ()


def test_who_made_the_table_would_see_it_anyway_and_that_is_told() -> None:
    at_home = replace(
        access("id"),
        consumer=GOVERNANCE.account,
        principal_arn=f"arn:aws:iam::{GOVERNANCE.account}:role/jobs/etl",
    )
    text = "etl created this table and can see all of it anyway: this grant does not restrict it"
    session = f"arn:aws:sts::{GOVERNANCE.account}:assumed-role/etl/nightly"
    for maker, told in (
        (session, True),
        (at_home.principal_arn, True),
        ("", False),
        (session.replace("etl", "etl2"), False),
    ):
        found = shown(at_home, made_by=maker).warnings
        assert (text in [line.text for line in found]) is told, maker
    assert not [line for line in shown(made_by=access("id").principal_arn).warnings if "made" in line.text]
