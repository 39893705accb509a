"""A table of 42 columns that two consumers read by LF-Tags, made in the running demo for one story."""

from datetime import UTC, datetime, timedelta
from typing import Any

from demo.bank.accounts import GOVERNANCE
from demo.embedded.waits import wait_for
from demo.journey.cloud import Cloud
from demo.journey.site_client import SiteClient
from demo.journey.verdict_roles import BI, CATALOG, GOVERNANCE_ADMIN, PRODUCER
from tests.demo_process import RunningDemo

Cell = tuple[str, str]
"""A principal's ARN and a column."""
DATABASE, TABLE = "insurance_silver", "payout_accounts"
PERSONAL_COLUMNS = [f"account_{number:02}_iban" for number in range(40)]
OTHER_COLUMNS = ["policy_id", "region"]
KEY, VALUE = "payout_accounts", "all"
READ_BY = {KEY: [VALUE], "confidentiality": ["private"]}
PRIYA = "priya.nair@harbour.example"
READERS = {
    BI.email: "arn:aws:iam::310000000001:role/bi-reporting",
    PRIYA: "arn:aws:iam::310000000002:role/ml-training",
}
"""Roles by the person who requests for them."""
SECONDS = 60.0
FORMAT = "org.apache.hadoop.hive.ql.io.parquet"


def list_readable(cloud: Cloud) -> set[Cell]:
    """What every role of the readers' accounts can read of it in AWS."""
    columns = (*PERSONAL_COLUMNS, *OTHER_COLUMNS)
    return {
        (arn, column)
        for arn in _list_principals(cloud)
        for column in columns
        if cloud.oracle(arn, DATABASE, TABLE, column)[0]
    }


def make_wide_table(demo: RunningDemo) -> None:
    """Created and tagged in AWS, read by a sync, and granted to both consumers by LF-Tags."""
    _create_table(demo.cloud())
    greta, jonas = demo.sign_in(GOVERNANCE_ADMIN), demo.sign_in(PRODUCER)
    run = greta.post("sync-runs", {"catalog": CATALOG})
    wait_for(lambda: greta.get(f"sync-runs/{run['id']}")["finished_at"], SECONDS, "the sync did not end")
    people = {email: demo.sign_in(email) for email in READERS}
    grants = {email: _grant(people[email], jonas, role) for email, role in READERS.items()}
    wait_for(
        lambda: all(people[email].get(f"grants/{grant}")["usable"] for email, grant in grants.items()),
        SECONDS,
        "the roles can't read the table",
    )


def _create_table(cloud: Cloud) -> None:
    glue, lake = cloud.root("glue", GOVERNANCE), cloud.root("lakeformation", GOVERNANCE)
    names = (*PERSONAL_COLUMNS, *OTHER_COLUMNS)
    storage = {
        "Columns": [{"Name": name, "Type": "string"} for name in names],
        "Location": f"s3://harbour-insurance-silver/{TABLE}/",
        "InputFormat": f"{FORMAT}.MapredParquetInputFormat",
        "OutputFormat": f"{FORMAT}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{FORMAT}.serde.ParquetHiveSerDe"},
    }
    made = {"Name": TABLE, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage}
    glue.create_table(DatabaseName=DATABASE, TableInput=made)
    lake.create_lf_tag(TagKey=KEY, TagValues=[VALUE])
    resource = {"Table": {"DatabaseName": DATABASE, "Name": TABLE}}
    lake.add_lf_tags_to_resource(Resource=resource, LFTags=[{"TagKey": KEY, "TagValues": [VALUE]}])


def _grant(requester: SiteClient, owner: SiteClient, role: str) -> str:
    """Requested by tags and approved; returns the grant's id."""
    query = "&".join(f"tag={key}:{value}" for key, values in READ_BY.items() for value in values)
    seen = requester.get(f"catalogs/{CATALOG}/tag-matches?{query}")
    target = {"kind": "tags", "catalog": CATALOG, "tags": READ_BY, "members_hash": seen["members_hash"]}
    body = {
        "recipient": {"kind": "principal", "principal": role},
        "purpose": "Payouts by region", "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        "items": [{"target": target}],
    }  # fmt: skip
    item = requester.post("access-requests", body, f"wide-{role}"[-60:])["items"][0]["id"]
    review = owner.get(f"reviews/{item}")
    said: dict[str, Any] = {"outcome": "approve", "effects_hash": review["effects_hash"]}
    return str(owner.post(f"reviews/{item}/decisions", said)["grant"]["id"])


def _list_principals(cloud: Cloud) -> list[str]:
    found: list[str] = []
    for account in sorted({arn.split(":")[4] for arn in READERS.values()}):
        pages = cloud.root("iam", account).get_paginator("list_roles").paginate()
        found += [str(role["Arn"]) for page in pages for role in page["Roles"]]
    return found
