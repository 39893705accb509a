"""How an account joins the mesh: proposal, check-up, registration.

Whoever proposes gets a fresh ExternalId for the trust policies, so that nobody who learns the roles' names can
make the workers act there for somebody else.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from identity.accounts import Account
from identity.keys import normalize_account_id
from identity.people.events import record_by_person
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole, Team
from identity.role_changes.changes import build_account_registration
from identity.role_changes.proposals import make_role_change
from kernel.engine_columns import EngineColumns
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal
from lakeformation.checkup import BLOCKING_KINDS
from lakeformation.values.arn import is_account_id


class AccountConnection(models.Model):
    """An account on its way into the mesh: registered as an Account when a check-up finds nothing missing."""

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=30)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="connections")
    environment = models.CharField(
        max_length=20, choices=Account.Environment, default=Account.Environment.PRODUCTION
    )
    grants = models.BooleanField(help_text="owns a catalog that others read from")
    in_organisation = models.BooleanField(default=True)
    external_id = models.CharField(max_length=120)
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="connections")
    requested_at = models.DateTimeField()
    registered = models.OneToOneField(Account, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account_id__regex="^[0-9]{12}$"), name="identity_connection_id_12_digits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    def as_account(self) -> Account:
        """The unsaved account. Role names are those of the templates in `deploy/aws`."""
        prefix = f"arn:aws:iam::{self.account_id}:role"
        return Account(
            account_id=self.account_id,
            name=self.name,
            region=self.region,
            team=self.team,
            environment=self.environment,
            is_producer=self.grants,
            is_consumer=True,
            in_organisation=self.in_organisation,
            observer_role_arn=f"{prefix}/meshmarket-observer",
            executor_role_arn=f"{prefix}/meshmarket-executor",
            external_id=self.external_id,
        )


class Checkup(EngineColumns):
    """A check of an account's set-up, requested as a row and done by a worker; see `workers.accounts.checkup`."""

    ENGINE_COLUMNS = frozenset({"finished_at", "findings"})

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    connection = models.ForeignKey(
        AccountConnection, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(
        default=list, db_default=[], help_text="[{kind, code, text, remedy}], see lakeformation.checkup.rules"
    )

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(finished_at=None), name="identity_checkup_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account=None, connection__isnull=False)
                | models.Q(account__isnull=False, connection=None),
                name="identity_checkup_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"check-up of {self.account or self.connection}"


def may_connect_accounts(person: Person) -> Verdict:
    """Governance admins: an account in the mesh is an account that the workers may act in."""
    if person.is_active and has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        return ALLOWED
    return refusal(_("Only governance admins can connect accounts."))


def list_connections(person: Person) -> QuerySet[AccountConnection]:
    """Connections that are not registered yet, the newest first. Raises ForbiddenError for who may not connect
    accounts.
    """
    require_allowed(may_connect_accounts(person))
    return AccountConnection.objects.filter(registered=None).select_related("team").order_by("-pk")


def get_connection(person: Person, pk: int) -> AccountConnection:
    """NotFoundError; ForbiddenError."""
    require_allowed(may_connect_accounts(person))
    connection = AccountConnection.objects.select_related("team", "registered").filter(pk=pk).first()
    if connection is None:
        raise NotFoundError
    return connection


def get_latest_checkup(connection: AccountConnection) -> Checkup | None:
    return connection.checkups.order_by("-pk").first()


def is_checkup_passed(checkup: Checkup | None) -> bool:
    """Whether it finished with no blocking finding; bypasses and advice do not block."""
    if checkup is None or checkup.finished_at is None:
        return False
    return not any(finding["kind"] in BLOCKING_KINDS for finding in checkup.findings)


REGION_PATTERN = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
EXTERNAL_ID_BYTES = 18


@dataclass(frozen=True)
class AccountProposal:
    """Form data of a new account; `grants`: it owns a catalog that others read from."""

    account_id: str
    name: str
    region: str
    team_id: int
    grants: bool
    in_organisation: bool
    environment: str = Account.Environment.PRODUCTION


@transaction.atomic(durable=True)
def propose_account(*, acting_user: Person, proposal: AccountProposal, now: datetime) -> AccountConnection:
    """Write the account down and ask for its first check-up. RefusedError names the field; ForbiddenError."""
    require_allowed(may_connect_accounts(acting_user))
    proposal = replace(proposal, account_id=normalize_account_id(proposal.account_id))
    check_account_id(proposal.account_id)
    if not proposal.name.strip():
        raise RefusedError(_("Enter a name that people know."), "name")
    check_region(proposal.region)
    if not Team.objects.filter(pk=proposal.team_id).exists():
        raise RefusedError(_("This team does not exist."), "team")
    connection, made = AccountConnection.objects.get_or_create(
        account_id=proposal.account_id,
        defaults={
            **{name: value for name, value in vars(proposal).items() if name != "account_id"},
            "external_id": f"meshmarket-{token_urlsafe(EXTERNAL_ID_BYTES)}",
            "requested_by": acting_user,
            "requested_at": now,
        },
    )
    if not made:  # by somebody else, between the look above and here
        raise RefusedError(_("This account is already being connected."), "account_id")
    _record("propose_account", acting_user, connection, {"grants": connection.grants}, now)
    return connection


@transaction.atomic(durable=True)
def request_checkup(*, acting_user: Person, connection_id: int, now: datetime) -> Checkup:
    """Request a check-up by the workers, or return one that is already waiting. NotFoundError; ForbiddenError."""
    connection = _lock_connection(acting_user, connection_id)
    waiting = Checkup.objects.filter(connection=connection, finished_at=None).first()
    if waiting:
        return waiting
    checkup = Checkup.objects.create(connection=connection, requested_by=acting_user, requested_at=now)
    _record("request_checkup", acting_user, connection, {"checkup": checkup.pk}, now)
    return checkup


@transaction.atomic(durable=True)
def register_account(*, acting_user: Person, connection_id: int, now: datetime) -> Account:
    """Make it an account of the mesh. RefusedError while the newest check-up is not done or misses something."""
    connection = _lock_connection(acting_user, connection_id)
    if connection.registered:
        return connection.registered
    if not is_checkup_passed(get_latest_checkup(connection)):
        raise RefusedError(_("Something is still missing. See the latest check."))
    account = connection.as_account()
    account.save()
    connection.registered = account
    connection.save(update_fields=["registered"])
    make_role_change(person=acting_user, change=build_account_registration(account), now=now)
    _record("register_account", acting_user, connection, {"account": account.account_id}, now)
    return account


def _lock_connection(person: Person, pk: int) -> AccountConnection:
    require_allowed(may_connect_accounts(person))
    connection = AccountConnection.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if connection is None:
        raise NotFoundError
    return connection


def check_account_id(account_id: str) -> None:
    """RefusedError if the id is malformed or already in use."""
    if not is_account_id(account_id):
        raise RefusedError(_("An account id has twelve digits."), "account_id")
    if Account.objects.filter(account_id=account_id).exists():
        raise RefusedError(_("This account is already connected."), "account_id")
    if AccountConnection.objects.filter(account_id=account_id).exists():
        raise RefusedError(_("This account is already being connected."), "account_id")


def check_region(region: str) -> None:
    """RefusedError if it does not look like an AWS region."""
    if not REGION_PATTERN.fullmatch(region):
        raise RefusedError(_("This is not an AWS region. Enter one such as eu-central-1."), "region")


def _record(
    verb: str, person: Person, connection: AccountConnection, data: dict[str, Any], now: datetime
) -> None:
    record_by_person(verb, person, f"connection:{connection.account_id}", data, now)
