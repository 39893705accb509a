"""A query that reads more than its workgroup allows is cancelled."""

from mocklake.athena.store import WorkGroup
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, PAIR


def test_a_query_beyond_the_limit_is_cancelled() -> None:
    with InProcess(PAIR) as aws:
        athena = aws.client("athena", CENTRAL, "admin")
        athena.create_work_group(
            Name="small",
            Configuration={
                "ManagedQueryResultsConfiguration": {"Enabled": True},
                "BytesScannedCutoffPerQuery": 10_000_000,
            },
        )
        groups = aws.simulator.world.stores["athena"].workgroups
        group: WorkGroup = next(one["small"] for one in groups.values() if "small" in one)
        group.configuration["BytesScannedCutoffPerQuery"] = 1
        lake = aws.client("lakeformation", CENTRAL, "admin")
        lake.grant_permissions(
            Principal={"DataLakePrincipalIdentifier": f"arn:aws:iam::{CENTRAL}:role/admin"},
            Resource={"Table": {"DatabaseName": "sales", "Name": "orders"}},
            Permissions=["SELECT"],
        )
        query = athena.start_query_execution(QueryString="SELECT * FROM sales.orders", WorkGroup="small")
        found = athena.get_query_execution(QueryExecutionId=query["QueryExecutionId"])["QueryExecution"]
        assert found["Status"]["State"] == "CANCELLED"
        assert "Bytes scanned limit was exceeded" in found["Status"]["StateChangeReason"]
        small = athena.start_query_execution(QueryString="SELECT 1", WorkGroup="small")
        found = athena.get_query_execution(QueryExecutionId=small["QueryExecutionId"])["QueryExecution"]
        assert found["Status"]["State"] == "SUCCEEDED"
