"""The two consumers of the verdict and the producer, and the IAM roles that are made for them at each start."""

import json
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from demo.embedded.waits import wait_for_change
from demo.journey.cloud import Cloud
from demo.journey.site_client import ResponseError, SiteClient
from demo.journey.steps import require

POLICY_NAME = "inline"
CLEAN_UP_SILENCE_SECONDS = 90.0
"""A killed worker's lease and the deadline of its call must pass before anyone else may act."""
DATABASE, TABLE = "insurance_gold", "life_expectancy"
PRODUCT, PRODUCT_NAME = "life-expectancy", "Life Expectancy"
BUCKET, OBJECT_KEY = "harbour-insurance-gold", "life_expectancy/part-00000.parquet"
GOVERNANCE_ADMIN = "greta.sommer@harbour.example"
PRODUCER = "jonas.weber@harbour.example"
CATALOG = "gov"
ROLE_PREFIX = "verdict-"
SENSITIVE_COLUMN = "expected_remaining_years"


@dataclass(frozen=True)
class SignedInPeople:
    """The signed-in persons: who governs, who produces, and each consumer by name."""

    governor: SiteClient
    producer: SiteClient
    consumers: dict[str, SiteClient]


@dataclass(frozen=True)
class Consumer:
    """`columns` are asked for; the table's partition key comes with any of them, so it is asked for as well.

    `region`: the only one whose rows are asked for; empty: all rows.
    """

    title: str
    name: str
    account: str
    email: str
    results_bucket: str
    columns: tuple[str, ...]
    purpose: str
    search: str
    is_outside: bool = False
    region: str = ""

    @property
    def row_filter(self) -> str:
        return f"region = '{self.region}'" if self.region else ""


def create_role(cloud: Cloud, consumer: Consumer) -> str:
    """A role like the consumer account's own ones, made by its root; returns its ARN."""
    name = f"{ROLE_PREFIX}{consumer.name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
    iam = cloud.root("iam", consumer.account)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{consumer.account}:root"},
        "Action": "sts:AssumeRole",
    }
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]
    bucket = f"arn:aws:s3:::{consumer.results_bucket}"
    data = {
        "Effect": "Allow",
        "Action": ["athena:*", "glue:Get*", "lakeformation:GetDataAccess"],
        "Resource": ["*"],
    }
    results = {"Effect": "Allow", "Action": ["s3:*"], "Resource": [bucket, f"{bucket}/*"]}
    iam.put_role_policy(RoleName=name, PolicyName=POLICY_NAME, PolicyDocument=_document(data, results))
    return str(made["Arn"])


def clean_up_earlier_runs(cloud: Cloud, people: SignedInPeople) -> str:
    """End what an earlier verdict left: requests and grants through the site, then the roles in IAM."""
    old = {arn for consumer in CONSUMERS for arn in list_verdict_roles(cloud, consumer)}
    if not old:
        return "nothing was left"
    withdrawn = sum(_withdraw_items(people.consumers[consumer.name], old) for consumer in CONSUMERS)
    ended = [grant for consumer in people.consumers.values() for grant in consumer.list_all("grants")]
    mine = [grant for grant in ended if _arn_of(grant) in old]
    revoked = [grant for grant in mine if grant["ended_at"] is None]
    for grant in revoked:
        revoke_grant(people.producer, grant["id"], "The verdict of an earlier start was broken off.")
    for grant in mine:
        _wait_for_absence(people.producer, grant["id"])
    for arn in old:
        delete_role(cloud, arn)
    return f"{withdrawn} asks withdrawn, {len(revoked)} grants revoked, {len(old)} roles deleted"


def clean_up_run(cloud: Cloud, people: SignedInPeople, made: list[str]) -> str:
    """End all that this run made, whatever became of it: the next start finds nothing of it."""
    left = clean_up_earlier_runs(cloud, people) if made else "nothing was made"
    left_over = [arn for consumer in CONSUMERS for arn in list_verdict_roles(cloud, consumer)]
    require(not left_over, f"still there: {', '.join(left_over)}")
    return left


def list_verdict_roles(cloud: Cloud, consumer: Consumer) -> list[str]:
    """ARNs of the verdict's roles in the consumer's account."""
    pages = cloud.root("iam", consumer.account).get_paginator("list_roles").paginate()
    roles: list[dict[str, Any]] = [role for page in pages for role in page["Roles"]]
    return [str(role["Arn"]) for role in roles if role["RoleName"].startswith(ROLE_PREFIX)]


def delete_role(cloud: Cloud, arn: str) -> None:
    """The role and its policy; one that is gone already is fine."""
    iam, name = cloud.root("iam", arn.split(":")[4]), arn.rsplit("/", 1)[-1]
    try:
        iam.delete_role_policy(RoleName=name, PolicyName=POLICY_NAME)
        iam.delete_role(RoleName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise


def revoke_grant(person: SiteClient, grant: str, reason: str) -> None:
    person.post(f"grants/{grant}/revoke", {"comment": reason})


def _wait_for_absence(person: SiteClient, grant: str) -> None:
    wait_for_change(
        lambda: person.get(f"grants/{grant}"),
        is_absent,
        f"grant {grant} of an earlier verdict did not become absent",
        describe=lambda seen: (seen["state"], seen["presence"]),
        silence=CLEAN_UP_SILENCE_SECONDS,
    )


def is_absent(grant: dict[str, Any]) -> bool:
    """Whether the portal says that AWS was read back since the end, and held nothing."""
    return bool(grant["state"] == "ended" and grant["presence"] == "absent")


def _arn_of(found: dict[str, Any]) -> str | None:
    """Of the role or user that receives it."""
    principal = found["recipient"]["principal"]
    return principal["id"] if principal else None


def _withdraw_items(person: SiteClient, arns: set[str]) -> int:
    waiting = [
        item["id"]
        for asked in person.list_all("access-requests")
        if _arn_of(asked) in arns
        for item in asked["items"]
        if item["state"] == "waiting_for_review"
    ]
    for item in waiting:
        try:
            person.post(f"request-items/{item}/withdraw", {})
        except ResponseError as error:
            if error.status != 409:  # noqa: PLR2004 - decided on meanwhile
                raise
    return len(waiting)


def _document(*rules: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(rules)})


BI = Consumer(
    title="BI",
    name="bi",
    account="310000000001",
    email="ana.keller@harbour.example",
    results_bucket="harbour-bi-results",
    columns=("policy_id", "birth_year", "region", "smoker"),
    purpose="Longevity figures in the monthly report to the board",
    search="life expectancy",
)
PARTNER = Consumer(
    title="Partner",
    name="partner",
    account="610000000001",
    email="mira.okafor@actuary-partners.example",
    results_bucket="harbour-partner-results",
    columns=("policy_id", "gender", "region", "product_line", "sum_insured"),
    purpose="Reserve model for the annuity portfolio, under the contract of October",
    search="actuarial mortality",
    is_outside=True,
    region="Sued",
)
CONSUMERS = (BI, PARTNER)
