"""Grants to a whole account made outside the portal, and their adoption."""

from typing import Any

from demo.bank.accounts import BI
from fulfilment.observations.models import ObservedPermission
from requests_app.grants.models import Grant
from tests import factories
from tests.adoption import adopt_observed
from tests.workers.engine_rounds import run_rounds_until
from tests.workers.mesh import Mesh


def make_account_principal(mesh: Mesh) -> None:
    """A sync of the account's roles has made the account's own row."""
    factories.make_account_principal(mesh.teams[BI].accounts.get())


def grant_to_account(mesh: Mesh, resource: dict[str, Any], *verbs: str, option: bool = True) -> None:
    """As somebody would by the console of AWS."""
    mesh.governance_client().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": BI}, Resource=resource, Permissions=list(verbs),
        PermissionsWithGrantOption=list(verbs) if option else [],
    )  # fmt: skip


def grant_columns_to_account(mesh: Mesh, *columns: str, option: bool = True) -> None:
    grant_to_account(mesh, {"Database": {"Name": mesh.database}}, "DESCRIBE", option=option)
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(columns)}
    grant_to_account(mesh, {"TableWithColumns": where}, "SELECT", option=option)


def list_observed(mesh: Mesh) -> set[tuple[str, str, bool]]:
    """On what, which verb, with the option or without: all that the account was last seen to hold."""
    rows = ObservedPermission.objects.filter(catalog=mesh.catalog, principal_arn=BI)
    return {
        (row.policy.get("kind", "") if row.policy else row.table, row.verb, row.grantable)
        for row in rows
        if row.database == mesh.database or mesh.database in str(row.policy)
    }


def adopt_account_grant(mesh: Mesh, table: str = "") -> Grant:
    """The SELECT that the account was last seen to hold, once it was read."""
    rows = ObservedPermission.objects.filter(
        catalog=mesh.catalog, principal_arn=BI, verb="SELECT", grantable=False
    )

    def seen() -> list[ObservedPermission]:
        return [
            one for one in rows.all() if one.table == table and mesh.database in f"{one.database}{one.policy}"
        ]

    run_rounds_until(lambda: bool(seen()))
    mesh.run_rounds(10)
    (row,) = seen()
    return adopt_observed(row, by=mesh.owner, owner=mesh.people[BI])


def register_location(mesh: Mesh) -> None:
    """The place of the table's data, unless it is registered."""
    lake = mesh.governance_client()
    arn = f"arn:aws:s3:::{mesh.table.location.removeprefix('s3://').rstrip('/')}"
    if arn not in {one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]}:
        lake.register_resource(
            ResourceArn=arn, UseServiceLinkedRole=False, RoleArn=mesh.catalog.location_role_arn
        )
