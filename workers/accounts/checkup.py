"""Check-ups of accounts: read their settings, as far as AWS allows, and record what is missing."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from secrets import token_hex
from typing import Any, TypeVar
from urllib.parse import urlsplit

import urllib3
from django.db.models import Q

from fulfilment.intents.actions import wake_scope
from fulfilment.rounds import Scope
from identity.accounts import Account, LocalGroup
from identity.connections import Checkup
from kernel.advisory_locks import AdvisoryLock, try_session_lock
from kernel.clock import now as database_now
from lakeformation.checkup import (
    AccountReading,
    Check,
    CheckState,
    Finding,
    FindingKind,
    RegisteredLocation,
    list_findings,
)
from workers.aws import iam, reads
from workers.aws.errors import AwsError
from workers.aws.reads import read_permissions
from workers.aws.sessions import RoleName, get_client, opens_without_external_id, read_worker_endpoint
from workers.recorded_requests import find_refusal

Result = TypeVar("Result")


def run_checkup(checkup_id: int) -> None:
    """Run a requested check-up, unless another worker has it."""
    with try_session_lock(AdvisoryLock.ACCOUNT_CHECKUP, checkup_id) as is_ours:
        row = Checkup.objects.filter(pk=checkup_id, finished_at=None).first() if is_ours else None
        if row is not None:
            _check_and_finish(row)


def check_account(account: Account, region: str) -> list[Finding]:
    """Everything found in one region, read-only. The account need not be stored."""
    return list_findings(read_account(account, region))


def read_account(account: Account, region: str) -> AccountReading:
    """What its observer sees in one region, and what AWS refused."""
    return _AccountReader(account, region).read()


def _check_and_finish(row: Checkup) -> None:
    if reason := find_refusal(row, database_now()):
        _finish_unread(row, reason)
        return
    account = row.account or row.connection.as_account()  # type: ignore[union-attr]
    _finish(row, check_account(account, account.region))
    if row.account:
        # Wake the account's scopes so that refused changes are retried: somebody may have changed its
        # settings.
        now = database_now()
        for scope in Scope.objects.filter(
            Q(catalog__account=row.account) | Q(consumer=row.account), refusals__isnull=False
        ).distinct():
            wake_scope(scope_key=scope.key, reason="a check-up was made", now=now, retries=True)


def fail_checkup(checkup_id: int, reason: str) -> None:
    """Finish a check-up that failed with an unexpected exception, so that it is not repeated."""
    if row := Checkup.objects.filter(pk=checkup_id, finished_at=None).first():
        _finish_unread(row, f"The check failed with {reason}.")


def _finish_unread(row: Checkup, reason: str) -> None:
    remedy = "Start another check, and look into the log."
    _finish(row, [Finding(FindingKind.UNKNOWN, "broke-off", reason, remedy)])


def _finish(row: Checkup, findings: list[Finding]) -> None:
    row.findings = [asdict(finding) for finding in findings]
    row.finished_at = database_now()
    row.save(update_fields=["findings", "finished_at"])


@dataclass
class _AccountReader:
    """Reads one account and collects what AWS refused."""

    account: Account
    region: str
    refused: dict[str, str] = field(default_factory=dict)
    session: str = field(default_factory=lambda: f"checkup-{token_hex(4)}")
    """Unique, as a cached session would not show whether the role can still be assumed."""

    def read(self) -> AccountReading:
        """Read what AWS allows. If the observer role cannot be assumed, nothing else is read with it."""
        lake = self.read_or_note("the observer's role", lambda: self._client("lakeformation", "observer"))
        self.read_or_note("the executor's role", lambda: self._client("sts", "executor"))
        told = {} if lake is None else self._read_settings(lake)
        # Of an account of the mesh, whether a catalog of this region is connected; of another, whether it
        # asks to grant.
        if not self.account.pk:
            owns_catalog = self.account.is_producer
        else:
            owns_catalog = self.account.catalogs.filter(region=self.region).exists()
        return AccountReading(
            observer=self.account.observer_role_arn,
            executor=self.account.executor_role_arn,
            owns_catalog=owns_catalog,
            has_local_groups=LocalGroup.objects.filter(
                account__account_id=self.account.account_id, ended_at=None
            ).exists(),
            read_errors=self.refused,
            roles_without_external_id=self._list_open_roles(),
            **told,
        )

    def _read_settings(self, lake: Any) -> dict[str, Any]:
        glue, catalog = self._client("glue", "observer"), self.account.account_id
        return {
            "settings": self.read_or_note(
                "the data lake's settings", lambda: iam.read_data_lake_settings(lake, catalog)
            ),
            "permissions": self.read_or_note("the permissions", lambda: read_permissions(lake, catalog)),
            "row_policies_error": self._find_row_policies_error(lake),
            "locations": self.read_or_note("the data locations", lambda: self._locations(lake)),
            "resource_policy": self.read_or_note(
                "the catalog's resource policy", lambda: iam.read_resource_policy(glue)
            ),
            "encryption": self.read_or_note(
                "the catalog's encryption", lambda: iam.read_encryption(glue, catalog)
            ),
        }

    def read_or_note(self, what: str, read: Callable[[], Result]) -> Result | None:
        try:
            return read()
        except AwsError as error:
            self.refused[what] = error.message or error.code
            return None

    def _find_row_policies_error(self, lake: Any) -> str:
        """Why row-level security policies cannot be listed, in AWS's words; empty where they can."""
        try:
            reads.list_row_policies(lake)
            reads.list_row_policy_attachments(lake)
        except AwsError as error:
            return error.message or error.code
        return ""

    def _client(self, service: str, role: RoleName) -> Any:
        return get_client(
            service, account=self.account, role=role, region=self.region, session_name=self.session
        )

    def _locations(self, lake: Any) -> list[RegisteredLocation]:
        return [
            RegisteredLocation(row["ResourceArn"], row.get("RoleArn", ""), row.get("VerificationStatus", ""))
            for row in reads.list_registered_resources(lake)
        ]

    def _list_open_roles(self) -> frozenset[str]:
        arns = (self.account.observer_role_arn, self.account.executor_role_arn)
        return frozenset(arn for arn in arns if self._opens_without_external_id(arn))

    def _opens_without_external_id(self, arn: str) -> bool:
        try:
            return opens_without_external_id(arn, self.session)
        except AwsError as error:
            self.refused["whether the ExternalId is asked for"] = error.message or error.code
            return False


AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")
TIMEOUT = urllib3.Timeout(connect=2.0, read=5.0)


def check_mocklake() -> Check | None:
    """Whether it keeps its state; None for AWS, and for another endpoint or one that does not answer."""
    endpoint = read_worker_endpoint()
    health = None if (urlsplit(endpoint).hostname or "").endswith(AWS_DOMAINS) else _read_health(endpoint)
    if health is None:
        return None
    text = f"The AWS at {endpoint} is mocklake, and keeps its state."
    if "snapshot" not in health:
        return Check("mocklake", text, CheckState.OK)
    error, since = health["snapshot"]["error"], health["snapshot"]["since"]
    finding = Finding(
        FindingKind.MISSING,
        "mocklake_loses_state",
        f"The AWS at {endpoint} is mocklake, and has not been able to write its state since {since}: {error}.",
        "A restart would lose what was written since. Look at its state folder, its disk and its log.",
    )
    return Check("mocklake", text, CheckState.ATTENTION, (finding,))


def _read_health(endpoint: str) -> dict[str, Any] | None:
    try:
        with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as pool:
            content = pool.request("GET", f"{endpoint.rstrip('/')}/_mocklake/health").data
        found = json.loads(content)
    except (urllib3.exceptions.HTTPError, ValueError):
        return None
    return found if isinstance(found, dict) and "ok" in found else None
