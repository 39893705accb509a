"""Makes the mesh of a YAML seed: accounts, roles, buckets, catalogs, and then the permissions among them.

Catalog and permissions go through the same operations that a client would call, as each account's root.

Made catalog by catalog in the file's order, when all catalogs have their tables: a receiver whose catalog stands
after the owner's can accept what the owner granted, and pass it on.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from mocklake import manners, moto_bridge, partitions, servicequotas, switches
from mocklake.catalog_ids import full_id
from mocklake.glue.catalogs import S3_TABLES, mount
from mocklake.glue.store import find_catalog
from mocklake.iam.access_keys import long_lived_key
from mocklake.seeds.mesh_file import (
    Bucket,
    Catalog,
    Column,
    Database,
    Grant,
    Link,
    Mesh,
    Role,
    SeedError,
    Table,
    read_mesh,
)
from mocklake.seeds.parquet import Rows, folder
from mocklake.seeds.placement import PlacedError, as_root, as_written, placed, role_arn
from mocklake.world import World

EVERYONE_ALL: dict[str, Any] = {
    "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
    "Permissions": ["ALL"],
}
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


def apply_file(world: World, path: Path) -> None:
    """Raises SeedError, which names the file and the line, for what cannot be read or what AWS would refuse."""
    mesh, lines = read_mesh(path)
    try:
        make_mesh(world, mesh)
    except PlacedError as error:
        line = f"line {lines[error.where]}: " if error.where in lines else ""
        raise SeedError(f"{path}: {line}{error.where}: {error}") from error


def make_mesh(world: World, mesh: Mesh) -> None:
    """Raises PlacedError for what AWS would refuse."""
    with folder() as place:
        rows = Rows(Path(place))
        try:
            _make(world, mesh, rows)
        finally:
            rows.close()


def _make(world: World, mesh: Mesh, rows: Rows) -> None:
    for account in mesh.accounts:
        world.accounts[account.id] = account.name
        moto_bridge.put_account(account.id, account.partition)
    world.organisation.update(mesh.organisation)
    world.stores["ram"].shares_in_organisation = mesh.shares_in_organisation
    if mesh.manners:
        with placed("manners"):
            manners.choose(world, manners.get_named(mesh.manners))
    for name, value in mesh.switches.items():
        with placed(f"switches.{name}"):
            switches.turn(world, {name: value})
    for index, role in enumerate(mesh.roles):
        with placed(f"roles[{index}]"):
            _make_role(world, role)
    for index, bucket in enumerate(mesh.buckets):
        with placed(f"buckets[{index}]"):
            _make_bucket(bucket, rows)
    _put_settings(world, mesh)
    for index, catalog in enumerate(mesh.catalogs):
        make_catalog(world, catalog, rows, f"catalogs[{index}]")
    for index, catalog in enumerate(mesh.catalogs):
        make_permissions(world, catalog, f"catalogs[{index}]")
    for index, quota in enumerate(mesh.quotas):
        with placed(f"quotas[{index}]"):
            servicequotas.put(world, asdict(quota))


def _make_role(world: World, role: Role) -> None:
    rules = [_build_trust(trust, role) for trust in role.trusts]
    iam = moto_bridge.iam(role.account)
    made = iam.create_role(
        role.name, _write_document(rules), "/", None, "", [], f"{role.max_session_duration}"
    )
    if role.allows:
        allowed = {"Effect": "Allow", "Action": role.allows, "Resource": role.resources}
        iam.put_role_policy(role.name, "inline", _write_document([allowed]))
    if role.long_lived:
        long_lived_key(world, made.arn, made.id)


def _build_trust(who: str, role: Role) -> dict[str, Any]:
    partition = moto_bridge.account_partition(role.account)
    kind = "Service" if who.endswith(".amazonaws.com") else "AWS"
    rule: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {kind: f"arn:{partition}:iam::{who}:root" if who.isdigit() else who},
        "Action": "sts:AssumeRole",
    }
    condition = {"StringEquals": {"sts:ExternalId": role.external_id}}
    return rule | ({"Condition": condition} if role.external_id else {})


def _write_document(rules: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": rules})


def _make_bucket(bucket: Bucket, rows: Rows) -> None:
    s3, arn = moto_bridge.s3(bucket.account), partitions.s3_arn(bucket.region, bucket.name)
    s3.create_bucket(bucket.name, bucket.region)
    if bucket.readers:
        rule = {
            "Effect": "Allow",
            "Principal": {"AWS": bucket.readers},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [arn, f"{arn}/*"],
        }
        s3.put_bucket_policy(bucket.name, _write_document([rule]).encode())
    for one in bucket.objects:
        given = [content for content in (one.text, one.csv, one.sql) if content is not None]
        if len(given) != 1:
            raise ValueError(f"object {one.key} has one of text, csv and sql")
        body = one.text.encode() if one.text is not None else rows.parquet([], csv=one.csv, sql=one.sql)
        s3.put_object(bucket.name, one.key, body)


def _put_settings(world: World, mesh: Mesh) -> None:
    """In every region of the mesh for every account, so that none is left with what AWS begins with."""
    written = {(one.account, one.region): index for index, one in enumerate(mesh.catalogs) if one.settings}
    for region in sorted({catalog.region for catalog in mesh.catalogs}):
        for number, account in enumerate(mesh.accounts):
            if account.partition != partitions.of_region(region):
                continue
            place = (world, account.id, region, "lakeformation")
            defaults = [EVERYONE_ALL] if account.open_by_default else []
            if not account.open_by_default:
                everyone = EVERYONE_ALL | {"Permissions": ["CREATE_DATABASE"], "Resource": {"Catalog": {}}}
                as_root(*place, "RevokePermissions", **everyone)
            settings = {
                "DataLakeAdmins": _list_principals(account.id, account.administrators),
                "ReadOnlyAdmins": _list_principals(account.id, account.read_only_administrators),
                "CreateDatabaseDefaultPermissions": defaults,
                "CreateTableDefaultPermissions": defaults,
                "Parameters": {"CROSS_ACCOUNT_VERSION": account.cross_account_version},
            }
            index = written.get((account.id, region))
            own = mesh.catalogs[index].settings if index is not None else {}
            with placed(f"accounts[{number}]" if index is None else f"catalogs[{index}].settings"):
                as_written(*place, "PutDataLakeSettings", DataLakeSettings=settings | own)


def _list_principals(account: str, names: list[str]) -> list[dict[str, str]]:
    return [{"DataLakePrincipalIdentifier": role_arn(account, name)} for name in names]


def make_catalog(world: World, catalog: Catalog, rows: Rows, where: str) -> None:
    """Raises PlacedError."""
    place = (world, catalog.account, catalog.region)
    if catalog.path:
        with placed(f"{where}.path"):
            _mount(world, catalog)
    for key, values in catalog.tags.items():
        with placed(f"{where}.tags.{key}"):
            as_root(*place, "lakeformation", "CreateLFTag", TagKey=key, TagValues=values)
    for index, one in enumerate(catalog.locations):
        with placed(f"{where}.locations[{index}]"):
            role: dict[str, Any] = {"RoleArn": role_arn(catalog.account, one.role)} if one.role else {}
            by = role or {"UseServiceLinkedRole": True}
            as_root(
                *place, "lakeformation", "RegisterResource",
                ResourceArn=one.arn, HybridAccessEnabled=one.hybrid, **by,
            )  # fmt: skip
    for index, database in enumerate(catalog.databases):
        with placed(f"{where}.databases[{index}]"):
            for number in range(1, database.times + 1):
                _make_database(
                    world, catalog, _fill_number(database, number), rows, f"{where}.databases[{index}]"
                )


def _mount(world: World, catalog: Catalog) -> None:
    """With the catalogs above it that are not there; the topmost is of S3 Tables if it has the name for it."""
    top, *below = catalog.path.lower().split("/")
    catalog_id = full_id(top, catalog.account)
    if find_catalog(world, catalog_id, catalog.region) is None:
        source = (
            f"arn:{partitions.of_region(catalog.region)}:s3tables:{catalog.region}:{catalog.account}:bucket/*"
        )
        is_s3 = top == "s3tablescatalog"
        federated = {"Identifier": source, "ConnectionName": S3_TABLES} if is_s3 else {"Identifier": top}
        made = {"FederatedCatalog": federated}
        as_root(world, catalog.account, catalog.region, "glue", "CreateCatalog", Name=top, CatalogInput=made)
    for name in below:
        catalog_id = f"{catalog_id}/{name}"
        if find_catalog(world, catalog_id, catalog.region) is None:
            mount(world, catalog_id, catalog.region)


def _get_parent(catalog: Catalog) -> dict[str, str]:
    """The call's CatalogId for a nested catalog."""
    return {"CatalogId": full_id(catalog.path, catalog.account)} if catalog.path else {}


def _fill_number(one: Any, number: int, database: str = "") -> Any:
    """A database or table with its numbers and names filled in."""
    texts = {
        name: text.replace("{number}", str(number)).replace("{database}", database)
        for name in ("name", "location", "comment")
        if isinstance(text := getattr(one, name, None), str)
    }
    return replace(one, **texts)


def _make_database(world: World, catalog: Catalog, database: Database, rows: Rows, where: str) -> None:
    made = {"Name": database.name, "Description": database.comment}
    as_root(
        world,
        catalog.account,
        catalog.region,
        "glue",
        "CreateDatabase",
        DatabaseInput=made,
        **_get_parent(catalog),
    )
    _tag(world, catalog, {"Database": {"Name": database.name}}, database.tags)
    for index, table in enumerate(database.tables):
        with placed(f"{where}.tables[{index}]"):
            for number in range(1, table.times + 1):
                _make_table(world, catalog, database, _fill_number(table, number, database.name), rows)


def _make_table(world: World, catalog: Catalog, database: Database, table: Table, rows: Rows) -> None:
    as_root(
        world, catalog.account, catalog.region, "glue", "CreateTable",
        DatabaseName=database.name, TableInput=_build_table_input(table), **_get_parent(catalog),
    )  # fmt: skip
    named = {"DatabaseName": database.name, "Name": table.name}
    _tag(world, catalog, {"Table": named}, table.tags)
    for column in table.columns:
        _tag(world, catalog, {"TableWithColumns": named | {"ColumnNames": [column.name]}}, column.tags)
    if table.csv is not None or table.sql is not None:
        _put_rows(table, rows)


def _put_rows(table: Table, rows: Rows) -> None:
    if table.csv is not None and table.sql is not None:
        raise ValueError(f"table {table.name} has csv or sql, not both")
    bucket, _, prefix = table.location.removeprefix("s3://").partition("/")
    owner = moto_bridge.bucket_owner(bucket)
    if owner is None:
        raise ValueError(f"table {table.name}: there is no bucket {bucket}")
    content = rows.parquet([*table.columns, *table.partition_keys], csv=table.csv, sql=table.sql)
    key = f"{prefix.rstrip('/')}/part-00000.parquet".lstrip("/")
    moto_bridge.s3(owner).put_object(bucket, key, content)


def _build_table_input(table: Table) -> dict[str, Any]:
    return {
        "Name": table.name,
        "Description": table.comment,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": _describe_columns(table.columns),
            "Location": table.location,
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
        },
        "PartitionKeys": _describe_columns(table.partition_keys),
        "Parameters": {"classification": "parquet"},
    }


def _describe_columns(columns: list[Column]) -> list[dict[str, str]]:
    return [{"Name": column.name, "Type": column.type, "Comment": column.comment} for column in columns]


def _tag(world: World, catalog: Catalog, resource: dict[str, Any], wanted: dict[str, str]) -> None:
    if not wanted:
        return
    tags = [{"TagKey": key, "TagValues": [value]} for key, value in wanted.items()]
    place = (world, catalog.account, catalog.region, "lakeformation")
    failures = as_root(*place, "AddLFTagsToResource", Resource=resource, LFTags=tags)["Failures"]
    if failures:
        raise ValueError(f"{failures[0]['LFTag']}: {failures[0]['Error']['ErrorMessage']}")


def make_permissions(world: World, catalog: Catalog, where: str) -> None:
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
        share_invitation["resourceShareInvitationArn"]
        for share_invitation in as_written(*asked, "GetResourceShareInvitations")["resourceShareInvitations"]
        if share_invitation["senderAccountId"] == sender and share_invitation["status"] == "PENDING"
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
