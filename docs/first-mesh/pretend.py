"""What one would do in AWS itself, done in the pretend one: a stack of `deploy/aws`, a query as a role.

    python docs/first-mesh/pretend.py stack 222222222222 consuming-account WorkerArn=… ExternalId=…
    python docs/first-mesh/pretend.py query 222222222222 menu-planner "SELECT * FROM …" s3://cafe-results/

It needs AWS_ENDPOINT_URL and MOCKLAKE_STATE, which `manage.py local --pretend` writes for a shell.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import yaml

TEMPLATES = Path(__file__).resolve().parents[2] / "deploy" / "aws"
REGION = "eu-central-1"


def client(service: str, account: str, role: str = "") -> Any:
    """As a role, or without one as the account's root."""
    token = (Path(os.environ["MOCKLAKE_STATE"]) / "control-token").read_text()
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_mocklake/credentials?account={account}&role={role}"
    with urlopen(Request(url, headers={"X-Mocklake-Token": token})) as answer:  # noqa: S310
        keys = json.load(answer)
    return boto3.client(
        service,
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )


def stack(account: str, name: str, *given: str) -> None:
    """Roles, policies and Lake Formation permissions of a template, as CloudFormation makes them."""
    values = dict(one.split("=", 1) for one in given)
    text = (TEMPLATES / f"{name}.yaml").read_text()
    for parameter, value in values.items():
        text = re.sub(rf"!Ref {parameter}$", value, text, flags=re.MULTILINE)
    known = {"AWS::Partition": "aws", "AWS::AccountId": account, **values}
    text = re.sub(r"\$\{([\w:]+)\}", lambda named: known.get(named[1], ""), text)
    text = re.sub(r"!(Ref|GetAtt) (\w+)\S*$", r"\2", text, flags=re.MULTILINE)
    resources = yaml.safe_load(re.sub(r"!\w+", "", text))["Resources"]
    met = {
        "Receives": values.get("AlsoReceives") != "no",
        "ReadsTrail": bool(values.get("TrailBucket")),
        "ReadsTimes": bool(values.get("DataBuckets")),
    }
    resources = {name: one for name, one in resources.items() if met.get(one.get("Condition"), True)}
    for resource in resources.values():
        make(account, resource, resources)
    print(f"{name} of {account}: {', '.join(resources)}")


def make(account: str, resource: dict[str, Any], resources: dict[str, Any]) -> None:
    properties = resource["Properties"]
    if resource["Type"] == "AWS::IAM::Role":
        iam, trust = client("iam", account), json.dumps(properties["AssumeRolePolicyDocument"])
        iam.create_role(RoleName=properties["RoleName"], AssumeRolePolicyDocument=trust)
        for policy in properties["Policies"]:
            put(account, properties["RoleName"], policy)
    elif resource["Type"] == "AWS::IAM::RolePolicy":
        put(account, resources[properties["RoleName"]]["Properties"]["RoleName"], properties)
    else:
        holder = resources[properties["Principal"]["DataLakePrincipalIdentifier"]]["Properties"]["RoleName"]
        client("lakeformation", account).grant_permissions(
            Principal=principal(account, holder),
            Resource=properties["Resource"],
            Permissions=properties["Permissions"],
        )


def put(account: str, role: str, policy: dict[str, Any]) -> None:
    document = json.dumps(policy["PolicyDocument"])
    client("iam", account).put_role_policy(
        RoleName=role, PolicyName=policy["PolicyName"], PolicyDocument=document
    )


def principal(account: str, role: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": f"arn:aws:iam::{account}:role/{role}"}


def administrators(account: str, *grants: str) -> None:
    """The observer reads everything; the executor of an account that `grants` is an administrator."""
    lake = client("lakeformation", account)
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    settings["ReadOnlyAdmins"] = [principal(account, "meshmarket-observer")]
    if grants:
        settings["DataLakeAdmins"] = [principal(account, "meshmarket-executor")]
    lake.put_data_lake_settings(DataLakeSettings=settings)
    print(f"{account}: Lake Formation knows the roles")


def query(account: str, role: str, sql: str, results: str) -> None:
    """Prints the rows, or why not; the exit code is 1 then."""
    athena = client("athena", account, role)
    place = {"OutputLocation": results}
    found = athena.start_query_execution(QueryString=sql, ResultConfiguration=place)["QueryExecutionId"]
    while True:
        status = athena.get_query_execution(QueryExecutionId=found)["QueryExecution"]["Status"]
        if status["State"] not in {"QUEUED", "RUNNING"}:
            break
        time.sleep(0.1)
    if status["State"] != "SUCCEEDED":
        sys.exit(status["StateChangeReason"])
    for row in athena.get_query_results(QueryExecutionId=found)["ResultSet"]["Rows"]:
        print(" | ".join(cell.get("VarCharValue", "") for cell in row["Data"]))


VERBS: dict[str, Callable[..., None]] = {"stack": stack, "administrators": administrators, "query": query}

if __name__ == "__main__":
    VERBS[sys.argv[1]](*sys.argv[2:])
