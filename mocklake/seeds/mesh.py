"""Makes the mesh of a YAML seed: accounts, roles, buckets, catalogs, and then the permissions among them.

Catalog and permissions go through the same operations that a client would call, as each account's root.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mocklake import manners, moto_bridge, partitions, servicequotas, switches
from mocklake.iam.access_keys import long_lived_key
from mocklake.seeds import mesh_catalog, mesh_permissions
from mocklake.seeds.mesh_file import Bucket, Mesh, Role, SeedError, read
from mocklake.seeds.parquet import Rows, folder
from mocklake.seeds.placement import PlacedError, as_root, as_written, placed, role_arn
from mocklake.world import World

EVERYONE_ALL: dict[str, Any] = {
    "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
    "Permissions": ["ALL"],
}


def apply(world: World, path: Path) -> None:
    """Raises SeedError, which names the file and the line, for what cannot be read or what AWS would refuse."""
    mesh, lines = read(path)
    try:
        make(world, mesh)
    except PlacedError as error:
        line = f"line {lines[error.where]}: " if error.where in lines else ""
        raise SeedError(f"{path}: {line}{error.where}: {error}") from error


def make(world: World, mesh: Mesh) -> None:
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
        mesh_catalog.make(world, catalog, rows, f"catalogs[{index}]")
    for index, catalog in enumerate(mesh.catalogs):
        mesh_permissions.make(world, catalog, f"catalogs[{index}]")
    for index, quota in enumerate(mesh.quotas):
        with placed(f"quotas[{index}]"):
            servicequotas.put(world, asdict(quota))


def _make_role(world: World, role: Role) -> None:
    rules = [_trust(one, role) for one in role.trusts]
    iam = moto_bridge.iam(role.account)
    made = iam.create_role(role.name, _document(rules), "/", None, "", [], f"{role.max_session_duration}")
    if role.allows:
        allowed = {"Effect": "Allow", "Action": role.allows, "Resource": role.resources}
        iam.put_role_policy(role.name, "inline", _document([allowed]))
    if role.long_lived:
        long_lived_key(world, made.arn, made.id)


def _trust(who: str, role: Role) -> dict[str, Any]:
    partition = moto_bridge.account_partition(role.account)
    kind = "Service" if who.endswith(".amazonaws.com") else "AWS"
    rule: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {kind: f"arn:{partition}:iam::{who}:root" if who.isdigit() else who},
        "Action": "sts:AssumeRole",
    }
    condition = {"StringEquals": {"sts:ExternalId": role.external_id}}
    return rule | ({"Condition": condition} if role.external_id else {})


def _document(rules: list[dict[str, Any]]) -> str:
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
        s3.put_bucket_policy(bucket.name, _document([rule]).encode())
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
                "DataLakeAdmins": _principals(account.id, account.administrators),
                "ReadOnlyAdmins": _principals(account.id, account.read_only_administrators),
                "CreateDatabaseDefaultPermissions": defaults,
                "CreateTableDefaultPermissions": defaults,
                "Parameters": {"CROSS_ACCOUNT_VERSION": account.cross_account_version},
            }
            index = written.get((account.id, region))
            own = mesh.catalogs[index].settings if index is not None else {}
            with placed(f"accounts[{number}]" if index is None else f"catalogs[{index}].settings"):
                as_written(*place, "PutDataLakeSettings", DataLakeSettings=settings | own)


def _principals(account: str, names: list[str]) -> list[dict[str, str]]:
    return [{"DataLakePrincipalIdentifier": role_arn(account, name)} for name in names]
