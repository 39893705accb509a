"""Request comparisons. No call to AWS is made: a worker finds the row."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from catalog.registrations.comparisons.may import may_request_comparison
from catalog.registrations.comparisons.models import RowComparison
from catalog.registrations.comparisons.queries import list_registered, list_uncompared_registrations
from catalog.registrations.comparisons.states import OPEN_COMPARISON_STATES
from catalog.registrations.may import visible_registrations
from catalog.registrations.models import Registration
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, try_transaction_lock
from kernel.errors import NotFoundError, RefusedError, require_allowed

MAX_WAITING = 5
"""Comparisons that the engine requests at once, so that those of people do not wait behind many."""


@transaction.atomic(durable=True)
def request_comparison(*, acting_user: Person, registration_id: int, now: datetime) -> RowComparison:
    """NotFoundError, ForbiddenError, RefusedError before the table is registered, and while it is being compared."""
    rows = visible_registrations(acting_user).select_related("domain__owner_team")
    registration = rows.filter(pk=registration_id).first()
    if registration is None:
        raise NotFoundError
    require_allowed(may_request_comparison(acting_user, registration))
    if not list_registered().filter(pk=registration.pk).exists():
        raise RefusedError(_("The table can be compared once it is registered."))
    try:
        with transaction.atomic():
            row = _create(registration, now, requested_by=acting_user)
    except IntegrityError as error:
        raise RefusedError(_("The table is being compared already.")) from error
    record_by_person("request_row_comparison", acting_user, registration.subject, {"comparison": row.pk}, now)
    return row


@transaction.atomic
def request_due_comparisons(*, now: datetime) -> int:
    """Requests comparisons of tables that were registered since; returns how many. Called by workers."""
    if not try_transaction_lock(AdvisoryLock.COMPARISON_REQUESTS):
        return 0
    room = MAX_WAITING - RowComparison.objects.filter(state__in=OPEN_COMPARISON_STATES).count()
    return len(
        [_create(registration, now) for registration in list_uncompared_registrations()[: max(room, 0)]]
    )


def _create(registration: Registration, now: datetime, requested_by: Person | None = None) -> RowComparison:
    assert registration.table_intent_id is not None
    return RowComparison.objects.create(
        registration=registration,
        table_intent_id=registration.table_intent_id,
        requested_by=requested_by,
        requested_at=now,
    )
