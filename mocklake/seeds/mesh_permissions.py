"""The permissions of a catalog of a seed, and what they stand on: expressions, filters, links, grants, opt-ins.

Made catalog by catalog in the file's order, when all catalogs have their tables: a receiver whose catalog stands
after the owner's can accept what the owner granted, and pass it on.
"""

from typing import Any

from mocklake.seeds.mesh_file import Catalog, Grant, Link
from mocklake.seeds.placement import as_written, placed
from mocklake.world import World


def make(world: World, catalog: Catalog, where: str) -> None:
    """Raises PlacedError."""
    place = (world, catalog.account, catalog.region)
    for name, body in catalog.expressions.items():
        with placed(f"{where}.expressions.{name}"):
            tags = [{"TagKey": key, "TagValues": values} for key, values in body.items()]
            as_written(*place, "lakeformation", "CreateLFTagExpression", Name=name, Expression=tags)
    for index, sender in enumerate(catalog.accepts):
        with placed(f"{where}.accepts[{index}]"):
            _accept(*place, sender)
    for index, link in enumerate(catalog.links):
        with placed(f"{where}.links[{index}]"):
            _make_link(*place, link)
    for index, body in enumerate(catalog.filters):
        with placed(f"{where}.filters[{index}]"):
            data = {"TableCatalogId": catalog.account} | body
            as_written(*place, "lakeformation", "CreateDataCellsFilter", TableData=data)
    for index, grant in enumerate(catalog.grants):
        with placed(f"{where}.grants[{index}]"):
            _grant(*place, grant)
    for index, one in enumerate(catalog.opt_ins):
        with placed(f"{where}.opt_ins[{index}]"):
            who = {"DataLakePrincipalIdentifier": one.principal}
            asked: dict[str, Any] = {"Principal": who, "Resource": one.resource}
            as_written(*place, "lakeformation", "CreateLakeFormationOptIn", **asked)


def _accept(world: World, account: str, region: str, sender: str) -> None:
    asked = (world, account, region, "ram")
    waiting = [
        one["resourceShareInvitationArn"]
        for one in as_written(*asked, "GetResourceShareInvitations")["resourceShareInvitations"]
        if one["senderAccountId"] == sender and one["status"] == "PENDING"
    ]
    if not waiting:
        raise ValueError(f"account {sender} has sent no invitation: its catalog stands before this one")
    for arn in waiting:
        as_written(*asked, "AcceptResourceShareInvitation", resourceShareInvitationArn=arn)


def _make_link(world: World, account: str, region: str, link: Link) -> None:
    target: dict[str, Any] = dict(link.target)
    if link.database:
        made = {"Name": link.name, "TargetTable": target}
        as_written(world, account, region, "glue", "CreateTable", DatabaseName=link.database, TableInput=made)
    else:
        made = {"Name": link.name, "TargetDatabase": target}
        as_written(world, account, region, "glue", "CreateDatabase", DatabaseInput=made)


def _grant(world: World, account: str, region: str, grant: Grant) -> None:
    as_written(
        world, account, region, "lakeformation", "GrantPermissions",
        Principal={"DataLakePrincipalIdentifier": grant.principal}, Resource=grant.resource,
        Permissions=grant.permissions, PermissionsWithGrantOption=grant.with_grant_option,
    )  # fmt: skip
