"""Request a registration, and except its location. Each is one transaction; the other verbs are those of `decisions.actions`."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from catalog.registrations.content import RegistrationContent, check_content, check_reason
from catalog.registrations.kind import REGISTRATION
from catalog.registrations.may import list_deciders, may_except_registration, may_request_registration
from catalog.registrations.models import Registration
from catalog.registrations.sources import find_source_at, read_storage
from catalog.registrations.targets import describe_outside, find_target, is_in_gold_location
from decisions.actions import record_request
from decisions.queries import lock_proposal
from decisions.states import LIVE_STATES
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.queries import insert_open_row


@transaction.atomic(durable=True)
def request_registration(*, acting_user: Person, content: RegistrationContent, now: datetime) -> Registration:
    """Ask for it; nothing happens in AWS. NotFoundError for an unknown domain, ForbiddenError for who may not ask for
    it, RefusedError at an invalid field, or at the location where it lies outside the gold location without a reason.
    """
    domain = Domain.objects.select_related("owner_team").filter(pk=content.domain).first()
    if domain is None:
        raise NotFoundError
    require_allowed(may_request_registration(acting_user, domain))
    check_content(content)
    place = find_target(domain, content)
    is_inside = is_in_gold_location(place.producer, content.location)
    if not is_inside and not content.exception_reason.strip():
        raise RefusedError(describe_outside(place.producer.gold_location), "location")
    source = find_source_at(place.producer, content.location, content.table)
    row = Registration(
        catalog=place.catalog,
        domain=domain,
        producer=place.producer,
        engineer=place.engineer,
        database=content.database,
        table=content.table,
        location=content.location,
        data_format=content.data_format,
        columns=[dict(column) for column in content.columns],
        partition_keys=[dict(partition_key) for partition_key in content.partition_keys],
        description=content.description.strip(),
        parameters=dict(content.parameters or {}),
        storage=read_storage(source) if source else {},
        purpose=content.purpose.strip(),
        exception_reason="" if is_inside else content.exception_reason.strip(),
        requested_by=acting_user,
        requested_at=now,
    )
    same = Registration.objects.filter(catalog=row.catalog, database=row.database, table=row.table)
    refusal = RefusedError(_("This table already has an open registration."), "table")
    insert_open_row(row, same.filter(state__in=LIVE_STATES), refusal)
    data = {"domain": domain.pk, "location": row.location, "reason": row.purpose}
    record_request(REGISTRATION, row, data)
    return row


@transaction.atomic(durable=True)
def except_registration(*, acting_user: Person, pk: int, comment: str, now: datetime) -> Registration:
    """Approve that its location lies outside the gold location. The decision stays the data owner's. NotFoundError,
    ForbiddenError, RefusedError without a comment or where no exception is asked for.
    """
    row = lock_proposal(REGISTRATION, acting_user, pk)
    require_allowed(may_except_registration(acting_user, row))
    if not row.is_waiting or not row.awaits_exception:
        raise RefusedError(_("No exception was requested."))
    data: dict[str, Any] = {
        "location": row.location,
        "reason": row.exception_reason,
        "comment": check_reason(comment, "comment"),
    }
    row.exception_by, row.exception_at = acting_user, now
    row.save(update_fields=["exception_by", "exception_at"])
    data |= {"what": str(row), "people": list_deciders(row)}
    record_by_person("except_registration", acting_user, row.subject, data, now)
    return row
