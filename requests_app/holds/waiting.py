"""What waits: holds for a person to look at, and columns that were classified since."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from catalog.mirror.models import Column
from fulfilment.background.parts import Faults
from fulfilment.holds.models import Hold
from identity.errors import NotFoundError
from identity.people.models import Person
from requests_app.holds.actions import admit_classified
from requests_app.ledger.lines import Ledger
from requests_app.loaders import grant_for
from requests_app.models import Grant

logger = logging.getLogger(__name__)


def holds_of(ledger: Ledger) -> QuerySet[Hold]:
    """Open holds in the part of a catalog that a person sees, the latest first."""
    rows = Hold.objects.filter(catalog=ledger.catalog, ended_at__isnull=True)
    if ledger.databases is not None:
        rows = rows.filter(database__in=ledger.databases)
    return rows.select_related("intent__grant__principal").order_by("-pk")


def grants_held_from(holds: Iterable[Hold]) -> list[Grant]:
    """The grants that held columns would open, of holds as `holds_of` reads them."""
    return [hold.intent.grant for hold in holds if hold.intent and hold.kind == Hold.Kind.COLUMN]


def holds_on(grants: Iterable[Grant]) -> QuerySet[Hold]:
    """Open holds on columns that these grants would open, the latest first."""
    intents = [grant.intent_id for grant in grants]
    rows = Hold.objects.filter(intent__in=intents, ended_at__isnull=True)
    return rows.select_related("intent__grant__principal").order_by("-pk")


def hold_for(person: Person, hold_id: int) -> tuple[Hold, Grant]:
    """An open hold on a column, with the grant that it is held back from. NotFoundError."""
    hold = Hold.objects.filter(pk=hold_id, kind=Hold.Kind.COLUMN, ended_at__isnull=True).first()
    found = Grant.objects.filter(intent__holds=hold_id).first() if hold else None
    if hold is None or found is None:
        raise NotFoundError
    return hold, grant_for(person, found.pk)


def admit_all_classified(now: datetime) -> int:
    """Let in each held column that has a class by now, its own or its table's; how many that were."""
    classified = Column.objects.filter(
        table__database__catalog=OuterRef("catalog"),
        table__database__name=OuterRef("database"),
        table__name=OuterRef("table"),
        table__tombstoned_at=None,
        name__iexact=OuterRef("column"),
    ).exclude(classification="")
    waiting = Hold.objects.filter(Exists(classified), kind=Hold.Kind.COLUMN, ended_at__isnull=True)
    count, faults = 0, Faults()
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        with faults.caught(f"hold {pk}"):
            try:
                admit_classified(hold_id=pk, now=now)
            except NotFoundError:
                logger.info("hold %s is idle by now", pk)
            else:
                count += 1
    faults.raise_first()
    return count
