"""Makes the mesh of a TOML seed: accounts, roles, buckets, catalogs, and then the grants among them.

Catalog and permissions go through the same operations that a client would call, as each account's root.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from awsim import glue, lakeformation, moto_bridge
from awsim.callers import Caller
from awsim.credentials import long_lived_key
from awsim.errors import AwsError
from awsim.seeds.mesh_file import Bucket, Catalog, Database, Grant, Link, Mesh, Role, SeedError, Table, read
from awsim.seeds.parquet import Rows, folder
from awsim.world import World

EVERYONE_ALL = {
    "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
    "Permissions": ["ALL"],
}
_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


def apply(world: World, path: Path) -> None:
    """Raises SeedError, which names the file, for what cannot be read or what AWS would refuse."""
    mesh = read(path)
    with folder() as place:
        rows = Rows(Path(place))
        try:
            _make(world, mesh, rows)
        except (AwsError, duckdb.Error, ValueError) as error:
            raise SeedError(f"{path}: {str(error).splitlines()[0]}") from error
        finally:
            rows.close()


def _make(world: World, mesh: Mesh, rows: Rows) -> None:
    world.accounts.update({account.id: account.name for account in mesh.accounts})
    world.organisation.update(mesh.organisation)
    for role in mesh.roles:
        _make_role(world, role)
    for bucket in mesh.buckets:
        _make_bucket(bucket, rows)
    for region in sorted({catalog.region for catalog in mesh.catalogs}):
        _put_settings(world, mesh, region)
    for catalog in mesh.catalogs:
        _make_catalog(world, catalog, rows)
    for catalog in mesh.catalogs:
        for link in catalog.links:
            _make_link(world, catalog, link)
        for grant in catalog.grants:
            _grant(world, catalog, grant)


def _call(world: World, account: str, region: str, operation: str, **params: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{account}:root"
    handlers = lakeformation.HANDLERS | glue.HANDLERS
    return handlers[operation](world, Caller(account, region, arn, arn, "seed"), params)


def _role_arn(account: str, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}"


def _make_role(world: World, role: Role) -> None:
    rules = [_trust(one, role.external_id) for one in role.trusts]
    iam = moto_bridge.iam(role.account)
    made = iam.create_role(role.name, _document(rules), "/", None, "", [], "43200")
    if role.allows:
        allowed = {"Effect": "Allow", "Action": role.allows, "Resource": role.resources}
        iam.put_role_policy(role.name, "inline", _document([allowed]))
    if role.long_lived:
        long_lived_key(world, made.arn, made.id)


def _trust(who: str, external_id: str) -> dict[str, Any]:
    kind = "Service" if who.endswith(".amazonaws.com") else "AWS"
    rule: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {kind: f"arn:aws:iam::{who}:root" if who.isdigit() else who},
        "Action": "sts:AssumeRole",
    }
    condition = {"StringEquals": {"sts:ExternalId": external_id}}
    return rule | ({"Condition": condition} if external_id else {})


def _document(rules: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": rules})


def _make_bucket(bucket: Bucket, rows: Rows) -> None:
    s3, arn = moto_bridge.s3(bucket.account), f"arn:aws:s3:::{bucket.name}"
    s3.create_bucket(bucket.name, bucket.region)
    if bucket.readers:
        rule = {
            "Effect": "Allow",
            "Principal": {"AWS": bucket.readers},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [arn, f"{arn}/*"],
        }
        s3.put_bucket_policy(bucket.name, _document([rule]).encode())
    for one in bucket.objects:
        given = [content for content in (one.text, one.csv, one.sql) if content is not None]
        if len(given) != 1:
            raise ValueError(f"object {one.key} has one of text, csv and sql")
        body = one.text.encode() if one.text is not None else rows.parquet([], csv=one.csv, sql=one.sql)
        s3.put_object(bucket.name, one.key, body)


def _put_settings(world: World, mesh: Mesh, region: str) -> None:
    for account in mesh.accounts:
        defaults = [EVERYONE_ALL] if account.open_by_default else []
        if not account.open_by_default:
            everyone = EVERYONE_ALL | {"Permissions": ["CREATE_DATABASE"], "Resource": {"Catalog": {}}}
            _call(world, account.id, region, "RevokePermissions", **everyone)
        settings = {
            "DataLakeAdmins": _principals(account.id, account.administrators),
            "ReadOnlyAdmins": _principals(account.id, account.read_only_administrators),
            "CreateDatabaseDefaultPermissions": defaults,
            "CreateTableDefaultPermissions": defaults,
            "Parameters": {"CROSS_ACCOUNT_VERSION": account.cross_account_version},
        }
        _call(world, account.id, region, "PutDataLakeSettings", DataLakeSettings=settings)


def _principals(account: str, names: list[str]) -> list[dict[str, str]]:
    return [{"DataLakePrincipalIdentifier": _role_arn(account, name)} for name in names]


def _make_catalog(world: World, catalog: Catalog, rows: Rows) -> None:
    place = (world, catalog.account, catalog.region)
    for key, values in catalog.tags.items():
        _call(*place, "CreateLFTag", TagKey=key, TagValues=values)
    for one in catalog.locations:
        who = (
            {"RoleArn": _role_arn(catalog.account, one.role)} if one.role else {"UseServiceLinkedRole": True}
        )
        _call(*place, "RegisterResource", ResourceArn=one.arn, HybridAccessEnabled=one.hybrid, **who)
    for database in catalog.databases:
        made = {"Name": database.name, "Description": database.comment}
        _call(*place, "CreateDatabase", DatabaseInput=made)
        _tag(world, catalog, {"Database": {"Name": database.name}}, database.tags)
        for table in database.tables:
            _make_table(world, catalog, database, table, rows)


def _make_table(world: World, catalog: Catalog, database: Database, table: Table, rows: Rows) -> None:
    _call(
        world, catalog.account, catalog.region, "CreateTable",
        DatabaseName=database.name, TableInput=_table_input(table),
    )  # fmt: skip
    named = {"DatabaseName": database.name, "Name": table.name}
    _tag(world, catalog, {"Table": named}, table.tags)
    for column in table.columns:
        _tag(world, catalog, {"TableWithColumns": named | {"ColumnNames": [column.name]}}, column.tags)
    if table.csv is None and table.sql is None:
        return
    if table.csv is not None and table.sql is not None:
        raise ValueError(f"table {table.name} has csv or sql, not both")
    bucket, _, prefix = table.location.removeprefix("s3://").partition("/")
    owner = moto_bridge.bucket_owner(bucket)
    if owner is None:
        raise ValueError(f"table {table.name}: there is no bucket {bucket}")
    content = rows.parquet([*table.columns, *table.partition_keys], csv=table.csv, sql=table.sql)
    key = f"{prefix.rstrip('/')}/part-00000.parquet".lstrip("/")
    moto_bridge.s3(owner).put_object(bucket, key, content)


def _table_input(table: Table) -> dict[str, Any]:
    columns, keys = (
        [{"Name": one.name, "Type": one.type, "Comment": one.comment} for one in listed]
        for listed in (table.columns, table.partition_keys)
    )
    return {
        "Name": table.name,
        "Description": table.comment,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {
            "Columns": columns,
            "Location": table.location,
            "InputFormat": f"{_PARQUET}.MapredParquetInputFormat",
            "OutputFormat": f"{_PARQUET}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{_PARQUET}.serde.ParquetHiveSerDe"},
        },
        "PartitionKeys": keys,
        "Parameters": {"classification": "parquet"},
    }


def _tag(world: World, catalog: Catalog, resource: dict[str, Any], wanted: dict[str, str]) -> None:
    if not wanted:
        return
    tags = [{"TagKey": key, "TagValues": [value]} for key, value in wanted.items()]
    failures = _call(
        world, catalog.account, catalog.region, "AddLFTagsToResource", Resource=resource, LFTags=tags
    )["Failures"]
    if failures:
        raise ValueError(f"{failures[0]['LFTag']}: {failures[0]['Error']['ErrorMessage']}")


def _make_link(world: World, catalog: Catalog, link: Link) -> None:
    place = (world, catalog.account, catalog.region)
    if link.database:
        made = {"Name": link.name, "TargetTable": link.target}
        _call(*place, "CreateTable", DatabaseName=link.database, TableInput=made)
    else:
        _call(*place, "CreateDatabase", DatabaseInput={"Name": link.name, "TargetDatabase": link.target})


def _grant(world: World, catalog: Catalog, grant: Grant) -> None:
    _call(
        world, catalog.account, catalog.region, "GrantPermissions",
        Principal={"DataLakePrincipalIdentifier": grant.principal}, Resource=grant.resource,
        Permissions=grant.permissions, PermissionsWithGrantOption=grant.with_grant_option,
    )  # fmt: skip
