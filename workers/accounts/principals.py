"""Reads an account's roles and users, and runs test queries as a grant's role: one pass starts a query, a later one reads its result."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from fulfilment.role_queries import TestQuery
from identity.accounts import Account, Principal
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from kernel.storable_text import replace_unstorable
from lakeformation.values.arn import ROLE_OR_USER_PATTERN, PrincipalArn, is_created_by
from workers.aws import athena
from workers.aws.athena import QueryResult
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.iam import find_identity, iterate_role_pages, iterate_user_pages, list_trusted_services
from workers.aws.sessions import drop_ended_sessions, get_client, get_client_as, read_worker_arn
from workers.recorded_requests import find_refusal

WHOLE_ACCOUNT = "whole account"
SERVICE_LINKED_PATH = "/aws-service-role/"
TAGS_MAX_AGE = timedelta(hours=1)
MAX_TAG_READS = 50
"""Roles and users of an account whose tags one sync reads, those that were read longest ago first: a call each."""
MAX_SERVICES = 50
ListedPrincipals = Mapping[str, Mapping[str, Any]]
"""Roles and users as IAM lists them, by unique id."""


def sync_principals(account: Account, region: str, now: datetime) -> int:
    """Read all roles and users of an account, then store what differs; returns how many are live.

    AwsError when the reading is refused or breaks off: no role or user was changed then, and of tags those stand
    that were read before.
    """
    iam = get_client("iam", account=account, role="observer", region=region, session_name="meshmarket-sync")
    ours = read_worker_arn()
    own = {account.observer_role_arn, account.executor_role_arn}
    own.update(account.catalogs.values_list("location_role_arn", flat=True))
    living = {
        key: one
        for key, one in _list_principals(iam)
        if one["Arn"] not in own
        and not is_created_by(ours, one["Arn"])
        and not str(one.get("Path", "/")).startswith(SERVICE_LINKED_PATH)
    }
    with transaction.atomic():
        _store_principals(account, living, now)
    old = Q(tags_read_at=None) | Q(tags_read_at__lt=now - TAGS_MAX_AGE)
    live = Principal.objects.filter(
        old, account=account, gone_at=None, arn__regex=f"^{ROLE_OR_USER_PATTERN.pattern}$"
    )
    read = []
    try:
        for principal in live.order_by(F("tags_read_at").asc(nulls_first=True), "pk")[:MAX_TAG_READS]:
            identity = find_identity(iam, PrincipalArn.parse(principal.arn))
            # Gone or made anew since it was listed: the next sync sees that, and its tags are not this one's.
            if identity is not None and principal.unique_id in {
                identity.get("RoleId"),
                identity.get("UserId"),
            }:
                principal.tags, principal.tags_read_at = _parse_tags(identity), now
                read.append(principal)
    finally:
        Principal.objects.bulk_update(read, ["tags", "tags_read_at"])
    return len(living)


def _list_principals(iam: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for page in iterate_role_pages(iam):
        yield from ((one["RoleId"], one) for one in page)
    for page in iterate_user_pages(iam):
        yield from ((one["UserId"], one) for one in page)


def _store_principals(account: Account, living: ListedPrincipals, now: datetime) -> None:
    live = Principal.objects.filter(account=account, gone_at=None)
    # One made anew under its name has another id: the old row goes before the new one comes.
    live.exclude(unique_id__in=[*living, account.account_id]).update(gone_at=now)
    Principal.objects.get_or_create(
        unique_id=account.account_id,
        defaults={
            "account": account,
            "arn": account.account_id,
            "name": WHOLE_ACCOUNT,
            "first_seen_at": now,
        },
    )
    known = {
        principal.unique_id: principal for principal in Principal.objects.filter(unique_id__in=list(living))
    }
    back = Principal.objects.filter(account=account, unique_id__in=list(living), gone_at__isnull=False)
    back.update(gone_at=None)
    Principal.objects.bulk_create(
        Principal(
            account=account,
            arn=replace_unstorable(one["Arn"], 600),
            name=replace_unstorable(one.get("RoleName") or one["UserName"], 128),
            unique_id=key,
            first_seen_at=now,
            services=_parse_services(one),
        )
        for key, one in living.items()
        if key not in known
    )
    others = [(row, _parse_services(living[key])) for key, row in known.items()]
    changed = [(row, services) for row, services in others if row.services != services]
    for row, services in changed:
        row.services = services
    Principal.objects.bulk_update([row for row, _services in changed], ["services"])


def _parse_services(one: Mapping[str, Any]) -> list[str]:
    return [replace_unstorable(name, 128) for name in list_trusted_services(one)][:MAX_SERVICES]


def _parse_tags(found: Mapping[str, Any]) -> dict[str, str]:
    """At most 128 characters a key and 256 a value, fifty of them (IAM quotas)."""
    return {
        replace_unstorable(tag["Key"], 128): replace_unstorable(tag["Value"], 256)
        for tag in found.get("Tags") or ()
    }


SESSION_NAME = "meshmarket-test-query-%d"  # cloudtrail/records.TEST_QUERY_SESSION reads it back
Outcome = TestQuery.Outcome


def fail_query(query_id: int, reason: str) -> None:
    """Finish a query that failed with an unexpected exception."""
    if row := _list_pending().filter(pk=query_id).first():
        _finish(row, Outcome.FAILED, reason)


def build_session_name(query: TestQuery) -> str:
    """The session name of the query, which CloudTrail shows."""
    return SESSION_NAME % query.pk


def _list_pending() -> QuerySet[TestQuery]:
    return TestQuery.objects.filter(finished_at=None)


def advance_query(pk: int) -> bool:
    """Start the query or read its result; returns whether it has finished."""
    with try_session_lock(AdvisoryLock.TEST_QUERY, pk) as is_ours:
        row = _list_pending().filter(pk=pk).first() if is_ours else None
        if row is None:
            return False
        if not row.allowed_execution and (reason := find_refusal(row, database_now())):
            return _finish(row, Outcome.FAILED, reason)
        try:
            return _start_or_finish(row)
        except AwsError as error:
            drop_ended_sessions(error)
            if error.kind in {ErrorKind.THROTTLED, ErrorKind.SESSION_ENDED, ErrorKind.UNKNOWN}:
                return False  # asked again at the next pass
            return _finish(row, Outcome.FAILED, error.message)


def _start_or_finish(row: TestQuery) -> bool:
    """Whether it has ended with this."""
    access = row.intent.access
    account = Account.objects.get(account_id=access.consumer)
    try:
        aws = get_client_as(
            access.principal_arn,
            "athena",
            account=account,
            region=access.consumer_catalog.region,
            session_name=build_session_name(row),
        )
    except AwsError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
        return _finish(row, Outcome.NOT_TRUSTED, error.message)
    if not row.allowed_execution:
        where = {"database": row.database, "table": row.table}
        if row.refused_column:
            row.refused_execution = athena.start_query(aws, **where, column=row.refused_column)
        row.allowed_execution = athena.start_query(aws, **where, column=row.allowed_column)
        row.save(update_fields=["allowed_execution", "refused_execution"])
    allowed = athena.read_query_result(aws, row.allowed_execution)
    refused = athena.read_query_result(aws, row.refused_execution) if row.refused_execution else None
    if not allowed.state or (refused and not refused.state):
        return False
    return _finish(row, *_judge(row, allowed, refused))


def _judge(row: TestQuery, allowed: QueryResult, refused: QueryResult | None) -> tuple[Outcome, str]:
    if refused and refused.succeeded:
        return Outcome.CONTRADICTED, f"it reads {row.refused_column}, which this grant does not give"
    if allowed.was_refused:
        return Outcome.CONTRADICTED, f"it is refused {row.allowed_column}: {allowed.reason}"
    if not allowed.succeeded or (refused and not refused.was_refused):
        return Outcome.FAILED, allowed.reason or (refused.reason if refused else "")
    return Outcome.PROVEN, ""


def _finish(row: TestQuery, outcome: Outcome, text: str) -> bool:
    row.outcome, row.text, row.finished_at = outcome, text, database_now()
    row.save(update_fields=["outcome", "text", "finished_at"])
    return True
