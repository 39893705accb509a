"""Each class of what somebody does behind the portal is written down, and closed by what ends it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE, REGION
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from requests_app.grants.models import Grant
from tests.workers.aws_setup import make_role, remove_role
from tests.workers.mesh import Mesh

PLAIN = "region = 'EAST'"


def change_outside_portal(mesh: Mesh, do: str, account: str = GOVERNANCE, **members: Any) -> None:
    mesh.cloud.control("change", {"do": do, "account": account, "region": REGION, **members})


def wait_for_finding(mesh: Mesh, kind: DifferenceKind, *, seconds: float = 60) -> DriftFinding:
    """The finding of this kind, once the workers have written it."""
    return wait_for(mesh, lambda: DriftFinding.objects.filter(kind=kind).first(), seconds)


def wait_for_closed(mesh: Mesh, kind: DifferenceKind, *, seconds: float = 60) -> DriftFinding:
    return wait_for(
        mesh, lambda: DriftFinding.objects.filter(kind=kind, gone_at__isnull=False).first(), seconds
    )


def wait_for(mesh: Mesh, look: Callable[[], DriftFinding | None], seconds: float) -> DriftFinding:
    deadline = time.monotonic() + seconds
    while (row := look()) is None:
        assert time.monotonic() < deadline, list(DriftFinding.objects.values_list("kind", "text", "gone_at"))
        mesh.run_rounds(2)
        time.sleep(0.02)
    return row


def grant_present(mesh: Mesh, **what: Any) -> Grant:
    grant = mesh.grant(**what)
    mesh.run_until_presence(grant, "present")
    return grant


def get_table_reference(mesh: Mesh) -> dict[str, str]:
    return {"DatabaseName": mesh.database, "Name": mesh.table.name}


def drop_link(mesh: Mesh) -> None:
    change_outside_portal(mesh, "drop_link", BI, DatabaseName=mesh.link)


def deregister(mesh: Mesh) -> None:
    for one in mesh.governance_client().list_resources()["ResourceInfoList"]:
        if mesh.table.location.removeprefix("s3://").startswith(
            one["ResourceArn"].removeprefix("arn:aws:s3:::")
        ):
            change_outside_portal(mesh, "deregister", ResourceArn=one["ResourceArn"])


def delete_share(mesh: Mesh) -> None:
    change_outside_portal(mesh, "delete_share", receiver=BI)


REPAIRED_CHANGES = {
    DifferenceKind.FEWER_COLUMNS: lambda mesh: mesh.revoke_outside_portal(["gender"]),
    DifferenceKind.MISSING: lambda mesh: mesh.revoke_outside_portal(["policy_id", "gender", "region"]),
    DifferenceKind.LINK_DROPPED: drop_link,
    DifferenceKind.LOCATION_DEREGISTERED: deregister,
    DifferenceKind.SHARE_GONE: delete_share,
}


@pytest.mark.parametrize("kind", REPAIRED_CHANGES)
def test_what_is_ours_and_mended_is_written_down_and_closed_by_its_proof(
    mesh: Mesh, kind: DifferenceKind
) -> None:
    grant = grant_present(mesh)
    REPAIRED_CHANGES[kind](mesh)
    row = wait_for_finding(mesh, kind)
    assert (row.intents, row.table, row.catalog) == ([grant.intent_id], mesh.table.name, mesh.catalog)
    row = wait_for_closed(mesh, kind)
    assert row.proof_id == mesh.run_until_presence(grant, "present").evidence_id
    assert row.gone_at is not None
    assert row.gone_at > row.first_seen_at


def edit_filter(mesh: Mesh) -> None:
    (name,) = mesh.list_filters()
    table = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    wider = {"Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnWildcard": {}}
    change_outside_portal(mesh, "edit_filter", TableData=table | wider)


def delete_filter(mesh: Mesh) -> None:
    (name,) = mesh.list_filters()
    table = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    mesh.governance_client().batch_revoke_permissions(
        Entries=[
            {
                "Id": "1", "Permissions": ["SELECT"],
                "Principal": {"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
                "Resource": {"DataCellsFilter": {**table, "Name": name}},
            }
        ]
    )  # fmt: skip
    change_outside_portal(mesh, "delete_filter", **table, Name=name)


@pytest.mark.parametrize(
    ("kind", "change"),
    [(DifferenceKind.FILTER_CHANGED, edit_filter), (DifferenceKind.FILTER_DELETED, delete_filter)],
)
def test_a_filter_of_ours_that_somebody_touched(
    mesh: Mesh, kind: DifferenceKind, change: Callable[[Mesh], None]
) -> None:
    grant_present(mesh, rows=PLAIN)
    change(mesh)
    assert wait_for_finding(mesh, kind).principal_arn == mesh.roles[BI].arn
    assert wait_for_closed(mesh, kind).proof is not None


def repoint_link(mesh: Mesh) -> None:
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "elsewhere", "Region": REGION}
    change_outside_portal(mesh, "repoint_link", BI, DatabaseName=mesh.link, Target=target)


def take_link_name(mesh: Mesh) -> None:
    drop_link(mesh)
    mesh.cloud.client("glue", BI).create_database(DatabaseInput={"Name": mesh.link})


def delete_role(mesh: Mesh) -> None:
    remove_role(mesh.cloud.client("iam", BI), mesh.roles[BI].name)


REPORTED_CHANGES = {
    DifferenceKind.LINK_REPOINTED: repoint_link,
    DifferenceKind.LINK_NAME_TAKEN: take_link_name,
    DifferenceKind.TABLE_RECREATED: lambda mesh: mesh.recreate_table(),
    DifferenceKind.TABLE_DELETED: lambda mesh: mesh.governance_client("glue").delete_table(
        **get_table_reference(mesh)
    ),
    DifferenceKind.PRINCIPAL_RECREATED: lambda mesh: mesh.recreate_role(),
    DifferenceKind.PRINCIPAL_DELETED: delete_role,
}


@pytest.mark.parametrize("kind", REPORTED_CHANGES)
def test_what_only_a_person_can_mend_stays_until_the_grant_ends(mesh: Mesh, kind: DifferenceKind) -> None:
    grant = grant_present(mesh)
    REPORTED_CHANGES[kind](mesh)
    wait_for_finding(mesh, kind)
    mesh.run_until(grant, lambda intent: intent.presence in {"unknown", "stale"})
    mesh.run_rounds(10)
    assert DriftFinding.objects.get(kind=kind).gone_at is None
    mesh.revoke(grant)
    wait_for_closed(mesh, kind)


def test_surplus_is_told_by_whose_it_was_and_goes_with_what_is_too_much(mesh: Mesh) -> None:
    grant_present(mesh)
    mesh.grant_outside_portal(["smoker"])
    row = wait_for_finding(mesh, DifferenceKind.MORE_COLUMNS)
    assert row.atom is not None
    assert row.atom["columns"] == {"include": ["smoker"]}
    mesh.revoke_outside_portal(["smoker"])
    assert wait_for_closed(mesh, DifferenceKind.MORE_COLUMNS).proof is None


def test_what_an_ended_grant_gave_and_somebody_gave_again_was_ours(mesh: Mesh) -> None:
    grant = grant_present(mesh)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.grant_outside_portal(["gender"])
    wait_for_finding(mesh, DifferenceKind.SURPLUS_OURS)
    assert mesh.list_held_columns()["SELECT"] == ["gender"]


def test_iam_allowed_principals_back_on_a_table_is_told(mesh: Mesh) -> None:
    grant_present(mesh)
    table = {"Table": get_table_reference(mesh)}
    change_outside_portal(mesh, "add_iam_allowed_principals", Resource=table)
    assert wait_for_finding(mesh, DifferenceKind.IAM_ALLOWED_BACK).table == mesh.table.name


def test_a_lowered_version_is_told(mesh: Mesh) -> None:
    grant_present(mesh)
    before = mesh.governance_client().get_data_lake_settings()["DataLakeSettings"]
    change_outside_portal(mesh, "lower_version", version="2")
    try:
        wait_for_finding(mesh, DifferenceKind.VERSION_LOWERED)
    finally:
        mesh.governance_client().put_data_lake_settings(DataLakeSettings=before)
    wait_for_closed(mesh, DifferenceKind.VERSION_LOWERED)


def test_what_a_stranger_is_given_on_a_granted_table_is_told(mesh: Mesh) -> None:
    grant_present(mesh)
    other = make_role(mesh.cloud.client("iam", BI), BI, f"other-{time.time_ns()}")["Arn"]
    table = {"TableWithColumns": {**get_table_reference(mesh), "ColumnNames": ["smoker"]}}
    who = {"DataLakePrincipalIdentifier": other}
    change_outside_portal(mesh, "grant", Principal=who, Resource=table, Permissions=["SELECT"])
    row = wait_for_finding(mesh, DifferenceKind.SURPLUS_FOREIGN)
    assert (row.principal_arn, row.intents) == (other, [])


def test_a_table_that_left_its_share_is_not_usable_until_it_is_shared_again(mesh: Mesh) -> None:
    grant = grant_present(mesh)
    resource = f"arn:aws:glue:{REGION}:{GOVERNANCE}:table/{mesh.database}/{mesh.table.name}"
    change_outside_portal(mesh, "unshare_resource", receiver=BI, resource=resource)
    assert mesh.list_visible_columns() == []
    finding = wait_for_finding(mesh, DifferenceKind.SHARE_GONE)
    assert f"table {mesh.database}.{mesh.table.name}" in finding.text
    wait_for_closed(mesh, DifferenceKind.SHARE_GONE)
    assert mesh.get_intent(grant).presence == "present"
    assert "gender" in mesh.list_visible_columns()
