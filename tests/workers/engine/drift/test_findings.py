"""Each class of what somebody does behind the portal is written down, and closed by what ends it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from demo.bank.accounts import BI, GOVERNANCE, REGION
from fulfilment.ledger.models import Finding
from lakeformation.drift.differences import Kind
from requests_app.grants.models import Grant
from tests.workers.landscape import drop_role, make_role
from tests.workers.mesh import Mesh

PLAIN = "region = 'EAST'"


def behind(mesh: Mesh, do: str, account: str = GOVERNANCE, **members: Any) -> None:
    mesh.cloud.control("change", {"do": do, "account": account, "region": REGION, **members})


def found(mesh: Mesh, kind: Kind, *, seconds: float = 60) -> Finding:
    """The finding of this kind, once the workers have written it."""
    return until(mesh, lambda: Finding.objects.filter(kind=kind).first(), seconds)


def closed(mesh: Mesh, kind: Kind, *, seconds: float = 60) -> Finding:
    return until(mesh, lambda: Finding.objects.filter(kind=kind, gone_at__isnull=False).first(), seconds)


def until(mesh: Mesh, look: Callable[[], Finding | None], seconds: float) -> Finding:
    deadline = time.monotonic() + seconds
    while (row := look()) is None:
        assert time.monotonic() < deadline, list(Finding.objects.values_list("kind", "text", "gone_at"))
        mesh.work(2)
        time.sleep(0.02)
    return row


def granted(mesh: Mesh, **what: Any) -> Grant:
    grant = mesh.grant(**what)
    mesh.work_until(grant, "present")
    return grant


def on_table(mesh: Mesh) -> dict[str, str]:
    return {"DatabaseName": mesh.database, "Name": mesh.table.name}


def drop_link(mesh: Mesh) -> None:
    behind(mesh, "drop_link", BI, DatabaseName=mesh.link)


def deregister(mesh: Mesh) -> None:
    for one in mesh.governance().list_resources()["ResourceInfoList"]:
        if mesh.table.location.removeprefix("s3://").startswith(
            one["ResourceArn"].removeprefix("arn:aws:s3:::")
        ):
            behind(mesh, "deregister", ResourceArn=one["ResourceArn"])


HEALED = {
    Kind.FEWER_COLUMNS: lambda mesh: mesh.take_away(["gender"]),
    Kind.MISSING: lambda mesh: mesh.take_away(["policy_id", "gender", "region"]),
    Kind.LINK_DROPPED: drop_link,
    Kind.LOCATION_DEREGISTERED: deregister,
}


@pytest.mark.parametrize("kind", HEALED)
def test_what_is_ours_and_mended_is_written_down_and_closed_by_its_proof(mesh: Mesh, kind: Kind) -> None:
    grant = granted(mesh)
    HEALED[kind](mesh)
    row = found(mesh, kind)
    assert (row.intents, row.table, row.catalog) == ([grant.intent_id], mesh.table.name, mesh.catalog)
    row = closed(mesh, kind)
    assert row.proof_id == mesh.work_until(grant, "present").evidence_id
    assert row.gone_at is not None
    assert row.gone_at > row.first_seen_at


def edit_filter(mesh: Mesh) -> None:
    (name,) = mesh.filters()
    table = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    wider = {"Name": name, "RowFilter": {"AllRowsWildcard": {}}, "ColumnWildcard": {}}
    behind(mesh, "edit_filter", TableData=table | wider)


def delete_filter(mesh: Mesh) -> None:
    (name,) = mesh.filters()
    table = {"TableCatalogId": GOVERNANCE, "DatabaseName": mesh.database, "TableName": mesh.table.name}
    mesh.governance().batch_revoke_permissions(
        Entries=[
            {
                "Id": "1", "Permissions": ["SELECT"],
                "Principal": {"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
                "Resource": {"DataCellsFilter": {**table, "Name": name}},
            }
        ]
    )  # fmt: skip
    behind(mesh, "delete_filter", **table, Name=name)


@pytest.mark.parametrize(
    ("kind", "change"), [(Kind.FILTER_CHANGED, edit_filter), (Kind.FILTER_DELETED, delete_filter)]
)
def test_a_filter_of_ours_that_somebody_touched(
    mesh: Mesh, kind: Kind, change: Callable[[Mesh], None]
) -> None:
    granted(mesh, rows=PLAIN)
    change(mesh)
    assert found(mesh, kind).principal_arn == mesh.roles[BI].arn
    assert closed(mesh, kind).proof is not None


def repoint(mesh: Mesh) -> None:
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "elsewhere", "Region": REGION}
    behind(mesh, "repoint_link", BI, DatabaseName=mesh.link, Target=target)


def take_the_name(mesh: Mesh) -> None:
    drop_link(mesh)
    mesh.cloud.client("glue", BI).create_database(DatabaseInput={"Name": mesh.link})


def delete_share(mesh: Mesh) -> None:
    behind(mesh, "delete_share", receiver=BI)


def delete_role(mesh: Mesh) -> None:
    drop_role(mesh.cloud.client("iam", BI), mesh.roles[BI].name)


TOLD = {
    Kind.LINK_REPOINTED: repoint,
    Kind.LINK_NAME_TAKEN: take_the_name,
    Kind.SHARE_GONE: delete_share,
    Kind.TABLE_RECREATED: lambda mesh: mesh.make_table_anew(),
    Kind.TABLE_DELETED: lambda mesh: mesh.governance("glue").delete_table(**on_table(mesh)),
    Kind.PRINCIPAL_RECREATED: lambda mesh: mesh.make_role_anew(),
    Kind.PRINCIPAL_DELETED: delete_role,
}


@pytest.mark.parametrize("kind", TOLD)
def test_what_only_a_person_can_mend_stays_until_the_grant_ends(mesh: Mesh, kind: Kind) -> None:
    grant = granted(mesh)
    TOLD[kind](mesh)
    found(mesh, kind)
    mesh.work_for(grant, lambda intent: intent.presence in {"unknown", "stale"})
    mesh.work(10)
    assert Finding.objects.get(kind=kind).gone_at is None
    mesh.revoke(grant)
    closed(mesh, kind)


def test_surplus_is_told_by_whose_it_was_and_goes_with_what_is_too_much(mesh: Mesh) -> None:
    granted(mesh)
    mesh.slip_in(["smoker"])
    row = found(mesh, Kind.MORE_COLUMNS)
    assert row.atom is not None
    assert row.atom["columns"] == {"include": ["smoker"]}
    mesh.take_away(["smoker"])
    assert closed(mesh, Kind.MORE_COLUMNS).proof is None


def test_what_an_ended_grant_gave_and_somebody_gave_again_was_ours(mesh: Mesh) -> None:
    grant = granted(mesh)
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.slip_in(["gender"])
    found(mesh, Kind.SURPLUS_OURS)
    assert mesh.held()["SELECT"] == ["gender"]


def test_iam_allowed_principals_back_on_a_table_is_told(mesh: Mesh) -> None:
    granted(mesh)
    table = {"Table": on_table(mesh)}
    behind(mesh, "add_iam_allowed_principals", Resource=table)
    assert found(mesh, Kind.IAM_ALLOWED_BACK).table == mesh.table.name


def test_a_lowered_version_is_told(mesh: Mesh) -> None:
    granted(mesh)
    before = mesh.governance().get_data_lake_settings()["DataLakeSettings"]
    behind(mesh, "lower_version", version="2")
    try:
        found(mesh, Kind.VERSION_LOWERED)
    finally:
        mesh.governance().put_data_lake_settings(DataLakeSettings=before)
    closed(mesh, Kind.VERSION_LOWERED)


def test_what_a_stranger_is_given_on_a_granted_table_is_told(mesh: Mesh) -> None:
    granted(mesh)
    other = make_role(mesh.cloud.client("iam", BI), BI, f"other-{time.time_ns()}")["Arn"]
    table = {"TableWithColumns": {**on_table(mesh), "ColumnNames": ["smoker"]}}
    who = {"DataLakePrincipalIdentifier": other}
    behind(mesh, "grant", Principal=who, Resource=table, Permissions=["SELECT"])
    row = found(mesh, Kind.SURPLUS_FOREIGN)
    assert (row.principal_arn, row.intents) == (other, [])
