"""A seed as calls of AWS, and what they leave behind taken away again: for accounts that are kept for this alone."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mocklake import partitions
from mocklake.scenarios.places import Call, RefusedError, Who
from mocklake.seeds.mesh_file import Catalog, Column, Database, Mesh, Role, Table

Send = Callable[[Call], Any]

OF_QUERIES = {"managed_query_results"}
"""Switches that matter to queries alone, which are not run on AWS."""


def hindrance(mesh: Mesh) -> str:
    """Why a seed cannot be made by calls of AWS; empty when it can."""
    if mesh.switches.keys() - OF_QUERIES:
        return "its seed turns switches"
    if any(account.partition != partitions.DEFAULT for account in mesh.accounts):
        return "its seed has accounts of other partitions than aws"
    if any(catalog.path or catalog.accepts for catalog in mesh.catalogs):
        return "its seed has nested catalogs or accepted invitations"
    if any(bucket.objects for bucket in mesh.buckets):
        return "its seed has objects"
    return ""


def making(mesh: Mesh) -> Iterator[Call]:
    """The calls in order, each by its account's own profile (no role). Rows of tables are not put."""
    for role in mesh.roles:
        yield from _role(role)
    for bucket in mesh.buckets:
        where = {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}
        made = {"Bucket": bucket.name} | ({} if bucket.region == "us-east-1" else where)
        yield Call(Who(bucket.account), bucket.region, "s3", "CreateBucket", made)
    for catalog in mesh.catalogs:
        yield _settings(mesh, catalog)
    for catalog in mesh.catalogs:
        yield from _catalog(catalog)
    for catalog in mesh.catalogs:
        yield from _permissions(catalog)


def _role(role: Role) -> Iterator[Call]:
    condition = {"StringEquals": {"sts:ExternalId": role.external_id}}
    rules = [
        {
            "Effect": "Allow",
            "Principal": {"Service": one} if one.endswith(".amazonaws.com") else {"AWS": one},
            "Action": "sts:AssumeRole",
        }
        | ({"Condition": condition} if role.external_id else {})
        for one in role.trusts
    ]
    who, region = Who(role.account), "us-east-1"
    trust = {
        "RoleName": role.name,
        "AssumeRolePolicyDocument": _document(rules),
        "MaxSessionDuration": role.max_session_duration,
    }
    yield Call(who, region, "iam", "CreateRole", trust)
    if role.allows:
        allowed = {"Effect": "Allow", "Action": role.allows, "Resource": role.resources}
        policy = {"RoleName": role.name, "PolicyName": "inline", "PolicyDocument": _document([allowed])}
        yield Call(who, region, "iam", "PutRolePolicy", policy)


def _document(rules: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": rules})


def _settings(mesh: Mesh, catalog: Catalog) -> Call:
    (account,) = (one for one in mesh.accounts if one.id == catalog.account)
    defaults: list[Any] = [_everyone()] if account.open_by_default else []
    settings = {
        "DataLakeAdmins": [
            _principal(catalog.account, administrator) for administrator in account.administrators
        ],
        "ReadOnlyAdmins": [
            _principal(catalog.account, administrator) for administrator in account.read_only_administrators
        ],
        "CreateDatabaseDefaultPermissions": defaults,
        "CreateTableDefaultPermissions": defaults,
        "Parameters": {"CROSS_ACCOUNT_VERSION": account.cross_account_version},
    } | catalog.settings
    return _of(catalog, "lakeformation", "PutDataLakeSettings", DataLakeSettings=settings)


def _everyone() -> dict[str, Any]:
    return {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}


def _principal(account: str, name: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": _role_arn(account, name)}


def _role_arn(account: str, name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/{name}"


def _of(catalog: Catalog, service: str, operation: str, **parameters: Any) -> Call:
    return Call(Who(catalog.account), catalog.region, service, operation, parameters)


def _catalog(catalog: Catalog) -> Iterator[Call]:
    for key, values in catalog.tags.items():
        yield _of(catalog, "lakeformation", "CreateLFTag", TagKey=key, TagValues=values)
    for location in catalog.locations:
        by: dict[str, Any] = (
            {"RoleArn": _role_arn(catalog.account, location.role)}
            if location.role
            else {"UseServiceLinkedRole": True}
        )
        register = by | {"ResourceArn": location.arn, "HybridAccessEnabled": location.hybrid}
        yield _of(catalog, "lakeformation", "RegisterResource", **register)
    for database in catalog.databases:
        made = {"Name": database.name, "Description": database.comment}
        yield _of(catalog, "glue", "CreateDatabase", DatabaseInput=made)
        yield from _tagged(catalog, {"Database": {"Name": database.name}}, database.tags)
        for table in database.tables:
            yield from _table(catalog, database, table)


def _table(catalog: Catalog, database: Database, table: Table) -> Iterator[Call]:
    made = {
        "Name": table.name,
        "Description": table.comment,
        "TableType": "EXTERNAL_TABLE",
        "StorageDescriptor": {"Columns": _columns(table.columns), "Location": table.location},
        "PartitionKeys": _columns(table.partition_keys),
    }
    named = {"DatabaseName": database.name, "Name": table.name}
    yield _of(catalog, "glue", "CreateTable", DatabaseName=database.name, TableInput=made)
    yield from _tagged(catalog, {"Table": named}, table.tags)
    for column in table.columns:
        yield from _tagged(catalog, {"TableWithColumns": named | {"ColumnNames": [column.name]}}, column.tags)


def _columns(columns: list[Column]) -> list[dict[str, str]]:
    return [{"Name": column.name, "Type": column.type, "Comment": column.comment} for column in columns]


def _tagged(catalog: Catalog, resource: dict[str, Any], tags: Mapping[str, str]) -> Iterator[Call]:
    pairs = [{"TagKey": key, "TagValues": [value]} for key, value in tags.items()]
    if pairs:
        yield _of(catalog, "lakeformation", "AddLFTagsToResource", Resource=resource, LFTags=pairs)


def _permissions(catalog: Catalog) -> Iterator[Call]:
    for name, body in catalog.expressions.items():
        pairs = [{"TagKey": key, "TagValues": values} for key, values in body.items()]
        yield _of(catalog, "lakeformation", "CreateLFTagExpression", Name=name, Expression=pairs)
    for one in catalog.filters:
        data = {"TableCatalogId": catalog.account} | one
        yield _of(catalog, "lakeformation", "CreateDataCellsFilter", TableData=data)
    for link in catalog.links:
        if link.database:
            made = {"Name": link.name, "TargetTable": link.target}
            yield _of(catalog, "glue", "CreateTable", DatabaseName=link.database, TableInput=made)
        else:
            made = {"Name": link.name, "TargetDatabase": link.target}
            yield _of(catalog, "glue", "CreateDatabase", DatabaseInput=made)
    for grant in catalog.grants:
        asked = {
            "Principal": {"DataLakePrincipalIdentifier": grant.principal},
            "Resource": grant.resource,
            "Permissions": grant.permissions,
            "PermissionsWithGrantOption": grant.with_grant_option,
        }
        yield _of(catalog, "lakeformation", "GrantPermissions", **asked)
    for opt_in in catalog.opt_ins:
        who = {"DataLakePrincipalIdentifier": opt_in.principal}
        asked = {"Principal": who, "Resource": opt_in.resource}
        yield _of(catalog, "lakeformation", "CreateLakeFormationOptIn", **asked)


@dataclass(frozen=True)
class _Kind:
    """How things are listed, which list of the answer holds them, and how one of them is removed."""

    service: str
    listing: str
    items: str
    removal: str
    removed_by: Callable[[Any], dict[str, Any]]


def _picked(*names: str) -> Callable[[Any], dict[str, Any]]:
    return lambda one: {name: one[name] for name in names if name in one}


LEFT = (
    _Kind(
        "lakeformation", "ListPermissions", "PrincipalResourcePermissions", "RevokePermissions",
        _picked("Principal", "Resource", "Permissions", "PermissionsWithGrantOption"),
    ),
    _Kind(
        "lakeformation", "ListLakeFormationOptIns", "LakeFormationOptInsInfoList", "DeleteLakeFormationOptIn",
        _picked("Principal", "Resource"),
    ),
    _Kind(
        "lakeformation", "ListDataCellsFilter", "DataCellsFilters", "DeleteDataCellsFilter",
        _picked("TableCatalogId", "DatabaseName", "TableName", "Name"),
    ),
    _Kind("glue", "GetDatabases", "DatabaseList", "DeleteDatabase", _picked("Name")),
    _Kind("lakeformation", "ListLFTagExpressions", "LFTagExpressions", "DeleteLFTagExpression", _picked("Name")),
    _Kind("lakeformation", "ListLFTags", "LFTags", "DeleteLFTag", _picked("TagKey")),
    _Kind("lakeformation", "ListResources", "ResourceInfoList", "DeregisterResource", _picked("ResourceArn")),
)  # fmt: skip
"""In the order in which they can be removed."""


def inventory(send: Send, places: list[tuple[str, str]]) -> list[tuple[Call, str]]:
    """The call that would remove each thing there is at (account, region), with its text to compare by."""
    found = []
    for account, region in places:
        for kind in LEFT:
            answer = _whole(send, Call(Who(account), region, kind.service, kind.listing, {}))
            for one in answer.get(kind.items, []):
                call = Call(Who(account), region, kind.service, kind.removal, kind.removed_by(one))
                found.append(
                    (call, json.dumps([account, region, kind.removal, dict(call.parameters)], sort_keys=True))
                )
    return found


def _whole(send: Send, call: Call) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    token: dict[str, str] = {}
    while True:
        page = send(Call(call.who, call.region, call.service, call.operation, token))
        for name, value in page.items():
            whole[name] = whole.get(name, []) + value if isinstance(value, list) else value
        if not page.get("NextToken"):
            return whole
        token = {"NextToken": page["NextToken"]}


def remove_new(send: Send, places: list[tuple[str, str]], before: set[str]) -> list[str]:
    """Removes what was not there before; answers what could not be removed, a line each."""
    left = []
    for call, text in inventory(send, places):
        if text not in before:
            try:
                send(call)
            except RefusedError as error:
                left.append(f"{call.operation} {json.dumps(dict(call.parameters))}: {error}")
    return left


def remove_seed(send: Send, mesh: Mesh) -> list[str]:
    """Roles and empty buckets of a seed; answers what could not be removed."""
    calls = [
        Call(Who(bucket.account), bucket.region, "s3", "DeleteBucket", {"Bucket": bucket.name})
        for bucket in mesh.buckets
    ]
    for role in mesh.roles:
        named = {"RoleName": role.name}
        who, region = Who(role.account), "us-east-1"
        if role.allows:
            calls.append(Call(who, region, "iam", "DeleteRolePolicy", named | {"PolicyName": "inline"}))
        calls.append(Call(who, region, "iam", "DeleteRole", named))
    left = []
    for call in calls:
        try:
            send(call)
        except RefusedError as error:
            left.append(f"{call.operation} {json.dumps(dict(call.parameters))}: {error}")
    return left
