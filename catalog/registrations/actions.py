"""Actions on registrations. Each is one transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.models import Domain
from catalog.registrations.content import MAX_TEXT_LENGTH, RegistrationContent, check_content, check_reason
from catalog.registrations.effects import build_effects
from catalog.registrations.may import (
    list_deciders,
    may_approve_registration,
    may_end_registration,
    may_except_registration,
    may_reject_registration,
    may_request_registration,
    may_withdraw_registration,
    visible_registrations,
)
from catalog.registrations.models import Registration
from catalog.registrations.sources import find_source_at, read_storage
from catalog.registrations.states import LIVE_STATES, REGISTRATION_TRANSITIONS, RegistrationState
from catalog.registrations.targets import find_target, is_in_gold_location
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.open_rows import insert_open_row
from kernel.text_checks import check_text
from lakeformation.values.canonical_json import digest

DECISION_FIELDS = (
    "state", "comment", "decided_by", "decided_at", "effects_hash", "event", "table_intent", "write_intent",
)  # fmt: skip


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
        raise RefusedError(_describe_outside(place.producer.gold_location), "location")
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
        columns=[dict(one) for one in content.columns],
        partition_keys=[dict(one) for one in content.partition_keys],
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
    data = {
        "domain": domain.pk,
        "what": str(row),
        "location": row.location,
        "reason": row.purpose,
        "people": list_deciders(row),
    }
    record_by_person("request_registration", acting_user, row.subject, data, now)
    return row


@transaction.atomic(durable=True)
def withdraw_registration(*, acting_user: Person, registration_id: int, now: datetime) -> Registration:
    """Before it is decided. NotFoundError, ForbiddenError, IllegalTransitionError."""
    row = _lock_registration(acting_user, registration_id)
    require_allowed(may_withdraw_registration(acting_user, row))
    row.state = REGISTRATION_TRANSITIONS.check(row.state, RegistrationState.WITHDRAWN)
    row.save(update_fields=["state"])
    record_by_person("withdraw_registration", acting_user, row.subject, {}, now)
    return row


@transaction.atomic(durable=True)
def except_registration(
    *, acting_user: Person, registration_id: int, comment: str, now: datetime
) -> Registration:
    """Approve that its location lies outside the gold location. The decision stays the data owner's. NotFoundError,
    ForbiddenError, RefusedError without a comment or where no exception is asked for.
    """
    row = _lock_registration(acting_user, registration_id)
    require_allowed(may_except_registration(acting_user, row))
    if row.state != RegistrationState.REQUESTED or not row.awaits_exception:
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


@transaction.atomic(durable=True)
def approve_registration(
    *, acting_user: Person, registration_id: int, effects_hash: str, comment: str, now: datetime
) -> Registration:
    """Decision, both intents and event at once. `effects_hash` is of the effects that were shown. NotFoundError,
    ForbiddenError, IllegalTransitionError, RefusedError if the effects are others by now or the location needs an
    exception first.
    """
    row = _lock_registration(acting_user, registration_id)
    require_allowed(may_approve_registration(acting_user, row))
    row.state = REGISTRATION_TRANSITIONS.check(row.state, RegistrationState.APPROVED)
    if row.awaits_exception:
        raise RefusedError(_("A governance admin must approve the location first."))
    if not row.exception_reason and not is_in_gold_location(row.producer, row.location):
        raise RefusedError(_describe_outside(row.producer.gold_location))
    if row.engineer.gone_at is not None or row.engineer.is_portal:
        raise RefusedError(_("The engineers' role no longer exists."))
    if not row.producer.is_producer or row.producer.team_id != row.domain.owner_team_id:
        raise RefusedError(_("The producer account no longer belongs to the domain's team."))
    effects = build_effects(row)
    if digest(effects) != effects_hash:
        raise RefusedError(
            _("What approval does has changed since you opened the page. Check it again."), "effects_hash"
        )
    row.effects_hash, row.comment = effects_hash, check_text(comment, "comment", MAX_TEXT_LENGTH)
    data = {"effects": effects, "effects_hash": effects_hash, "comment": row.comment, **_tell_requester(row)}
    row.event = record_by_person("approve_registration", acting_user, row.subject, data, now)
    row.decided_by, row.decided_at = acting_user, now
    catalog_key = engine.catalog_scope_key(row.catalog_id)
    share_key = engine.share_scope_key(row.catalog_id, row.producer.account_id)
    row.table_intent = _create_intent(row, effects, "registration", catalog_key, now)
    row.write_intent = _create_intent(row, effects, "access", share_key, now)
    row.save(update_fields=DECISION_FIELDS)
    return row


@transaction.atomic(durable=True)
def reject_registration(
    *, acting_user: Person, registration_id: int, reason: str, now: datetime
) -> Registration:
    """NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    row = _lock_registration(acting_user, registration_id)
    require_allowed(may_reject_registration(acting_user, row))
    row.state = REGISTRATION_TRANSITIONS.check(row.state, RegistrationState.REJECTED)
    row.comment, row.decided_by, row.decided_at = check_reason(reason, "reason"), acting_user, now
    data = {"reason": row.comment, **_tell_requester(row)}
    row.event = record_by_person("reject_registration", acting_user, row.subject, data, now)
    row.save(update_fields=["state", "comment", "decided_by", "decided_at", "event"])
    return row


@transaction.atomic(durable=True)
def end_registration(
    *, acting_user: Person, registration_id: int, reason: str, now: datetime
) -> Registration:
    """The engineers' role loses what the registration gave it. The table stays in the catalog, and the data where they
    are: nothing is deleted. NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason.
    """
    row = _lock_registration(acting_user, registration_id)
    require_allowed(may_end_registration(acting_user, row))
    row.state = REGISTRATION_TRANSITIONS.check(row.state, RegistrationState.ENDED)
    row.end_reason, row.ended_by, row.ended_at = check_reason(reason, "reason"), acting_user, now
    row.save(update_fields=["state", "end_reason", "ended_by", "ended_at"])
    for intent in sorted(filter(None, (row.table_intent_id, row.write_intent_id))):
        engine.end_intent(intent_id=intent, now=now)
    data = {"reason": row.end_reason, **_tell_requester(row)}
    record_by_person("end_registration", acting_user, row.subject, data, now)
    return row


def _tell_requester(row: Registration) -> dict[str, Any]:
    """What a notification names, and whom it is for."""
    return {"what": str(row), "people": [row.requested_by_id]}


def _lock_registration(person: Person, pk: int) -> Registration:
    rows = visible_registrations(person).select_for_update(of=("self",))
    found = rows.select_related(
        "catalog__account", "domain__owner_team", "producer", "engineer__account", "requested_by"
    )
    row = found.filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row


def _create_intent(
    row: Registration, effects: dict[str, Any], wanted: str, scope_key: str, now: datetime
) -> Intent:
    """One of the two intents: `wanted` is the member of the effects that it wants."""
    return engine.create_intent(
        kind=Intent.Kind.REGISTRATION,
        scope_key=scope_key,
        subject=row.subject if wanted == "registration" else f"{row.subject}:write",
        wanted=effects[wanted],
        effects=effects,
        effects_hash=row.effects_hash,
        expires_at=None,
        now=now,
    )


def _describe_outside(gold: str) -> str:
    if not gold:
        return _(
            "The producer account has no gold location yet. Give a reason for an exception; a governance admin decides on it."
        )
    words = _(
        "The location is outside the gold location %(gold)s. Give a reason for an exception; a governance admin decides on it."
    )
    return words % {"gold": gold}
