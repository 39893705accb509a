"""What cannot be granted by LF-Tags, or for a whole database, is refused."""

from dataclasses import replace
from typing import Any

import pytest

from lakeformation.access.base import ManyTablesAccess
from lakeformation.effects.table_effects import TableColumn
from lakeformation.effects.tag_effects import ReachedTable, TagState, build_tag_effects
from lakeformation.values.column_sets import ALL_COLUMNS, Cells, ColumnSet
from lakeformation.values.permissions import Permission
from lakeformation.values.row_policies import RowPolicies, RowPolicyAttachment
from lakeformation.values.tag_expressions import TagExpression, TagPolicy
from tests.lakeformation.simulated_catalog import (
    ACCOUNT_PARTIES,
    GOVERNANCE,
    ROLE,
    build_database_access,
    build_tag_access,
)

PLACE = ("insurance_gold", "claims")
BY_TAGS = build_tag_access()
CLAIMS = ReachedTable(
    "insurance_gold",
    "claims",
    "2026-01-01",
    matching_columns=(TableColumn("id"),),
    other_columns=(TableColumn("iban", "sensitive"),),
)


def list_refusals(member: ReachedTable = CLAIMS, **state: Any) -> tuple[str, ...]:
    return build_tag_effects(BY_TAGS, [member], TagState(**state)).refusals


def hold(verb: str, table: str, principal: str = ROLE) -> dict[Permission, ColumnSet]:
    return {Permission(GOVERNANCE, principal, "insurance_gold", table, verb): ALL_COLUMNS}


def test_some_columns_of_tables_are_granted_to_a_role_that_only_reads() -> None:
    assert list_refusals(held=hold("SELECT", "claims")) == ()


@pytest.mark.parametrize("table", ["claims", "*"])
def test_a_role_that_can_write_would_see_the_other_columns(table: str) -> None:
    (reason,) = list_refusals(held=hold("INSERT", table))
    assert "can write to insurance_gold.claims" in reason
    assert list_refusals(replace(CLAIMS, other_columns=()), held=hold("INSERT", table)) == ()
    assert list_refusals(held=hold("INSERT", "policies")) == ()


def test_data_in_hybrid_access_mode_are_requested_table_by_table() -> None:
    (reason,) = list_refusals(is_hybrid=True)
    assert "hybrid access mode" in reason


def test_tables_that_are_open_to_iam_are_not_shared() -> None:
    (reason,) = list_refusals(held=hold("ALL", "claims", "IAM_ALLOWED_PRINCIPALS"))
    assert "nothing protects them once they are shared" in reason


@pytest.mark.parametrize(
    "account", [replace(BY_TAGS, parties=ACCOUNT_PARTIES), build_database_access(parties=ACCOUNT_PARTIES)]
)
def test_an_account_as_a_whole_gets_none(account: ManyTablesAccess) -> None:
    (reason,) = build_tag_effects(account, [CLAIMS], TagState()).refusals
    assert "not to a whole account" in reason


def test_a_sensitive_partition_key_cannot_ride_along() -> None:
    key = TableColumn("birth_year", "sensitive", is_partition_key=True)
    (reason,) = list_refusals(replace(CLAIMS, partition_keys=(key,)))
    assert "a partition key of insurance_gold.claims is sensitive" in reason


def test_columns_that_a_row_filter_limited_are_a_widening() -> None:
    filtered = Cells(ColumnSet.include(["id", "iban"]), "id = '7'", "an earlier grant")
    cells = ((PLACE, filtered), (("insurance_gold", "policies"), filtered))
    (found,) = build_tag_effects(BY_TAGS, [CLAIMS], TagState(other_cells=cells)).widenings
    assert (found.columns, found.rows) == (ColumnSet.include(["id"]), "")


def test_row_level_security_policies_on_reached_tables_are_shown_and_bound() -> None:
    tags = TagPolicy("TABLE", TagExpression.from_values({"tier": ["gold"]}))
    policies = RowPolicies(frozenset({RowPolicyAttachment("eu", "region = 'EU'", ROLE, tags=tags)}))
    found = [
        build_tag_effects(BY_TAGS, [replace(CLAIMS, tags=carried)], TagState(row_policies=policies))
        for carried in ([{"tier": "gold"}], [{"tier": "gray"}])
    ]
    told = [
        [line.text for line in one.warnings if "row-level security policy eu" in line.text] for one in found
    ]
    assert [len(one) for one in told] == [1, 0]
    assert found[0].digest() != found[1].digest()
