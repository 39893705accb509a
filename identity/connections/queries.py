"""Queries of account connections and their check-ups."""

from django.db.models import QuerySet

from identity.connections.may import may_connect_accounts
from identity.connections.models import AccountConnection, Checkup
from identity.people.models import Person
from kernel.errors import NotFoundError, require_allowed
from lakeformation.checkup.findings import BLOCKING_KINDS


def list_connections(person: Person) -> QuerySet[AccountConnection]:
    """Those that are not registered yet, the newest first. ForbiddenError for who may not connect accounts."""
    require_allowed(may_connect_accounts(person))
    return AccountConnection.objects.filter(registered=None).select_related("team").order_by("-pk")


def get_connection(person: Person, pk: int) -> AccountConnection:
    """NotFoundError; ForbiddenError."""
    require_allowed(may_connect_accounts(person))
    found = AccountConnection.objects.select_related("team", "registered").filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def get_latest_checkup(connection: AccountConnection) -> Checkup | None:
    return connection.checkups.order_by("-pk").first()


def is_checkup_passed(checkup: Checkup | None) -> bool:
    """Whether it finished with no blocking finding; bypasses and advice do not block."""
    if checkup is None or checkup.finished_at is None:
        return False
    return not any(finding["kind"] in BLOCKING_KINDS for finding in checkup.findings)
