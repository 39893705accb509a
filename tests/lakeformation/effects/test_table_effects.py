"""What an approval shows, and what its digest binds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lakeformation.access.table_access import TableAccess
from lakeformation.effects.table_effects import (
    MAX_FILTERS,
    Effects,
    TableColumn,
    TableState,
    build_table_effects,
    parse_approved_permissions,
)
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.permissions import HeldPermissions, Permission
from lakeformation.values.row_policies import RowPolicies, RowPolicyAttachment
from tests.lakeformation.simulated_catalog import GOVERNANCE, PARTIES, ROLE, build_access

COLUMNS = (
    TableColumn("id", "public"),
    TableColumn("amount", "private"),
    TableColumn("iban", "sensitive"),
    TableColumn("day", "public", is_partition_key=True),
)
SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")


def compute_shown_effects(
    wanted: TableAccess | None = None,
    held: HeldPermissions | None = None,
    *,
    columns: Sequence[TableColumn] = COLUMNS,
    **facts: Any,
) -> Effects:
    return build_table_effects(
        wanted or build_access("id", "amount"), columns=columns, state=TableState(held=held or {}, **facts)
    )


def test_it_names_every_permission_and_what_is_left_out() -> None:
    found = compute_shown_effects()
    assert [line.text for line in found.adds] == [
        "DESCRIBE on database insurance_gold for bi",
        "SELECT on insurance_gold.claims (2 columns) for bi",
        f"DESCRIBE on database {found.access.link.name} for bi",  # type: ignore[attr-defined]
        f"resource link {found.access.link.name}",  # type: ignore[attr-defined]
    ]
    assert found.not_granted == ("iban",)
    assert found.warnings[0].text.startswith("partition key day is visible")


def test_what_is_there_already_changes_the_lines_but_not_the_digest() -> None:
    before, after = (
        compute_shown_effects(),
        compute_shown_effects(held={SELECT: ColumnSet.include(["id", "amount"])}),
    )
    assert len(after.already_there) == 1
    assert before.digest() == after.digest()


def test_another_column_role_table_or_classification_is_another_digest() -> None:
    digests = {
        compute_shown_effects().digest(),
        compute_shown_effects(build_access("id")).digest(),
        compute_shown_effects(
            build_access("id", "amount", parties=replace(PARTIES, principal_id="AROA2"))
        ).digest(),
        compute_shown_effects(
            build_access("id", "amount", table_created="2026-02-02T00:00:00+00:00")
        ).digest(),
        compute_shown_effects(columns=(TableColumn("id", "sensitive"), *COLUMNS[1:])).digest(),
    }
    assert len(digests) == 5


def test_the_stored_effects_allow_exactly_their_permissions() -> None:
    wanted = build_access("id", "amount")
    assert dict(parse_approved_permissions(compute_shown_effects(wanted).to_json())) == dict(
        wanted.permissions
    )


def test_a_principal_that_may_write_would_see_every_column() -> None:
    insert = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "INSERT")
    (reason,) = compute_shown_effects(held={insert: ALL_COLUMNS}).refusals
    assert "holds INSERT" in reason


def test_a_sensitive_partition_key_cannot_ride_along() -> None:
    columns = (*COLUMNS[:3], TableColumn("birth_year", "sensitive", is_partition_key=True))
    (reason,) = compute_shown_effects(columns=columns).refusals
    assert "birth_year is sensitive" in reason


def test_side_effects_tell_of_the_share_and_of_the_registration() -> None:
    texts = [
        line.text for line in compute_shown_effects(is_registered=False, in_organisation=False).side_effects
    ]
    assert texts == [
        "shared with account 333333333333, outside the organisation: an invitation is accepted",
        "s3://gold/claims/ becomes governed by Lake Formation",
    ]


def test_iam_allowed_principals_is_told() -> None:
    open_table = Permission(GOVERNANCE, "IAM_ALLOWED_PRINCIPALS", "insurance_gold", "claims", "ALL")
    assert any(
        "IAMAllowedPrincipals" in line.text
        for line in compute_shown_effects(held={open_table: ALL_COLUMNS}).warnings
    )


def test_a_link_that_stands_is_already_there() -> None:
    there = compute_shown_effects(has_link=True)
    assert [line.text for line in there.already_there] == [f"resource link {there.access.link.name}"]  # type: ignore[attr-defined]
    assert there.digest() == compute_shown_effects().digest()


def test_a_table_that_is_open_to_iam_cannot_be_shared() -> None:
    open_table = Permission(GOVERNANCE, "IAM_ALLOWED_PRINCIPALS", "insurance_gold", "claims", "ALL")
    (reason,) = compute_shown_effects(held={open_table: ALL_COLUMNS}).refusals
    assert "AWS refuses to share it" in reason
    assert (
        compute_shown_effects(
            build_access("id", parties=replace(PARTIES, consumer_catalog=GOVERNANCE)),
            held={open_table: ALL_COLUMNS},
        ).refusals
        == ()
    )


def test_who_made_the_table_would_see_it_anyway_and_that_is_told() -> None:
    role = f"arn:aws:iam::{GOVERNANCE.account}:role/jobs/etl"
    at_home = build_access("id", parties=replace(PARTIES, consumer_catalog=GOVERNANCE, principal_arn=role))
    text = "etl created this table and can see all of it anyway: this grant does not restrict it"
    session = f"arn:aws:sts::{GOVERNANCE.account}:assumed-role/etl/nightly"
    for maker, told in (
        (session, True),
        (at_home.principal_arn, True),
        ("", False),
        (session.replace("etl", "etl2"), False),
    ):
        found = compute_shown_effects(at_home, creator=maker).warnings
        assert (text in [line.text for line in found]) is told, maker
    assert not [
        line
        for line in compute_shown_effects(creator=build_access("id").principal_arn).warnings
        if "made" in line.text
    ]


def test_a_row_filter_beyond_the_most_that_aws_allows_is_refused() -> None:
    wanted = build_access("id", row_filter="id = '7'")
    names = frozenset(f"filter-{number}" for number in range(MAX_FILTERS))
    (reason,) = compute_shown_effects(wanted, held_filters=names).refusals
    assert "already has 100 row filters" in reason
    assert compute_shown_effects(wanted, held_filters=names - {"filter-0"}).refusals == ()


def test_what_the_role_can_read_besides_is_told() -> None:
    wider = {SELECT: ColumnSet.include(["id", "iban"])}
    texts = [line.text for line in compute_shown_effects(build_access("id"), wider).warnings]
    assert "the role can already read iban too" in texts
    texts = [line.text for line in compute_shown_effects(build_access("id", "iban"), wider).warnings]
    assert not [text for text in texts if "can already read" in text]


def test_row_level_security_policies_are_shown_and_bound() -> None:
    policy = RowPolicyAttachment("eu", "region = 'EU'", ROLE, "insurance_gold", "claims")
    plain, narrowed = (
        compute_shown_effects(),
        compute_shown_effects(row_policies=RowPolicies(frozenset({policy}))),
    )
    text = "rows are also narrowed or widened by row-level security policy eu (region = 'EU') for bi"
    assert any(line.text.startswith(text) for line in narrowed.warnings)
    other = RowPolicies(frozenset({replace(policy, expression="region = 'US'")}))
    assert len({one.digest() for one in (plain, narrowed, compute_shown_effects(row_policies=other))}) == 3


def test_a_refused_listing_of_row_level_security_policies_is_said_and_not_bound() -> None:
    unread = compute_shown_effects(row_policies=RowPolicies(unread="refused"))
    text = "whether row-level security policies narrow or widen the rows is not known: refused"
    assert text in [line.text for line in unread.warnings]
    assert unread.digest() == compute_shown_effects().digest()
