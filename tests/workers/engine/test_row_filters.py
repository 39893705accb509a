"""A row filter on its way: filter made, granted, read through, mended, revoked and cleared away."""

import pytest

from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.observations.models import ObservedCellsFilter
from fulfilment.rounds import Round, StepEntry
from requests_app.grants.models import Grant
from tests.workers.engine_rounds import wait_for_listings
from tests.workers.mesh import Mesh

COLUMNS = ("policy_id", "gender", "region")
RULE = "region in ('Nord', 'West')"
OTHER = "region = 'Ost'"


@pytest.fixture
def mesh(in_process_mesh: Mesh) -> Mesh:
    return in_process_mesh


def build_filter_reference(mesh: Mesh, name: str) -> dict[str, str]:
    return {
        "TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name, "Name": name,
    }  # fmt: skip


def get_filter_name(mesh: Mesh) -> str:
    (name,) = mesh.list_filters()
    return name


def list_drift_texts(grant: Grant) -> list[str]:
    rounds = Round.objects.exclude(drift=[]).order_by("pk")
    return [one["text"] for row in rounds for one in row.drift if grant.intent_id in one["intents"]]


def test_only_the_rows_of_the_rule_are_read_and_it_is_cleared_away(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=RULE)
    mesh.run_until_presence(grant, "present")
    assert list(mesh.list_filters().values()) == ["region IN ('Nord', 'West')"]
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]
    assert mesh.select_distinct("region") == [["Nord"], ["West"]]
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_visible_columns() == []
    mesh.run_rounds(4)
    assert mesh.list_filters() == {}


def test_an_account_outside_the_organisation_reads_by_a_rule_too(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant(COLUMNS, PARTNER, rows=OTHER), "present")
    assert mesh.select_distinct("region", PARTNER) == [["Ost"]]


def test_a_rule_on_the_whole_table_shows_every_column_of_its_rows(mesh: Mesh) -> None:
    mesh.run_until_presence(mesh.grant((), rows=OTHER), "present")
    assert "expected_remaining_years" in mesh.list_visible_columns()
    assert mesh.select_distinct("region") == [["Ost"]]


def test_two_accounts_share_a_filter_until_the_last_of_them_lets_go(mesh: Mesh) -> None:
    ours, theirs = mesh.grant(COLUMNS, rows=RULE), mesh.grant(COLUMNS, PARTNER, rows=RULE)
    mesh.run_until_presence(ours, "present")
    mesh.run_until_presence(theirs, "present")
    assert len(mesh.list_filters()) == 1
    mesh.revoke(ours)
    mesh.run_until_presence(ours, "absent")
    mesh.run_rounds(4)
    assert mesh.select_distinct("region", PARTNER) == [["Nord"], ["West"]]
    mesh.revoke(theirs)
    mesh.run_until_presence(theirs, "absent")
    mesh.run_rounds(4)
    assert mesh.list_filters() == {}


def test_rows_of_two_rules_unite_and_part_again(mesh: Mesh) -> None:
    first, second = mesh.grant(COLUMNS, rows=RULE), mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(first, "present")
    mesh.run_until_presence(second, "present")
    assert mesh.select_distinct("region") == [["Nord"], ["Ost"], ["West"]]
    mesh.revoke(first)
    mesh.run_until_presence(first, "absent")
    assert mesh.select_distinct("region") == [["Ost"]]
    assert mesh.get_intent(second).presence == "present"


def test_all_rows_prevail_and_the_rule_limits_again_when_they_end(mesh: Mesh) -> None:
    ruled, plain = mesh.grant(COLUMNS, rows=OTHER), mesh.grant(("policy_id", "region"))
    mesh.run_until_presence(ruled, "present")
    mesh.run_until_presence(plain, "present")
    assert len(mesh.select_distinct("region")) == 5
    mesh.revoke(plain)
    mesh.run_until_presence(plain, "absent")
    assert mesh.select_distinct("region") == [["Ost"]]
    assert mesh.list_visible_columns() == [*COLUMNS, "snapshot_date"]


def test_a_changed_filter_is_drift_and_made_anew(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    wide = {"RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": list(COLUMNS)}
    mesh.governance_client().update_data_cells_filter(
        TableData={**build_filter_reference(mesh, get_filter_name(mesh)), **wide}
    )
    assert len(mesh.select_distinct("region")) == 5
    mesh.run_until(
        grant,
        lambda _: any("was changed by someone; repairing it" in text for text in list_drift_texts(grant)),
    )
    mesh.run_until_presence(grant, "present")
    assert (list(mesh.list_filters().values()), mesh.select_distinct("region")) == (
        ["region = 'Ost'"],
        [["Ost"]],
    )


def test_a_filter_that_was_changed_and_changed_back_is_told(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    lake, here = mesh.governance_client(), build_filter_reference(mesh, get_filter_name(mesh))
    before = lake.get_data_cells_filter(**here)["DataCellsFilter"]
    kept = {key: value for key, value in before.items() if key != "VersionId"}
    lake.update_data_cells_filter(TableData={**kept, "RowFilter": {"AllRowsWildcard": {}}})
    lake.update_data_cells_filter(TableData=kept)
    mesh.run_until(grant, lambda _: any("and changed back" in text for text in list_drift_texts(grant)))
    mesh.run_until_presence(grant, "present")
    assert mesh.select_distinct("region") == [["Ost"]]


def test_a_deleted_filter_is_drift_and_made_again(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    mesh.governance_client().delete_data_cells_filter(**build_filter_reference(mesh, get_filter_name(mesh)))
    mesh.run_until(
        grant, lambda _: any("is not there; repairing it" in text for text in list_drift_texts(grant))
    )
    mesh.run_until_presence(grant, "present")
    assert mesh.select_distinct("region") == [["Ost"]]


def test_a_grant_taken_off_a_filter_is_granted_again(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    who = {"DataLakePrincipalIdentifier": mesh.roles[BI].arn}
    cells = {"DataCellsFilter": build_filter_reference(mesh, get_filter_name(mesh))}
    mesh.governance_client().revoke_permissions(Principal=who, Resource=cells, Permissions=["SELECT"])
    wait_for_listings()
    assert mesh.list_filter_holders() == set()
    mesh.run_until(grant, lambda _: bool(list_drift_texts(grant)))
    mesh.run_until_presence(grant, "present")
    assert mesh.list_filter_holders() == {mesh.roles[BI].arn}


def test_filters_of_somebody_else_are_known_and_left_alone(mesh: Mesh) -> None:
    theirs = {
        **build_filter_reference(mesh, "theirs"),
        "RowFilter": {"AllRowsWildcard": {}},
        "ColumnNames": ["region"],
    }
    mesh.governance_client().create_data_cells_filter(TableData=theirs)
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    assert ObservedCellsFilter.objects.get(name="theirs").columns == {"include": ["region"]}
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(4)
    assert list(mesh.list_filters()) == ["theirs"]


def test_the_filter_is_made_once_by_the_catalogs_scope(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.run_until_presence(grant, "present")
    made = StepEntry.objects.filter(action="filter", intents__contains=[grant.intent_id])
    assert [entry.step.round.scope.kind for entry in made] == ["catalog"]


def test_a_filter_that_aws_refuses_to_make_says_why_and_holds_up_nothing_else(mesh: Mesh) -> None:
    fault = {"kind": "error", "service": "lakeformation", "operation": "CreateDataCellsFilter", "count": 2}
    mesh.cloud.control("faults", {**fault, "code": "InvalidInputException"})
    ruled, plain = mesh.grant(COLUMNS, rows=OTHER), mesh.grant(COLUMNS, PARTNER)
    intent = mesh.run_until(ruled, lambda intent: intent.failure.startswith("AWS refused"))
    assert intent.failure.startswith("AWS refused to make the data cells filter on ")
    mesh.run_until_presence(plain, "present")
    mesh.run_until_presence(ruled, "present")


def test_metadata_only_shows_columns_and_no_rows(mesh: Mesh) -> None:
    grant = mesh.grant((), metadata_only=True)
    mesh.run_until_presence(grant, "present")
    assert mesh.list_held_columns() == {"DESCRIBE": []}
    glue = mesh.cloud.client("glue", BI, mesh.roles[BI].name)
    assert glue.get_table(CatalogId=GOVERNANCE, DatabaseName=mesh.database, Name=mesh.table.name)["Table"]
    assert mesh.list_visible_columns() == []
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert mesh.list_held_columns() == {}


def test_metadata_outlive_a_select_beside_them(mesh: Mesh) -> None:
    metadata = mesh.grant((), metadata_only=True)
    mesh.run_until_presence(metadata, "present")
    reads = mesh.grant(("policy_id",))
    mesh.run_until_presence(reads, "present")
    mesh.run_until_presence(metadata, "present")
    mesh.revoke(reads)
    mesh.run_until_presence(reads, "absent")
    mesh.run_until_presence(metadata, "present")
    assert (mesh.list_held_columns(), mesh.list_visible_columns()) == ({"DESCRIBE": []}, [])
