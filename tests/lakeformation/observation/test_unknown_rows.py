"""Rows that cannot be judged are kept, and say whom they may concern."""

from typing import Any

import pytest

from lakeformation.observation.parsing import parse_cells_filter, parse_permissions, parse_unknown_opt_in
from lakeformation.observation.reading import UnknownRow, UnknownRowIndex
from tests.lakeformation.observation.test_parsing import build_row, build_table_resource
from tests.lakeformation.simulated_catalog import GOVERNANCE, ROLE

ANY_TABLE = {"AnyResource": {"CatalogId": GOVERNANCE.account, "ResourceType": "TABLE"}}
FUNCTION = f"arn:aws:glue:eu-central-1:{GOVERNANCE.account}:userDefinedFunction/db/mask"
OTHER_ROLE = "arn:aws:iam::444444444444:role/bi"
GROUP = "arn:aws:iam::333333333333:saml-provider/okta:group/analysts"
TAG = {"TagKey": "tier", "TagValues": ["gold"]}


def parse_unknown(*rows: dict[str, Any]) -> list[UnknownRow]:
    return sorted(parse_permissions(rows, GOVERNANCE).unknown)


def build_unknown(principal: str, **changes: Any) -> UnknownRow:
    return UnknownRow(GOVERNANCE, principal, "AnyResource", ("SELECT",), **changes)


@pytest.mark.parametrize(
    ("resource", "verb", "text"),
    [
        (ANY_TABLE, "SELECT", "bi holds SELECT on AnyResource TABLE"),
        ({"RLSPolicy": {"Name": "eu"}}, "DESCRIBE", "bi holds DESCRIBE on RLSPolicy eu"),
        ({"Catalog": {"Id": "1"}}, "ALL", "bi holds ALL on Catalog 1"),
        ({"Catalog": {}}, "SUPER_USER", "bi holds SUPER_USER on Catalog"),
        (
            {"UserDefinedFunction": {"DatabaseName": "db", "Name": "mask"}},
            "EXECUTE",
            "bi holds EXECUTE on UserDefinedFunction db.mask",
        ),
        ({"Hologram": {"Name": "x"}}, "SELECT", "bi holds SELECT on Hologram x"),
        ({"Hologram": "x"}, "SELECT", "bi holds SELECT on Hologram"),
        ({"LFTagPolicy": {"ResourceType": "VIEW", "Expression": [TAG]}}, "SELECT", "on LFTagPolicy VIEW"),
        ({"LFTagPolicy": {"ResourceType": "TABLE"}}, "SELECT", "on LFTagPolicy TABLE"),
        ({"Table": {"DatabaseName": "db"}}, "SELECT", "bi holds SELECT on Table db"),
        (build_table_resource(), "SELECT", "bi holds SELECT on TableWithColumns db.t"),
        ({"Database": {"Name": "db"}, "Hologram": {}}, "SELECT", "on Database and Hologram"),
        ({}, "SELECT", "bi holds SELECT on a resource without a kind"),
    ],
)
def test_what_cannot_be_judged_is_kept_with_principal_kind_and_verb(
    resource: dict[str, Any], verb: str, text: str
) -> None:
    parsed = parse_permissions([build_row(resource, verb)], GOVERNANCE)
    (row,) = parsed.unknown
    assert parsed.held == {}
    assert row.describe().endswith(text)
    assert UnknownRow.from_json(row.to_json()) == row


def test_an_unknown_verb_is_held_and_cannot_be_judged() -> None:
    row = build_row(
        {"Table": {"DatabaseName": "db", "Name": "t"}}, "SELECT", "TRANSMUTE", option=("TRANSMUTE",)
    )
    parsed = parse_permissions([row], GOVERNANCE)
    assert sorted((one.verb, one.grantable) for one in parsed.held) == [
        ("SELECT", False), ("TRANSMUTE", False), ("TRANSMUTE", True),
    ]  # fmt: skip
    assert [one.describe() for one in parsed.unknown] == ["bi holds TRANSMUTE on Table db.t"]


def test_a_row_without_a_principal_or_a_verb_is_kept() -> None:
    nobody = {**build_row({"Database": {"Name": "db"}}, "ALL"), "Principal": {}}
    assert [one.describe() for one in parse_unknown(nobody)] == [
        "somebody that AWS does not name holds ALL on Database db"
    ]
    assert [one.values for one in parse_unknown(build_row({"Database": {"Name": "db"}}))] == [()]


def test_a_condition_that_is_no_expression_makes_no_permission() -> None:
    row = {**build_row({"Database": {"Name": "db"}}, "ALL"), "Condition": {"Weekday": "MONDAY"}}
    assert parse_permissions([row], GOVERNANCE).held == {}
    assert [one.describe() for one in parse_unknown(row)] == ["bi holds ALL on Database db"]


@pytest.mark.parametrize(
    ("resource", "verb"),
    [
        ({"Catalog": {}}, "CREATE_DATABASE"),
        ({"DataLocation": {"ResourceArn": "arn:aws:s3:::gold"}}, "DATA_LOCATION_ACCESS"),
        ({"LFTag": TAG}, "ASSOCIATE"),
        ({"LFTagExpression": {"Name": "gold"}}, "ALL"),
        ({"UserDefinedFunction": {"DatabaseName": "db", "Name": "mask"}}, "DESCRIBE"),
    ],
)
def test_what_opens_no_table_is_left_out(resource: dict[str, Any], verb: str) -> None:
    assert parse_unknown(build_row(resource, verb, option=(verb,))) == []


def test_what_the_owner_granted_is_left_to_the_owners_listing() -> None:
    own, theirs = build_row(ANY_TABLE, "SELECT"), build_row(ANY_TABLE, "ALL")
    theirs["Principal"] = {"DataLakePrincipalIdentifier": "333333333333"}
    parsed = parse_permissions([own, theirs], GOVERNANCE, "333333333333")
    assert [one.principal for one in parsed.unknown] == [ROLE]


@pytest.mark.parametrize(
    ("holder", "concerned"),
    [
        (ROLE, {ROLE}),
        (OTHER_ROLE, {OTHER_ROLE}),
        ("333333333333", {ROLE, "333333333333"}),
        ("333333333333:IAMPrincipals", {ROLE, "333333333333"}),
        (GROUP, {ROLE, "333333333333"}),
        (FUNCTION, {ROLE, OTHER_ROLE, "333333333333"}),
        ("IAM_ALLOWED_PRINCIPALS", {ROLE, OTHER_ROLE, "333333333333"}),
        ("arn:aws:organizations::111111111111:organization/o-abcdefghij", {ROLE, OTHER_ROLE, "333333333333"}),
        ("arn:aws:identitystore:::group/1234", {ROLE, OTHER_ROLE, "333333333333"}),
        ("", {ROLE, OTHER_ROLE, "333333333333"}),
    ],
)
def test_a_row_concerns_whom_it_names_or_may_include(holder: str, concerned: set[str]) -> None:
    row = build_unknown(holder)
    everybody = [ROLE, OTHER_ROLE, "333333333333"]
    assert {one for one in everybody if row.may_concern(one)} == concerned
    index = UnknownRowIndex([row])
    assert {one for one in everybody if index.get_reason(one)} == concerned


def test_an_opt_in_on_another_kind_is_kept_and_gives_nothing() -> None:
    row = parse_unknown_opt_in(build_row(ANY_TABLE), GOVERNANCE)
    assert row.describe() == "opt-in on AnyResource TABLE of bi"
    assert UnknownRowIndex([row]).get_reason(ROLE) == ""


def test_a_filter_that_chooses_rows_in_another_way_is_no_filter_of_every_row() -> None:
    row = {"DatabaseName": "db", "TableName": "t", "Name": "few", "ColumnWildcard": {}}
    assert parse_cells_filter({**row, "RowFilter": {"AllRowsWildcard": {}}}, GOVERNANCE).rows == ""
    assert parse_cells_filter({**row, "RowFilter": {"Policy": "eu"}}, GOVERNANCE).rows == "Policy"
