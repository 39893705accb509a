"""ListPermissions' rows become atoms, in whichever of its shapes AWS tells the same."""

from typing import Any

from lakeformation.observation.parsing import parse_permissions
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from tests.lakeformation.simulated_catalog import GOVERNANCE, ROLE


def build_row(resource: dict[str, Any], *verbs: str, option: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "Principal": {"DataLakePrincipalIdentifier": ROLE},
        "Resource": resource,
        "Permissions": list(verbs),
        "PermissionsWithGrantOption": list(option),
    }


def build_table_resource(**columns: Any) -> dict[str, Any]:
    return {"TableWithColumns": {"CatalogId": "1", "DatabaseName": "db", "Name": "t", **columns}}


def test_two_column_rows_of_one_principal_are_one_atom() -> None:
    held = parse_permissions(
        [
            build_row(build_table_resource(ColumnNames=["a"]), "SELECT"),
            build_row(build_table_resource(ColumnNames=["b"]), "SELECT"),
        ],
        GOVERNANCE,
    ).held
    assert list(held.values()) == [ColumnSet.include(["a", "b"])]


def test_a_wildcard_row_and_a_table_row_speak_of_the_same_table() -> None:
    rows = [
        build_row(build_table_resource(ColumnWildcard={}), "SELECT"),
        build_row({"Table": {"DatabaseName": "db", "Name": "t"}}, "DESCRIBE"),
    ]
    held = parse_permissions(rows, GOVERNANCE).held
    assert {(p.table, p.verb): columns for p, columns in held.items()} == {
        ("t", "SELECT"): ALL_COLUMNS,
        ("t", "DESCRIBE"): ALL_COLUMNS,
    }


def test_excluded_columns_are_left_out() -> None:
    held = parse_permissions(
        [build_row(build_table_resource(ColumnWildcard={"ExcludedColumnNames": ["iban"]}), "SELECT")],
        GOVERNANCE,
    ).held
    assert list(held.values()) == [ColumnSet.every(exclude=["iban"])]


def test_all_tables_in_both_of_its_shapes_is_one_atom() -> None:
    rows = [
        build_row({"Table": {"DatabaseName": "db", "TableWildcard": {}}}, "DESCRIBE"),
        build_row({"Table": {"DatabaseName": "db", "Name": "ALL_TABLES", "TableWildcard": {}}}, "DESCRIBE"),
    ]
    (permission,) = parse_permissions(rows, GOVERNANCE).held
    assert permission.table == "*"


def test_the_grant_option_is_an_atom_of_its_own() -> None:
    held = parse_permissions(
        [build_row({"Database": {"Name": "db"}}, "DESCRIBE", option=("DESCRIBE",))], GOVERNANCE
    ).held
    assert sorted(permission.grantable for permission in held) == [False, True]


def test_rows_of_other_things_are_left_out() -> None:
    assert parse_permissions([build_row({"Catalog": {}}, "CREATE_DATABASE")], GOVERNANCE).held == {}


def test_under_a_condition_it_is_another_permission_than_without() -> None:
    plain = build_row(build_table_resource(ColumnNames=["a"]), "SELECT")
    held = parse_permissions(
        [plain, {**plain, "Condition": {"Expression": "context.department == 'bi'"}}], GOVERNANCE
    ).held
    assert sorted(permission.condition for permission in held) == ["", "context.department == 'bi'"]


def test_what_is_held_in_a_nested_catalog_is_held_on_no_table_of_the_same_name() -> None:
    nested = "111111111111:s3tablescatalog/bucket"
    table = {"DatabaseName": "db", "Name": "t"}
    rows = [
        build_row({"Database": {"CatalogId": nested, "Name": "db"}}, "ALL"),
        build_row({"Table": {"CatalogId": nested, **table}}, "SELECT"),
        build_row({"TableWithColumns": {"CatalogId": nested, "ColumnWildcard": {}, **table}}, "SELECT"),
        build_row({"Table": {"CatalogId": nested, **table}}, "A_NEW_VERB"),
    ]
    filtered = {"TableCatalogId": nested, "DatabaseName": "db", "TableName": "t", "Name": "f"}
    rows.append(build_row({"DataCellsFilter": filtered}, "SELECT"))
    parsed = parse_permissions(rows, GOVERNANCE)
    assert (parsed.held, parsed.unknown) == ({}, frozenset())
