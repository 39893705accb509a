"""Check-ups of accounts: read what their set-up is, as far as AWS lets us, and write down what is missing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from secrets import token_hex
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Q

from audit.clock import now as database_now
from fulfilment.background.parts import Faults
from fulfilment.intents.actions import wake
from fulfilment.rounds.models import Scope
from identity.accounts.models import Account, LocalGroup
from identity.connections.models import Checkup
from lakeformation.checkup.findings import Finding, Kind, Location, Reading
from lakeformation.checkup.rules import judge
from workers.aws import account_setup, reads
from workers.aws.errors import AwsError
from workers.aws.reads import permission_rows
from workers.aws.sessions import RoleName, client, opens_without_external_id

CHECK_LOCK = 5_207_119
Found = TypeVar("Found")


def check_asked() -> int:
    """Make the check-ups that people asked for; returns how many."""
    done, faults = 0, Faults()
    while _check_next(faults):
        done += 1
    faults.raise_first()
    return done


def check_account(account: Account, region: str) -> list[Finding]:
    """Everything found in one region, read-only. The account need not be stored."""
    return judge(_Look(account, region).reading())


def _check_next(faults: Faults) -> bool:
    """One check-up that nobody else makes at the moment; False when there is none."""
    for row in Checkup.objects.filter(finished_at=None).order_by("pk"):
        with _alone(row) as is_ours:
            if is_ours and Checkup.objects.filter(pk=row.pk, finished_at=None).exists():
                _check(row, faults)
                return True
    return False


def _check(row: Checkup, faults: Faults) -> None:
    with faults.caught(f"the {row}", partial(_break_off, row)):
        _look_at(row)


def _look_at(row: Checkup) -> None:
    account = row.account or row.connection.as_account()  # type: ignore[union-attr]
    _finish(row, check_account(account, account.region))
    if row.account:
        _retry_refused(row.account)


def _retry_refused(account: Account) -> None:
    """Whoever asks for a check-up has changed something, or wants to know: what AWS refused there is tried again."""
    now = database_now()
    for scope in Scope.objects.filter(
        Q(catalog__account=account) | Q(consumer=account), refusals__isnull=False
    ).distinct():
        wake(scope_key=scope.key, reason="a check-up was made", now=now, retries=True)


def _break_off(row: Checkup, reason: str) -> None:
    """A check-up that failed is over: it would fail again at each pass, and hold up the others."""
    text = f"The check failed with {reason}."
    _finish(row, [Finding(Kind.UNKNOWN, "broke-off", text, "Start another check, and look into the log.")])


def _finish(row: Checkup, findings: list[Finding]) -> None:
    row.findings = [asdict(finding) for finding in findings]
    row.finished_at = database_now()
    row.save(update_fields=["findings", "finished_at"])


@contextmanager
def _alone(row: Checkup) -> Iterator[bool]:
    """Whether the check-up is ours; the lock goes with the session if we are killed, and another makes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [CHECK_LOCK, row.pk])
        is_ours = bool(cursor.fetchone()[0])
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [CHECK_LOCK, row.pk])


@dataclass
class _Look:
    """One reading on its way: what AWS refused is collected beside what it told."""

    account: Account
    region: str
    refused: dict[str, str] = field(default_factory=dict)
    session: str = field(default_factory=lambda: f"checkup-{token_hex(4)}")
    """A name of its own: a session that is there already would not tell whether the role still lets us in."""

    def reading(self) -> Reading:
        """Complete as far as AWS answers; without the observer nothing else is tried."""
        lake = self.ask("the observer's role", lambda: self._client("lakeformation", "observer"))
        self.ask("the executor's role", lambda: self._client("sts", "executor"))
        told = {} if lake is None else self._told(lake)
        return Reading(
            observer=self.account.observer_role_arn,
            executor=self.account.executor_role_arn,
            grants=self.account.is_producer or self.account.is_governance,
            passes_on=LocalGroup.objects.filter(
                account__account_id=self.account.account_id, ended_at=None
            ).exists(),
            refused=self.refused,
            opens_without_external_id=self._open_roles(),
            **told,
        )

    def _told(self, lake: Any) -> dict[str, Any]:
        glue, catalog = self._client("glue", "observer"), self.account.account_id
        return {
            "settings": self.ask("the data lake's settings", lambda: account_setup.settings(lake, catalog)),
            "permissions": self.ask("the permissions", lambda: permission_rows(lake, catalog)),
            "locations": self.ask("the data locations", lambda: self._locations(lake)),
            "resource_policy": self.ask(
                "the catalog's resource policy", lambda: account_setup.resource_policy(glue)
            ),
            "encryption": self.ask(
                "the catalog's encryption", lambda: account_setup.encryption(glue, catalog)
            ),
        }

    def ask(self, what: str, read: Callable[[], Found]) -> Found | None:
        try:
            return read()
        except AwsError as error:
            self.refused[what] = error.message or error.code
            return None

    def _client(self, service: str, role: RoleName) -> Any:
        return client(service, account=self.account, role=role, region=self.region, session_name=self.session)

    def _locations(self, lake: Any) -> list[Location]:
        return [
            Location(row["ResourceArn"], row.get("RoleArn", ""), row.get("VerificationStatus", ""))
            for row in reads.registered_resources(lake)
        ]

    def _open_roles(self) -> frozenset[str]:
        arns = (self.account.observer_role_arn, self.account.executor_role_arn)
        return frozenset(arn for arn in arns if self._opens(arn))

    def _opens(self, arn: str) -> bool:
        try:
            return opens_without_external_id(arn, self.session)
        except AwsError as error:
            self.refused["whether the ExternalId is asked for"] = error.message or error.code
            return False
