"""Actions on write requests. Each is one transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.products.may import list_data_owner_ids
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from identity.accounts.models import Principal
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.open_rows import insert_open_row
from kernel.text_checks import check_text
from lakeformation.values.canonical_json import digest
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH, check_end
from requests_app.access_requests.locks import lock_write_approvals
from requests_app.write_access.effects import build_effects, list_obstacles
from requests_app.write_access.may import (
    may_approve_write_request,
    may_end_write_access,
    may_reject_write_request,
    may_request_write_access,
    may_withdraw_write_request,
    visible_write_requests,
)
from requests_app.write_access.models import WriteRequest, WriteVerb
from requests_app.write_access.states import WRITE_REQUEST_TRANSITIONS, WriteRequestState
from requests_app.write_access.targets import check_writable, check_writer, list_writable_tables

DECISION_FIELDS = ("state", "comment", "decided_by", "decided_at", "effects_hash", "event", "intent")


@transaction.atomic(durable=True)
def request_write_access(
    *,
    acting_user: Person,
    table_id: int,
    principal: Principal,
    verbs: Collection[str],
    purpose: str,
    ends_at: datetime,
    now: datetime,
) -> WriteRequest:
    """Ask for it; nothing happens in AWS. ForbiddenError, or RefusedError at an invalid field."""
    table = list_writable_tables(acting_user).filter(pk=table_id).first()
    if table is None:
        raise RefusedError(_("There is no such table in your domains."), "table")
    domain = check_writable(table)
    require_allowed(may_request_write_access(acting_user, domain))
    check_writer(principal, table, domain)
    check_end(ends_at, now)
    if not verbs or not set(verbs) <= set(WriteVerb.values):
        raise RefusedError(_("Choose what the role may do: INSERT, DELETE or ALTER."), "verbs")
    row = WriteRequest(
        table=table,
        domain=domain,
        principal=principal,
        verbs=sorted(set(verbs)),
        ends_at=ends_at,
        purpose=check_text(purpose, "purpose", MAX_TEXT_LENGTH, _("Say what the role writes, and why.")),
        requested_by=acting_user,
        requested_at=now,
    )
    _check_obstacles(row)
    # RefusedError if earlier approvals give the role all of this until the end or later.
    held = WriteRequest.objects.filter(
        table=row.table,
        principal=row.principal,
        state=WriteRequestState.APPROVED,
        ends_at__gte=row.ends_at,
        verbs__contains=row.verbs,
    )
    if held.exists():
        raise RefusedError(_("The role already has this access until then or longer."), "principal")
    same = WriteRequest.objects.filter(table=table, principal=principal, state=WriteRequestState.REQUESTED)
    refusal = RefusedError(_("This role already has an open request for this table."), "principal")
    insert_open_row(row, same, refusal)
    data = {
        "what": str(row),
        "reason": row.purpose,
        "verbs": row.verbs,
        "people": list_data_owner_ids(domain, without=acting_user.pk),
    }
    record_by_person("request_write_access", acting_user, row.subject, data, now)
    return row


@transaction.atomic(durable=True)
def withdraw_write_request(*, acting_user: Person, write_request_id: int, now: datetime) -> WriteRequest:
    """Before it is decided. NotFoundError, ForbiddenError, IllegalTransitionError."""
    row = _lock_write_request(acting_user, write_request_id)
    require_allowed(may_withdraw_write_request(acting_user, row))
    row.state = WRITE_REQUEST_TRANSITIONS.check(row.state, WriteRequestState.WITHDRAWN)
    row.save(update_fields=["state"])
    record_by_person("withdraw_write_request", acting_user, row.subject, {}, now)
    return row


@transaction.atomic(durable=True)
def approve_write_request(
    *, acting_user: Person, write_request_id: int, effects_hash: str, comment: str, now: datetime
) -> WriteRequest:
    """Decision, intent and event at once. `effects_hash` is of the effects that were shown. NotFoundError, ForbiddenError,
    IllegalTransitionError, RefusedError if the effects are others by now, or it can't be granted any more.
    """
    row = _lock_write_request(acting_user, write_request_id)
    require_allowed(may_approve_write_request(acting_user, row))
    row.state = WRITE_REQUEST_TRANSITIONS.check(row.state, WriteRequestState.APPROVED)
    lock_write_approvals(row.principal_id, row.table_id)
    domain = check_writable(row.table)
    if domain.pk != row.domain_id:
        raise RefusedError(_("The table belongs to another domain by now. Request access again."), "table")
    check_writer(row.principal, row.table, domain)
    if row.ends_at <= now:
        raise RefusedError(_("The requested end date has passed. Request access again."), "ends_at")
    _check_obstacles(row)
    effects = build_effects(row)
    if digest(effects) != effects_hash:
        raise RefusedError(
            _("What approval does has changed since you opened the page. Check it again."), "effects_hash"
        )
    row.effects_hash, row.comment = effects_hash, check_text(comment, "comment", MAX_TEXT_LENGTH)
    data = {"effects": effects, "effects_hash": effects_hash, "comment": row.comment, **_tell_requester(row)}
    row.event = record_by_person("approve_write_request", acting_user, row.subject, data, now)
    row.decided_by, row.decided_at = acting_user, now
    intent = engine.create_intent(
        kind=Intent.Kind.WRITE,
        scope_key=engine.share_scope_key(row.table.database.catalog_id, row.principal.account.account_id),
        subject=row.subject,
        wanted=effects["access"],
        effects=effects,
        effects_hash=row.effects_hash,
        expires_at=row.ends_at,
        now=now,
    )
    row.intent = intent
    row.save(update_fields=DECISION_FIELDS)
    return row


@transaction.atomic(durable=True)
def reject_write_request(
    *, acting_user: Person, write_request_id: int, reason: str, now: datetime
) -> WriteRequest:
    """NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    row = _lock_write_request(acting_user, write_request_id)
    require_allowed(may_reject_write_request(acting_user, row))
    row.state = WRITE_REQUEST_TRANSITIONS.check(row.state, WriteRequestState.REJECTED)
    row.comment = check_text(reason, "reason", MAX_TEXT_LENGTH, _("Give a reason."))
    row.decided_by, row.decided_at = acting_user, now
    data = {"reason": row.comment, **_tell_requester(row)}
    row.event = record_by_person("reject_write_request", acting_user, row.subject, data, now)
    row.save(update_fields=["state", "comment", "decided_by", "decided_at", "event"])
    return row


@transaction.atomic(durable=True)
def end_write_access(
    *, acting_user: Person, write_request_id: int, reason: str, now: datetime
) -> WriteRequest:
    """Before its end. NotFoundError, ForbiddenError, IllegalTransitionError, RefusedError without a reason."""
    row = _lock_write_request(acting_user, write_request_id)
    require_allowed(may_end_write_access(acting_user, row))
    row.state = WRITE_REQUEST_TRANSITIONS.check(row.state, WriteRequestState.ENDED)
    row.end_reason = check_text(reason, "reason", MAX_TEXT_LENGTH, _("Give a reason."))
    row.ended_by, row.ended_at = acting_user, now
    row.save(update_fields=["state", "end_reason", "ended_by", "ended_at"])
    if row.intent_id is not None:
        engine.end_intent(intent_id=row.intent_id, now=now)
    data = {"reason": row.end_reason, **_tell_requester(row)}
    record_by_person("end_write_access", acting_user, row.subject, data, now)
    return row


def _check_obstacles(row: WriteRequest) -> None:
    if obstacles := list_obstacles(row):
        raise RefusedError(" ".join(obstacles), "principal")


def _tell_requester(row: WriteRequest) -> dict[str, Any]:
    """What a notification names, and whom it is for."""
    return {"what": str(row), "people": [row.requested_by_id]}


def _lock_write_request(person: Person, pk: int) -> WriteRequest:
    rows = visible_write_requests(person).select_for_update(of=("self",))
    found = rows.select_related(
        "table__database__catalog__account",
        "table__database__domain__owner_team",
        "domain__owner_team",
        "principal__account",
        "requested_by",
    )
    row = found.filter(pk=pk).first()
    if row is None:
        raise NotFoundError
    return row
