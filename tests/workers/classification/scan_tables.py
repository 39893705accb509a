"""A table with made-up personal data in the pretend AWS, and a role that reads samples of it."""

import itertools
import json
from typing import Any

from catalog.classification.models import SamplingRole, Scan
from catalog.mirror.models import Column, Table
from demo.bank.accounts import DATA_ACCESS_ROLE, GOVERNANCE, INSURANCE
from tests.database import as_operator, as_role
from tests.factories import make_principal
from tests.workers.aws_setup import make_role
from tests.workers.mesh import Mesh
from workers.classification import advance_scan

IBANS = [
    f"DE{98 - int(f'{number:018d}131400') % 97:02d}{number:018d}" for number in range(10**17, 10**17 + 30)
]
MAILS = [f"person{number}@example.org" for number in range(30)]
TYPES = {"bank_ref": "string", "contact": "string", "note": "string", "amount": "double"}
ROWS = [
    {"bank_ref": iban, "contact": mail, "note": f"note {number}", "amount": number}
    for number, (iban, mail) in enumerate(zip(IBANS, MAILS, strict=True))
]
WORKGROUP, MAX_BYTES = "scans", 100_000_000
_numbers = itertools.count(1)


def make_people_table(mesh: Mesh) -> Table:
    """In Glue, in S3 and in the mirror."""
    bucket, folder = mesh.table.location.removeprefix("s3://").split("/", 1)
    place = f"{folder.strip('/')}_people_{mesh.database}"
    body = "\n".join(json.dumps(row) for row in ROWS).encode()
    mesh.cloud.client("s3", INSURANCE).put_object(Bucket=bucket, Key=f"{place}/rows.json", Body=body)
    mesh.governance_client().register_resource(
        ResourceArn=f"arn:aws:s3:::{bucket}/{place}",
        RoleArn=f"arn:aws:iam::{GOVERNANCE}:role/{DATA_ACCESS_ROLE}",
    )
    glue = mesh.governance_client("glue")
    location = f"s3://{bucket}/{place}/"
    storage = {
        "Columns": [{"Name": name, "Type": kind} for name, kind in TYPES.items()],
        "Location": location,
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    }
    glue.create_table(
        DatabaseName=mesh.database,
        TableInput={"Name": "people", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage},
    )
    table = Table.objects.create(
        database=mesh.table.database, name="people", location=location,
        glue_created_at=mesh.table.glue_created_at, digest="people", mirrored_at=mesh.table.mirrored_at,
    )  # fmt: skip
    for position, (name, kind) in enumerate(TYPES.items()):
        Column.objects.create(table=table, position=position, name=name, type=kind)
    return table


def make_sampling_role(
    mesh: Mesh, *, limit: int | None = MAX_BYTES, trusts_workers: bool = True
) -> SamplingRole:
    """A role of the catalog's account that reads nothing yet."""
    name = f"sampler-{next(_numbers)}-{mesh.database[-8:]}".replace("_", "-")
    iam = mesh.cloud.client("iam", GOVERNANCE)
    made = make_role(iam, GOVERNANCE, name)
    if trusts_workers:
        _trust_workers(iam, name, made["Arn"])
    workgroup = f"{WORKGROUP}-{name}"
    settings: dict[str, Any] = {"ManagedQueryResultsConfiguration": {"Enabled": True}}
    if limit is not None:
        settings["BytesScannedCutoffPerQuery"] = limit
    mesh.cloud.client("athena", GOVERNANCE).create_work_group(Name=workgroup, Configuration=settings)
    principal = make_principal(mesh.catalog.account, name, unique_id=made["RoleId"])
    with as_operator():
        return SamplingRole.objects.create(catalog=mesh.catalog, principal=principal, workgroup=workgroup)


def _trust_workers(iam: Any, name: str, arn: str) -> None:
    rule = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    worker = {"AWS": f"arn:aws:iam::{GOVERNANCE}:role/meshmarket-worker"}
    known = {"StringEquals": {"sts:ExternalId": f"meshmarket-{GOVERNANCE}"}}
    trust = {"Version": "2012-10-17", "Statement": [{**rule, "Principal": worker, "Condition": known}]}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    policy = {"Version": "2012-10-17", "Statement": [{**rule, "Resource": arn}]}
    iam.put_role_policy(RoleName="meshmarket-worker", PolicyName=name, PolicyDocument=json.dumps(policy))


def let_read(mesh: Mesh, role: SamplingRole, table: Table) -> None:
    """As if a data owner had granted it."""
    where = {"DatabaseName": mesh.database, "Name": table.name, "ColumnWildcard": {}}
    mesh.governance_client().grant_permissions(
        Principal={"DataLakePrincipalIdentifier": role.principal.arn},
        Resource={"TableWithColumns": where},
        Permissions=["SELECT"],
    )


def run_scan(scan: Scan, *, passes: int = 50) -> Scan:
    with as_role("meshmarket_worker"):
        for _ in range(passes):
            if advance_scan(scan.pk):
                break
    scan.refresh_from_db()
    return scan
