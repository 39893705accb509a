"""Who used what, by the files that CloudTrail leaves in S3."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from catalog.usage.models import LastUse, Trail, TrailReading
from demo.bank.accounts import BI, GOVERNANCE, REGION
from fulfilment.health import read_wall_clock
from fulfilment.role_queries import TestQuery
from kernel import clock
from mocklake.testing.trail_bucket import bucket
from requests_app.grants.models import Grant
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.requirements import RequirementMark
from requests_app.grants.usage import GrantLastUse, filter_unused, get_last_uses
from tests.database import as_operator, as_role, without_triggers
from tests.workers.accounts.test_role_queries import run_query, trust_workers
from tests.workers.mesh import Mesh
from workers.cloudtrail import TableReader, is_test_query, read_trail


@dataclass
class Logs:
    """A trail of the catalog's account, which the portal knows."""

    mesh: Mesh
    bucket: str
    trail: Trail

    def read(self) -> int:
        """All that was logged until now is delivered, and read."""
        self.mesh.cloud.control("trail", {})
        with as_role("meshmarket_worker"):
            return read_trail(self.trail.pk)

    def put(self, name: str, body: bytes) -> None:
        s3 = self.mesh.cloud.client("s3", GOVERNANCE)
        day = f"AWSLogs/{GOVERNANCE}/CloudTrail/{REGION}/{read_wall_clock():%Y/%m/%d}"
        s3.put_object(Bucket=self.bucket, Key=f"{day}/{name}", Body=body)

    @property
    def reading(self) -> TrailReading:
        return TrailReading.objects.get(trail=self.trail)


@pytest.fixture
def logs(mesh: Mesh) -> Iterator[Logs]:
    name = f"logs-{mesh.catalog.short_name}-{mesh.database.replace('_', '-')}"
    bucket(mesh.cloud, GOVERNANCE, name)
    let_observer_read(mesh, name)
    cloudtrail = mesh.cloud.client("cloudtrail", GOVERNANCE)
    cloudtrail.create_trail(Name=name, S3BucketName=name)
    cloudtrail.start_logging(Name=name)
    with as_operator():
        trail = Trail.objects.create(catalog=mesh.catalog, bucket=name)
    yield Logs(mesh, name, trail)
    cloudtrail.delete_trail(Name=name)
    iam = mesh.cloud.client("iam", GOVERNANCE)
    iam.delete_role_policy(RoleName="meshmarket-observer", PolicyName="trail")


def let_observer_read(mesh: Mesh, name: str) -> None:
    """As the template's policy does."""
    arn = f"arn:aws:s3:::{name}"
    rules = [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{arn}/*"},
    ]
    mesh.cloud.client("iam", GOVERNANCE).put_role_policy(
        RoleName="meshmarket-observer", PolicyName="trail",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": rules}),
    )  # fmt: skip


def get_last_use(grant: Grant) -> GrantLastUse:
    return get_last_uses([grant])[grant.pk]


def shift_grant_start(grant: Grant, after: timedelta) -> None:
    """The grant began that much later than it did, or earlier."""
    with without_triggers():
        moved = "UPDATE requests_grant SET granted_at = granted_at + make_interval(secs => %s) WHERE id = %s"
        connection.cursor().execute(moved, [after.total_seconds(), grant.pk])


def get_fourth_level(grant: Grant) -> Any:
    grant = Grant.objects.select_related("intent", "item__table__database__catalog__account").get(pk=grant.pk)
    return build_proof(grant).levels[3]


def test_a_query_from_another_account_is_the_last_use_of_its_grant(mesh: Mesh, logs: Logs) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    assert get_last_use(grant) == GrantLastUse()
    logs.read()
    assert get_last_use(grant).used_at is None
    before = read_wall_clock()
    assert mesh.list_visible_columns()
    assert logs.read() > 0
    at = get_last_use(grant).used_at
    assert at is not None
    assert before.replace(microsecond=0) <= at <= read_wall_clock()
    assert (get_fourth_level(grant).mark, get_fourth_level(grant).seen_at) == (RequirementMark.MET, at)
    row = LastUse.objects.get(catalog=mesh.catalog)
    assert (row.reader, row.account) == (mesh.roles[BI].unique_id, BI)


def test_a_use_in_the_second_in_which_a_grant_began_is_its_own(mesh: Mesh, logs: Logs) -> None:
    grant = mesh.grant()
    at = grant.granted_at.replace(microsecond=0)
    shift_grant_start(grant, at.replace(microsecond=999_999) - grant.granted_at)
    place = {"catalog": mesh.catalog, "database": mesh.table.database.name, "table": mesh.table.name}
    with as_role("meshmarket_worker"):
        LastUse.objects.create(**place, reader=mesh.roles[BI].unique_id, account=BI, at=at)
    assert get_last_use(grant).used_at == at
    with as_role("meshmarket_worker"):
        LastUse.objects.update(at=at - timedelta(seconds=1))
    assert get_last_use(grant).used_at is None


def test_who_was_refused_used_nothing_and_is_told_since_when(mesh: Mesh, logs: Logs) -> None:
    grant = mesh.grant(["policy_id"])
    mesh.run_until_presence(grant, "present")
    logs.read()
    mesh.revoke_outside_portal(["policy_id"])
    assert mesh.select_as_role("policy_id").state == "FAILED"
    shift_grant_start(grant, timedelta(days=-1))
    mesh.governance_client().list_permissions()
    logs.read()
    told = get_last_use(grant)
    assert (told.used_at, told.since, told.until) == (None, logs.reading.since, logs.reading.until)
    assert get_fourth_level(grant).mark == RequirementMark.UNKNOWN
    assert "no use from" in get_fourth_level(grant).text


def test_files_are_read_once_and_what_lies_beside_them_not_at_all(mesh: Mesh, logs: Logs) -> None:
    mesh.governance_client().list_permissions()
    assert logs.read() > 0
    logs.put("notes.txt", b"no log")
    files = logs.reading.files
    with as_role("meshmarket_worker"):
        assert read_trail(logs.trail.pk) == 0
    assert logs.reading.files == files


def test_what_a_role_used_before_its_grant_began_was_not_used_by_it(mesh: Mesh, logs: Logs) -> None:
    first = mesh.grant(["policy_id"])
    mesh.run_until_presence(first, "present")
    assert mesh.list_visible_columns()
    second = mesh.grant(["gender"])
    shift_grant_start(second, timedelta(seconds=2))
    logs.read()
    assert (get_last_use(first).used_at is None, get_last_use(second).used_at) == (False, None)


def test_of_an_account_as_a_whole_any_of_its_roles_uses_it(mesh: Mesh, logs: Logs) -> None:
    account_grant, direct = mesh.grant_to_account(), mesh.grant()
    mesh.run_until_presence(direct, "present")
    assert mesh.list_visible_columns()
    logs.read()
    assert get_last_use(account_grant).used_at == get_last_use(direct).used_at is not None


def test_a_bucket_that_may_not_be_read_says_so_and_is_tried_again(mesh: Mesh, logs: Logs) -> None:
    with as_operator():
        Trail.objects.update(bucket="nobody-made-this")
    assert logs.read() == 0
    assert "not authorized to perform: s3:ListBucket" in logs.reading.trouble
    with as_operator():
        Trail.objects.update(bucket=logs.bucket)
    mesh.governance_client().list_permissions()
    assert logs.read() > 0
    assert logs.reading.trouble == ""


def test_a_file_that_is_none_ends_what_was_complete(mesh: Mesh, logs: Logs) -> None:
    mesh.governance_client().list_permissions()
    logs.read()
    assert logs.reading.since is not None
    name = f"{GOVERNANCE}_CloudTrail_{REGION}_{read_wall_clock():%Y%m%dT%H%MZ}_zzzzzzzzzzzzzzzz.json.gz"
    logs.put(name, b"no gzip")
    with as_role("meshmarket_worker"):
        assert read_trail(logs.trail.pk) == 1
    assert {logs.reading.since, logs.reading.until} == {None}


def test_unused_are_those_of_whom_all_these_days_are_told(mesh: Mesh, logs: Logs) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    logs.read()
    every = Grant.objects.filter(pk=grant.pk)
    now = clock.now()
    assert not filter_unused(every, 5, now).exists()
    with without_triggers():
        connection.cursor().execute("UPDATE requests_grant SET granted_at = granted_at - interval '9 days'")
        connection.cursor().execute(
            "UPDATE catalog_trailreading SET since = since - interval '6 days', until = now()"
        )
    assert filter_unused(every, 5, now).exists()
    assert not filter_unused(every, 7, now).exists()
    with as_role("meshmarket_worker"):
        LastUse.objects.create(
            catalog=mesh.catalog, reader=mesh.roles[BI].unique_id, account=BI, database=mesh.database,
            table=mesh.table.name, at=now - timedelta(days=4),
        )  # fmt: skip
    assert not filter_unused(every, 5, now).exists()
    assert filter_unused(every, 3, now).exists()


def test_our_own_test_query_is_no_use_of_the_role(mesh: Mesh, logs: Logs) -> None:
    trust_workers(mesh)
    grant = mesh.grant(["policy_id"])
    mesh.run_until_presence(grant, "present")
    assert run_query(mesh, grant).outcome == TestQuery.Outcome.PROVEN
    assert logs.read() > 0
    assert not LastUse.objects.filter(catalog=mesh.catalog).exists()


def test_a_session_that_only_bears_the_name_of_a_test_query_is_a_use(mesh: Mesh, logs: Logs) -> None:
    reader = TableReader(mesh.roles[BI].unique_id, BI, "meshmarket-test-query-7")
    assert not is_test_query(reader, read_wall_clock())
