"""Connect an account: propose it, request a check-up, register it when nothing is missing.

Whoever proposes gets a fresh ExternalId for the trust policies, so that nobody who learns the roles' names can
make the workers act there for somebody else.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from identity.accounts.models import Account
from identity.connections.may import may_connect_accounts
from identity.connections.models import AccountConnection, Checkup
from identity.connections.queries import get_latest_checkup, is_checkup_passed
from identity.keys import normalize_account_id
from identity.people.events import record_by_person
from identity.people.models import Person, Team
from identity.role_changes.changes import build_account_registration
from identity.role_changes.proposals import make_role_change
from kernel.errors import NotFoundError, RefusedError, require_allowed
from lakeformation.values.arn import is_account_id

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
    found = AccountConnection.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


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
