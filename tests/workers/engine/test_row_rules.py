"""A row rule on its way: filter made, granted, read through, mended, revoked and cleared away."""

from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.observations.models import ObservedFilter
from fulfilment.rounds.models import Entry, Round
from requests_app.grants.models import Grant
from tests.workers.mesh import Mesh

COLUMNS = ("policy_id", "gender", "region")
RULE = "region in ('Nord', 'West')"
OTHER = "region = 'Ost'"


def place(mesh: Mesh, name: str) -> dict[str, str]:
    return {
        "TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name, "Name": name,
    }  # fmt: skip


def name_of(mesh: Mesh) -> str:
    (name,) = mesh.filters()
    return name


def told(grant: Grant) -> list[str]:
    rounds = Round.objects.exclude(drift=[]).order_by("pk")
    return [one["text"] for row in rounds for one in row.drift if grant.intent_id in one["intents"]]


def test_only_the_rows_of_the_rule_are_read_and_it_is_cleared_away(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=RULE)
    mesh.work_until(grant, "present")
    assert list(mesh.filters().values()) == ["region IN ('Nord', 'West')"]
    assert mesh.visible() == [*COLUMNS, "snapshot_date"]
    assert mesh.rows_of("region") == [["Nord"], ["West"]]
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.visible() == []
    mesh.work(4)
    assert mesh.filters() == {}


def test_an_account_outside_the_organisation_reads_by_a_rule_too(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant(COLUMNS, PARTNER, rows=OTHER), "present")
    assert mesh.rows_of("region", PARTNER) == [["Ost"]]


def test_a_rule_on_the_whole_table_shows_every_column_of_its_rows(mesh: Mesh) -> None:
    mesh.work_until(mesh.grant((), rows=OTHER), "present")
    assert "expected_remaining_years" in mesh.visible()
    assert mesh.rows_of("region") == [["Ost"]]


def test_two_accounts_share_a_filter_until_the_last_of_them_lets_go(mesh: Mesh) -> None:
    ours, theirs = mesh.grant(COLUMNS, rows=RULE), mesh.grant(COLUMNS, PARTNER, rows=RULE)
    mesh.work_until(ours, "present")
    mesh.work_until(theirs, "present")
    assert len(mesh.filters()) == 1
    mesh.revoke(ours)
    mesh.work_until(ours, "absent")
    mesh.work(4)
    assert mesh.rows_of("region", PARTNER) == [["Nord"], ["West"]]
    mesh.revoke(theirs)
    mesh.work_until(theirs, "absent")
    mesh.work(4)
    assert mesh.filters() == {}


def test_rows_of_two_rules_unite_and_part_again(mesh: Mesh) -> None:
    first, second = mesh.grant(COLUMNS, rows=RULE), mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(first, "present")
    mesh.work_until(second, "present")
    assert mesh.rows_of("region") == [["Nord"], ["Ost"], ["West"]]
    mesh.revoke(first)
    mesh.work_until(first, "absent")
    assert mesh.rows_of("region") == [["Ost"]]
    assert mesh.intent(second).presence == "present"


def test_all_rows_prevail_and_the_rule_limits_again_when_they_end(mesh: Mesh) -> None:
    ruled, plain = mesh.grant(COLUMNS, rows=OTHER), mesh.grant(("policy_id", "region"))
    mesh.work_until(ruled, "present")
    mesh.work_until(plain, "present")
    assert len(mesh.rows_of("region")) == 5
    mesh.revoke(plain)
    mesh.work_until(plain, "absent")
    assert mesh.rows_of("region") == [["Ost"]]
    assert mesh.visible() == [*COLUMNS, "snapshot_date"]


def test_a_changed_filter_is_drift_and_made_anew(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    wide = {"RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": list(COLUMNS)}
    mesh.governance().update_data_cells_filter(TableData={**place(mesh, name_of(mesh)), **wide})
    assert len(mesh.rows_of("region")) == 5
    mesh.work_for(
        grant, lambda _: any("was changed by someone; repairing it" in text for text in told(grant))
    )
    mesh.work_until(grant, "present")
    assert (list(mesh.filters().values()), mesh.rows_of("region")) == (["region = 'Ost'"], [["Ost"]])


def test_a_filter_that_was_changed_and_changed_back_is_told(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    lake, here = mesh.governance(), place(mesh, name_of(mesh))
    before = lake.get_data_cells_filter(**here)["DataCellsFilter"]
    kept = {key: value for key, value in before.items() if key != "VersionId"}
    lake.update_data_cells_filter(TableData={**kept, "RowFilter": {"AllRowsWildcard": {}}})
    lake.update_data_cells_filter(TableData=kept)
    mesh.work_for(grant, lambda _: any("and changed back" in text for text in told(grant)))
    mesh.work_until(grant, "present")
    assert mesh.rows_of("region") == [["Ost"]]


def test_a_deleted_filter_is_drift_and_made_again(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    mesh.governance().delete_data_cells_filter(**place(mesh, name_of(mesh)))
    mesh.work_for(grant, lambda _: any("is not there; repairing it" in text for text in told(grant)))
    mesh.work_until(grant, "present")
    assert mesh.rows_of("region") == [["Ost"]]


def test_a_grant_taken_off_a_filter_is_granted_again(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    who = {"DataLakePrincipalIdentifier": mesh.roles[BI].arn}
    cells = {"DataCellsFilter": place(mesh, name_of(mesh))}
    mesh.governance().revoke_permissions(Principal=who, Resource=cells, Permissions=["SELECT"])
    assert mesh.filter_holders() == set()
    mesh.work_for(grant, lambda _: bool(told(grant)))
    mesh.work_until(grant, "present")
    assert mesh.filter_holders() == {mesh.roles[BI].arn}


def test_filters_of_somebody_else_are_known_and_left_alone(mesh: Mesh) -> None:
    theirs = {**place(mesh, "theirs"), "RowFilter": {"AllRowsWildcard": {}}, "ColumnNames": ["region"]}
    mesh.governance().create_data_cells_filter(TableData=theirs)
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    assert ObservedFilter.objects.get(name="theirs").columns == {"include": ["region"]}
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.work(4)
    assert list(mesh.filters()) == ["theirs"]


def test_the_filter_is_made_once_by_the_catalogs_scope(mesh: Mesh) -> None:
    grant = mesh.grant(COLUMNS, rows=OTHER)
    mesh.work_until(grant, "present")
    made = Entry.objects.filter(action="filter", intents__contains=[grant.intent_id])
    assert [entry.step.round.scope.kind for entry in made] == ["catalog"]


def test_a_filter_that_aws_refuses_to_make_says_why_and_holds_up_nothing_else(mesh: Mesh) -> None:
    fault = {"kind": "error", "service": "lakeformation", "operation": "CreateDataCellsFilter", "count": 2}
    mesh.cloud.control("faults", {**fault, "code": "InvalidInputException"})
    ruled, plain = mesh.grant(COLUMNS, rows=OTHER), mesh.grant(COLUMNS, PARTNER)
    intent = mesh.work_for(ruled, lambda intent: intent.failure.startswith("AWS refused"))
    assert intent.failure.startswith("AWS refused to make the data cells filter on ")
    mesh.work_until(plain, "present")
    mesh.work_until(ruled, "present")


def test_metadata_only_shows_columns_and_no_rows(mesh: Mesh) -> None:
    grant = mesh.grant((), metadata_only=True)
    mesh.work_until(grant, "present")
    assert mesh.held() == {"DESCRIBE": []}
    glue = mesh.cloud.client("glue", BI, mesh.roles[BI].name)
    assert glue.get_table(CatalogId=GOVERNANCE, DatabaseName=mesh.database, Name=mesh.table.name)["Table"]
    assert mesh.visible() == []
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.held() == {}


def test_metadata_outlive_a_select_beside_them(mesh: Mesh) -> None:
    metadata = mesh.grant((), metadata_only=True)
    mesh.work_until(metadata, "present")
    reads = mesh.grant(("policy_id",))
    mesh.work_until(reads, "present")
    mesh.work_until(metadata, "present")
    mesh.revoke(reads)
    mesh.work_until(reads, "absent")
    mesh.work_until(metadata, "present")
    assert (mesh.held(), mesh.visible()) == ({"DESCRIBE": []}, [])
