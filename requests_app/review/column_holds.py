"""Columns added later that are held back from a grant, and their release."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from audit.actions import record_event
from background.tasks import ErrorCollector
from catalog.mirror.models import Column
from fulfilment.holds import Hold
from fulfilment.intents.actions import add_released_column
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from requests_app.access_requests.input_checks import check_text
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant, get_locked_grant, list_visible_grants
from requests_app.grants.states import GrantState
from requests_app.review.may import may_release_column

MIN_REASON_LENGTH = 10


@transaction.atomic(durable=True)
def release_column(*, acting_user: Person, hold_id: int, reason: str, now: datetime) -> Hold:
    """Open a column, which nobody classified yet, to the grant that it is held back from.

    Raises NotFoundError where nothing is held, or where it is not theirs to see; ForbiddenError; RefusedError
    without a reason.
    """
    grant, hold = _get_locked_hold(acting_user, hold_id)
    require_allowed(may_release_column(acting_user, grant.item))
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise RefusedError(_("Give a reason in one sentence."), "reason")
    check_text(reason, "reason")
    hold.ended_as, hold.ended_by, hold.reason = Hold.End.RELEASED, acting_user, reason.strip()
    return _release(grant, hold, "release_column", f"person:{acting_user.pk}", now)


@transaction.atomic(durable=True)
def release_classified_column(*, hold_id: int, now: datetime) -> Hold:
    """Release a column that was classified since, as no person. NotFoundError where nothing is held."""
    grant, hold = _get_locked_hold(None, hold_id)
    hold.ended_as = Hold.End.CLASSIFIED
    return _release(grant, hold, "release_classified_column", "engine:clerk", now)


def _get_locked_hold(person: Person | None, hold_id: int) -> tuple[Grant, Hold]:
    """A grant that has ended has nothing to be opened."""
    found = Grant.objects.filter(intent__holds=hold_id, state=GrantState.LIVE).first()
    if found is None:
        raise NotFoundError
    grant = get_locked_grant(person, found.pk)
    hold = Hold.objects.select_for_update(of=("self",)).filter(pk=hold_id, ended_at__isnull=True).first()
    if hold is None or grant.state != GrantState.LIVE:
        raise NotFoundError
    return grant, hold


def _release(grant: Grant, hold: Hold, verb: str, actor: str, now: datetime) -> Hold:
    hold.ended_at = now
    hold.save(update_fields=["ended_at", "ended_as", "ended_by", "reason"])
    add_released_column(intent_id=grant.intent_id, column=hold.column, now=now)
    data: dict[str, Any] = {"hold": hold.pk, "column": hold.column, "reason": hold.reason}
    record_event(verb=verb, actor=actor, subject=f"grant:{grant.pk}", data=data, now=now)
    return hold


logger = logging.getLogger(__name__)


def list_held_grants(holds: Iterable[Hold]) -> list[Grant]:
    """The grants that held columns would open, of holds as `list_open_holds` reads them."""
    return [hold.intent.grant for hold in holds if hold.intent and hold.kind == Hold.Kind.COLUMN]


def list_open_column_holds(grants: Iterable[Grant]) -> QuerySet[Hold]:
    """Open holds on columns that these grants would open, the latest first."""
    intents = [grant.intent_id for grant in grants]
    rows = Hold.objects.filter(intent__in=intents, ended_at__isnull=True)
    return rows.select_related("intent__grant__principal").order_by("-pk")


def list_visible_column_holds(person: Person) -> QuerySet[Hold]:
    """Open holds on columns, of all grants that the person may see, the latest first."""
    grants = list_visible_grants(person).order_by().values("pk")
    rows = Hold.objects.filter(kind=Hold.Kind.COLUMN, ended_at__isnull=True, intent__grant__in=grants)
    return rows.select_related("intent__grant", "ended_by").order_by("-pk")


def get_column_hold(person: Person, hold_id: int) -> tuple[Hold, Grant]:
    """An open hold on a column, with the grant that it is held back from. NotFoundError."""
    hold = Hold.objects.filter(pk=hold_id, kind=Hold.Kind.COLUMN, ended_at__isnull=True).first()
    found = Grant.objects.filter(intent__holds=hold_id).first() if hold else None
    if hold is None or found is None:
        raise NotFoundError
    return hold, get_grant(person, found.pk)


def release_classified_columns(now: datetime) -> int:
    """Let in each held column that has a class by now, its own or its table's; how many that were."""
    classified = Column.objects.filter(
        table__database__catalog=OuterRef("catalog"),
        table__database__name=OuterRef("database"),
        table__name=OuterRef("table"),
        table__tombstoned_at=None,
        name__iexact=OuterRef("column"),
    ).exclude(classification="")
    waiting = Hold.objects.filter(Exists(classified), kind=Hold.Kind.COLUMN, ended_at__isnull=True)
    count, faults = 0, ErrorCollector()
    for pk in waiting.order_by("pk").values_list("pk", flat=True):
        with faults.collect(f"hold {pk}"):
            try:
                release_classified_column(hold_id=pk, now=now)
            except NotFoundError:
                logger.info("hold %s is idle by now", pk)
            else:
                count += 1
    faults.raise_first()
    return count
