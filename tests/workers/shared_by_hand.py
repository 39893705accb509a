"""What somebody gave to an account as a whole behind the portal: given, looked at, and adopted."""

from typing import Any

from demo.bank.accounts import BI
from fulfilment.observations.models import Observed
from requests_app.grants.models import Grant
from tests import factories
from tests.adopting import adopt_as_seen
from tests.workers.mesh import Mesh
from tests.workers.working import work_till


def account_as_a_whole(mesh: Mesh) -> None:
    """A sync of the account's roles has made the account's own row."""
    factories.whole(mesh.teams[BI].accounts.get())


def give_to_account(mesh: Mesh, resource: dict[str, Any], *verbs: str, option: bool = True) -> None:
    """As somebody would by the console of AWS."""
    mesh.governance().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": BI}, Resource=resource, Permissions=list(verbs),
        PermissionsWithGrantOption=list(verbs) if option else [],
    )  # fmt: skip


def give_columns(mesh: Mesh, *columns: str, option: bool = True) -> None:
    give_to_account(mesh, {"Database": {"Name": mesh.database}}, "DESCRIBE", option=option)
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(columns)}
    give_to_account(mesh, {"TableWithColumns": where}, "SELECT", option=option)


def held(mesh: Mesh) -> set[tuple[str, str, bool]]:
    """On what, which verb, with the option or without: all that the account was last seen to hold."""
    rows = Observed.objects.filter(catalog=mesh.catalog, principal_arn=BI)
    return {
        (row.policy.get("kind", "") if row.policy else row.table, row.verb, row.grantable)
        for row in rows
        if row.database == mesh.database or mesh.database in str(row.policy)
    }


def adopt(mesh: Mesh, table: str = "") -> Grant:
    """The SELECT that the account was last seen to hold, once it was read."""
    rows = Observed.objects.filter(catalog=mesh.catalog, principal_arn=BI, verb="SELECT", grantable=False)

    def seen() -> list[Observed]:
        return [
            one for one in rows.all() if one.table == table and mesh.database in f"{one.database}{one.policy}"
        ]

    work_till(lambda: bool(seen()))
    mesh.work(10)
    (row,) = seen()
    return adopt_as_seen(row, by=mesh.owner, owner=mesh.people[BI])


def register(mesh: Mesh) -> None:
    """The place of the table's data, unless it is registered."""
    lake = mesh.governance()
    arn = f"arn:aws:s3:::{mesh.table.location.removeprefix('s3://').rstrip('/')}"
    if arn not in {one["ResourceArn"] for one in lake.list_resources()["ResourceInfoList"]}:
        lake.register_resource(
            ResourceArn=arn, UseServiceLinkedRole=False, RoleArn=mesh.catalog.location_role_arn
        )
