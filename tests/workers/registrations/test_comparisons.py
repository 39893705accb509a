"""Whether a registered table gives the rows of its source, asked on the pretend AWS as the engineers' role."""

import json
from typing import Any

import pytest
from django.db import connection

from background.task_table import TaskName
from catalog.mirror.models import Column, Table
from catalog.registrations.comparisons.actions import request_comparison, request_due_comparisons
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.states import ComparisonProblem, ComparisonState
from catalog.registrations.models import Registration
from catalog.registrations.states import RegistrationStatus
from demo.bank.accounts import BI, GOVERNANCE
from identity.accounts import Account, ConnectedCatalog
from kernel import clock
from requests_app.notifications.models import Notification
from tests import factories
from tests.database import as_role
from tests.registrations import COLUMNS
from tests.requests_app.notifications.projection import project_all_events
from tests.workers.accounts.test_role_queries import trust_workers
from tests.workers.mesh import Mesh
from tests.workers.producer import Producer
from workers.dispatch.loop import list_due
from workers.registrations import advance_comparison

LINES = "policy_id,premium\nP-1,10.00\nP-2,20.00\n"
TEXT = "org.apache.hadoop.mapred.TextInputFormat"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
SERDE = {"SerializationLibrary": LAZY_SIMPLE, "Parameters": {"field.delim": ","}}
HEADER = {"skip.header.line.count": "1"}


@pytest.fixture
def mesh(in_process_mesh: Mesh) -> Mesh:
    return in_process_mesh


@pytest.fixture
def csv(producer: Producer) -> Registration:
    """A registered CSV file with a header, which the producer's role reads in its own catalog."""
    if producer.account != BI:
        pytest.skip("one account is enough")
    cloud, bucket = producer.mesh.cloud, producer.database.replace("_", "-")
    location = f"s3://{bucket}/policies/"
    Account.objects.filter(account_id=BI).update(gold_location=f"s3://{bucket}/")
    s3 = cloud.client("s3", BI)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=bucket, Key="policies/1.csv", Body=LINES.encode())
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(build_policy(bucket)))
    source = make_source(producer, location)
    row = producer.register(data_format="csv", location=location, partition_keys=())
    assert row.storage["parameters"] == HEADER
    producer.run_until(row, RegistrationStatus.REGISTERED)
    trust_workers(producer.mesh)
    assert source.location == location
    return row


def build_policy(bucket: str) -> dict[str, Any]:
    """Both the engineers and Lake Formation's role read the bucket."""
    readers = [f"arn:aws:iam::{account}:root" for account in (BI, GOVERNANCE)]
    rule = {
        "Effect": "Allow",
        "Principal": {"AWS": [*readers, f"arn:aws:iam::{GOVERNANCE}:role/lakeformation-data-access"]},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    }
    return {"Version": "2012-10-17", "Statement": [rule]}


def make_source(producer: Producer, location: str) -> Table:
    """In the producer's Glue, and in the mirror."""
    glue, name = producer.mesh.cloud.client("glue", BI), f"raw_{producer.database}"
    columns = [{"Name": one["name"], "Type": one["type"]} for one in COLUMNS]
    storage = {"Columns": columns, "Location": location, "InputFormat": TEXT, "OutputFormat": TEXT}
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_table(
        DatabaseName=name,
        TableInput={
            "Name": "policies",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": {**storage, "SerdeInfo": SERDE},
            "Parameters": HEADER,
        },
    )
    let_read_files(producer.mesh, BI, producer.mesh.roles[BI].name, location)
    let_read_files(producer.mesh, GOVERNANCE, "lakeformation-data-access", location)
    let_read(producer.mesh, BI, name)
    home = factories.make_catalog(Account.objects.get(account_id=BI))
    ConnectedCatalog.objects.filter(pk=home.pk).update(kind=ConnectedCatalog.Kind.PRODUCER)
    table = factories.make_table(factories.make_database(home, None, name), "policies", columns=())
    for position, one in enumerate(COLUMNS):
        Column.objects.create(table=table, name=one["name"], type=one["type"], position=position)
    said = {"input": TEXT, "output": TEXT, "serde": LAZY_SIMPLE, "serde_parameters": {"field.delim": ","}}
    Table.objects.filter(pk=table.pk).update(location=location, parameters=HEADER, storage=said)
    table.refresh_from_db()
    return table


def let_read_files(mesh: Mesh, account: str, role: str, location: str) -> None:
    bucket = location.split("/")[2]
    places = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    rule = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": places}
    document = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    mesh.cloud.client("iam", account).put_role_policy(
        RoleName=role, PolicyName=bucket, PolicyDocument=document
    )


def let_read(mesh: Mesh, account: str, database: str) -> None:
    """The engineers' role reads the table in a catalog."""
    mesh.cloud.client("lakeformation", account).grant_permissions(
        Principal={"DataLakePrincipalIdentifier": mesh.roles[BI].arn},
        Resource={"Table": {"DatabaseName": database, "Name": "policies"}},
        Permissions=["SELECT"],
    )


def compare(row: RowComparison) -> RowComparison:
    with as_role("meshmarket_worker"):
        assert any(advance_comparison(row.pk) for _ in range(10))
    row.refresh_from_db()
    return row


def request(producer: Producer, row: Registration) -> RowComparison:
    with as_role("meshmarket_web"):
        return request_comparison(acting_user=producer.mesh.owner, registration_id=row.pk, now=clock.now())


def forget_header(producer: Producer, row: Registration) -> None:
    found = producer.find_table(row)
    changed = {name: found[name] for name in ("Name", "TableType", "Parameters", "StorageDescriptor")}
    changed["Parameters"] = {**found["Parameters"], "skip.header.line.count": "0"}
    producer.mesh.governance_client("glue").update_table(DatabaseName=row.database, TableInput=changed)


def test_a_registered_csv_gives_the_rows_of_its_source_until_it_reads_the_header(
    producer: Producer, csv: Registration
) -> None:
    let_read(producer.mesh, GOVERNANCE, csv.database)
    with as_role("meshmarket_worker"):
        assert request_due_comparisons(now=clock.now()) == 1
    first = RowComparison.objects.get()
    assert list_due(TaskName.COMPARE_ROWS) == [first.pk]
    first = compare(first)
    assert (first.state, first.problem, first.error) == (ComparisonState.SAME, "", "")
    assert (first.source_rows, first.table_rows, first.file[-6:]) == (2, 2, "/1.csv")
    forget_header(producer, csv)
    second = compare(request(producer, csv))
    assert (second.state, second.source_rows, second.table_rows) == (ComparisonState.DIFFERENT, 2, 3)
    assert second.differing_columns == ["policy_id", "premium"]
    project_all_events()
    told = Notification.objects.filter(event__verb="find_different_rows")
    assert {one.person for one in told} == {csv.requested_by}
    assert "P-1" not in json.dumps(list(RowComparison.objects.values()), default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE data::text LIKE '%P-1%'")
        assert cursor.fetchone() == (0,)


def test_what_may_not_be_read_is_not_compared(producer: Producer, csv: Registration) -> None:
    """The registration itself lets nobody read rows."""
    row = compare(request(producer, csv))
    assert (row.state, row.problem) == (ComparisonState.UNKNOWN, ComparisonProblem.TABLE_REFUSED), row.error
    assert row.table_rows is None
    Table.objects.filter(name="policies", database__name__startswith="raw_").update(tombstoned_at=clock.now())
    assert compare(request(producer, csv)).problem == ComparisonProblem.NO_SOURCE
