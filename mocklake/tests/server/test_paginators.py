"""botocore's paginators of every implemented operation, page by page to the end, and what has none yet."""

from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from botocore import xform_name

from mocklake.server.operations import HANDLERS
from mocklake.testing.checks import eventually
from mocklake.testing.in_process import InProcess

ACCOUNT = "111111111111"
NAMES = {"servicequotas": "service-quotas"}
WITHOUT = {"sts"}
"""Services for which botocore has no paginators; none of them all has waiters."""
MADE = 5


def _paginators() -> list[tuple[str, str]]:
    session = botocore.session.get_session()
    found = []
    for service in sorted(HANDLERS.keys() - WITHOUT):
        loader = session.get_component("data_loader")
        config = loader.load_service_model(NAMES.get(service, service), "paginators-1")["pagination"]
        found += [(service, name) for name in sorted(config) if name in HANDLERS[service]]
    return found


def _snake(name: str) -> str:
    return str(xform_name(name))


@pytest.fixture(scope="module")
def aws() -> InProcess:
    """Five of everything that can be listed."""
    made = InProcess(manners="polite")
    made.simulator.world.accounts["222222222222"] = "receiver"
    glue, lake, events = (made.client(name, ACCOUNT) for name in ("glue", "lakeformation", "events"))
    columns = {"Columns": [{"Name": "id", "Type": "int"}], "Location": "s3://lake/t"}
    glue.create_database(DatabaseInput={"Name": "d"})
    for number in range(MADE):
        name = f"n{number}"
        glue.create_database(DatabaseInput={"Name": name})
        table = {
            "Name": name,
            "StorageDescriptor": columns,
            "PartitionKeys": [{"Name": "p", "Type": "string"}],
        }
        glue.create_table(DatabaseName="d", TableInput=table)
        partition = {"Values": [name], "StorageDescriptor": columns}
        glue.create_partition(DatabaseName="d", TableName="n0", PartitionInput=partition)
        lake.create_lf_tag(TagKey=name, TagValues=["v"])
        events.put_rule(Name=name, EventPattern='{"source": ["aws.glue"]}')
        target = {"Id": name, "Arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:{name}"}
        events.put_targets(Rule="n0", Targets=[target])
        glue.update_table(DatabaseName="d", TableInput={**table, "Name": "n0"})
    shared = {"Table": {"DatabaseName": "d", "Name": "n1"}}
    everyone, receiver = (
        {"DataLakePrincipalIdentifier": one} for one in ("IAM_ALLOWED_PRINCIPALS", "222222222222")
    )
    lake.revoke_permissions(Principal=everyone, Resource=shared, Permissions=["ALL"])
    lake.grant_permissions(Principal=receiver, Resource=shared, Permissions=["SELECT"])
    return made


def _query(aws: InProcess) -> str:
    """The id of a query with five rows, which has succeeded."""
    aws.client("s3", ACCOUNT).create_bucket(Bucket="query-results", CreateBucketConfiguration=PLACE)
    athena = aws.client("athena", ACCOUNT)
    started = athena.start_query_execution(
        QueryString="SHOW TABLES IN d",
        ResultConfiguration={"OutputLocation": "s3://query-results/"},
    )["QueryExecutionId"]
    eventually(lambda: _state(athena, started) == "SUCCEEDED", 10)
    return str(started)


def _state(athena: Any, started: str) -> str:
    status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]
    assert status["State"] != "FAILED", status
    return str(status["State"])


PLACE = {"LocationConstraint": "eu-central-1"}
ASKED: dict[str, dict[str, Any]] = {
    "GetTables": {"DatabaseName": "d"},
    "GetPartitions": {"DatabaseName": "d", "TableName": "n0"},
    "GetTableVersions": {"DatabaseName": "d", "TableName": "n0"},
    "GetPartitionIndexes": {"DatabaseName": "d", "TableName": "n0"},
    "ListTargetsByRule": {"Rule": "n0"},
    "ListRuleNamesByTarget": {"TargetArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:n0"},
    "ListDatabases": {"CatalogName": "AwsDataCatalog"},
    "ListTableMetadata": {"CatalogName": "AwsDataCatalog", "DatabaseName": "d"},
    "GetResourceShares": {"resourceOwner": "SELF"},
    "ListResources": {"resourceOwner": "SELF"},
    "ListPrincipals": {"resourceOwner": "SELF"},
    "GetResourceShareAssociations": {"associationType": "RESOURCE"},
    "GetResourcePolicies": {"resourceArns": [f"arn:aws:glue:eu-central-1:{ACCOUNT}:table/d/n1"]},
    "ListTagsForResource": {"ResourceARN": f"arn:aws:athena:eu-central-1:{ACCOUNT}:workgroup/primary"},
    "SearchDatabasesByLFTags": {"Expression": [{"TagKey": "n0", "TagValues": ["v"]}]},
    "SearchTablesByLFTags": {"Expression": [{"TagKey": "n0", "TagValues": ["v"]}]},
    "ListServiceQuotas": {"ServiceCode": "glue"},
    "ListAWSDefaultServiceQuotas": {"ServiceCode": "glue"},
}
LEAST = {"ListTagsForResource": 75}
FULL = {
    "GetDatabases", "GetTables", "GetPartitions", "GetTableVersions", "ListLFTags", "ListRules", "ListTargetsByRule",
    "ListDatabases", "ListTableMetadata", "LookupEvents", "GetQueryResults",
}  # fmt: skip
"""Listings of which the world has five items or more."""


def _run(aws: InProcess, service: str, operation: str, size: int, query: str) -> list[list[Any]]:
    """The items of each page; an AssertionError where the key of the result is not there."""
    paginator = aws.client(NAMES.get(service, service), ACCOUNT).get_paginator(_snake(operation))
    asked = {} if (service, operation) == ("glue", "GetResourcePolicies") else dict(ASKED.get(operation, {}))
    if service == "cloudtrail" and operation == "ListTags":
        asked["ResourceIdList"] = []
    if operation == "GetQueryResults":
        asked["QueryExecutionId"] = query
    size = max(size, LEAST.get(operation, 1))
    settings = {"PageSize": size} if paginator._limit_key else {}
    pages = list(paginator.paginate(**asked, PaginationConfig=settings))
    found = [paginator.result_keys[0].search(page) for page in pages]
    assert None not in found
    return found


@pytest.mark.parametrize(("service", "operation"), _paginators())
def test_a_paginator_reads_to_the_end(aws: InProcess, service: str, operation: str) -> None:
    query = _query(aws) if operation == "GetQueryResults" else ""
    pages = _run(aws, service, operation, 2, query)
    items = [one for page in pages for one in page]
    assert len(pages) == 1 or len({str(one) for one in items}) == len(items)
    if operation != "LookupEvents":
        assert len(items) == sum(map(len, _run(aws, service, operation, 50, query)))
    if operation in FULL:
        assert len(items) >= MADE
        assert len(pages) > 1
        assert all(len(page) <= 2 for page in pages)


def test_the_services_have_no_waiters() -> None:
    session = botocore.session.get_session()
    for service in HANDLERS:
        with pytest.raises(botocore.exceptions.UnknownServiceError):
            session.get_waiter_model(NAMES.get(service, service))
