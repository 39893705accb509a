"""Accounts that are being connected, and whether their check-up lets them in."""

from django.db.models import QuerySet

from identity.connections.may import may_connect_accounts
from identity.connections.models import Checkup, Connection
from identity.errors import NotFoundError, demand
from identity.people.models import Person
from lakeformation.checkup.findings import BLOCKING


def connections(person: Person) -> QuerySet[Connection]:
    """Those that are not registered yet, the newest first. ForbiddenError for who may not connect accounts."""
    demand(may_connect_accounts(person))
    return Connection.objects.filter(registered=None).select_related("team").order_by("-pk")


def connection_for(person: Person, pk: int) -> Connection:
    """NotFoundError; ForbiddenError."""
    demand(may_connect_accounts(person))
    found = Connection.objects.select_related("team", "registered").filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def latest_checkup(connection: Connection) -> Checkup | None:
    return connection.checkups.order_by("-pk").first()


def is_ready(checkup: Checkup | None) -> bool:
    """Finished, with nothing missing and nothing unread; side doors and advice do not stand in the way."""
    if checkup is None or checkup.finished_at is None:
        return False
    return not any(finding["kind"] in BLOCKING for finding in checkup.findings)
