"""Adopt or remove an unmanaged permission; acknowledge or repair a drift finding.

None of these actions calls AWS: a removal is an intent that the workers plan, send and prove.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from audit.models import Event
from fulfilment.intents import actions as engine
from fulfilment.intents.models import Intent
from fulfilment.permissions.catalog_permissions import CatalogPermission
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.models import Person
from identity.people.request_cache import cache_for_action
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import RefusedError, require_allowed
from kernel.text import builds_stored_text
from lakeformation.effects.table_effects import Effects
from lakeformation.planning.catalog_plan import Removal as Wanted
from requests_app.access_requests.input_checks import check_end, check_text
from requests_app.access_requests.locks import lock_decisions
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.permissions.adoption import (
    AdoptablePermission,
    build_adoptable_permission,
    build_draft_item,
    compute_adopted_effects,
    list_adoption_owners,
)
from requests_app.permissions.may import (
    may_acknowledge_finding,
    may_adopt_permission,
    may_order_removal,
    may_repair_finding,
)
from requests_app.permissions.queries import get_finding, get_unmanaged_permission
from requests_app.permissions.removal import check_removable, describe_losses
from requests_app.review.approval import create_grant

MIN_REASON_LENGTH = 10


@transaction.atomic(durable=True)
def adopt_permission(
    *,
    acting_user: Person,
    observed_id: int,
    responsible_person: Person,
    ends_at: datetime,
    reason: str,
    effects_hash: str,
    now: datetime,
) -> Grant:
    """Make a grant of what somebody permitted behind the portal: from now on it has an owner, a reason and an end.

    Nothing is sent for it; the next reading proves it. Raises NotFoundError, ForbiddenError, RefusedError naming
    the input or why it cannot be a grant, EffectsChangedError when it is something else by now.
    """
    _lock_permission(observed_id)
    draft = {"reason": reason.strip(), "ends_at": ends_at, "now": now}
    _line, _found, item = _read_adoption(acting_user, observed_id, responsible_person, draft)
    require_allowed(may_adopt_permission(acting_user, item))
    lock_decisions(item)
    # Another decision may have been waited for: what it changed is read now.
    person = cache_for_action(acting_user)
    line, found, item = _read_adoption(person, observed_id, responsible_person, draft)
    require_allowed(may_adopt_permission(person, item))
    _check_adoption(person, found, item, now)
    effects = compute_adopted_effects(item, found)
    if effects.digest() != effects_hash:
        raise EffectsChangedError(effects, effects.digest())
    # The request that nobody made: its key says where it comes from.
    request = item.request
    request.idempotency_key = f"adopted:{line.observed_id}:{now:%Y%m%d%H%M%S%f}"
    request.save()
    item.request = request
    item.state = ItemState.APPROVED
    item.save()
    data: dict[str, Any] = {
        "effects": effects.to_json(),
        "effects_hash": effects.digest(),
        "owner": item.requester_id,
        "reason": item.request.purpose,
    }
    event = record_by_person("adopt_permission", acting_user, f"item:{item.pk}", data, now)
    _create_decision(item, acting_user, effects, event)
    return create_grant(item, effects, event, now)


def _read_adoption(
    person: Person, observed_id: int, responsible_person: Person, draft: Mapping[str, Any]
) -> tuple[CatalogPermission, AdoptablePermission, RequestItem]:
    """The observed permission, as a grant would have it, and as an item. NotFoundError, RefusedError."""
    catalog, line = get_unmanaged_permission(person, observed_id, draft["now"])
    adoptable_permission = build_adoptable_permission(catalog, line, person)
    return line, adoptable_permission, build_draft_item(adoptable_permission, responsible_person, **draft)


def _check_adoption(person: Person, found: AdoptablePermission, item: RequestItem, now: datetime) -> None:
    request = item.request
    _check_reason(request.purpose)
    check_end(request.ends_at, now)
    if not list_adoption_owners(found, person).filter(pk=request.requester_id).exists():
        words = {"team": request.team.name}
        admin = _("The responsible person must be an admin of %(team)s, whose account it is.")
        member = _("The responsible person must be in %(team)s, whose account it is.")
        raise RefusedError((admin if found.principal.is_account else member) % words, "owner")


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise RefusedError(_("Give a reason in one sentence."), "reason")
    check_text(reason, "reason")


def _create_decision(item: RequestItem, person: Person, effects: Effects, event: Event) -> None:
    Decision.objects.create(
        item=item,
        requester_id=item.requester_id,
        decided_by=person,
        decided_at=event.at,
        answer=Decision.Answer.APPROVE,
        effects_hash=effects.digest(),
        comment=_describe_adoption(),
        event=event,
    )


@transaction.atomic(durable=True)
def order_removal(
    *, acting_user: Person, observed_id: int, key: str, reason: str, now: datetime
) -> PermissionRemoval:
    """Have the workers take away one unmanaged permission: exactly the one that was shown, named by its key.

    Raises NotFoundError, ForbiddenError, RefusedError without a reason, when it is another by now, or when its
    removal would take something else with it.
    """
    _lock_permission(observed_id)
    catalog, line = get_unmanaged_permission(acting_user, observed_id, now)
    one = line.permission
    require_allowed(may_order_removal(acting_user, catalog, one.database, one.table))
    if line.key != key:
        raise RefusedError(_("The permission has changed since you opened it. Check it again."))
    check_removable(catalog, line, now)
    _check_reason(reason)
    return _create_removal(catalog, line, acting_user, reason.strip(), now)


def _create_removal(
    catalog: ConnectedCatalog, line: CatalogPermission, person: Person, reason: str, now: datetime
) -> PermissionRemoval:
    wanted = Wanted(0, line.permission, line.columns).to_json()
    losses = describe_losses(catalog, line, now)
    data = {"catalog": catalog.pk, "permission": wanted, "effects": losses, "reason": reason}
    event = record_by_person("order_removal", person, f"catalog:{catalog.pk}", data, now)
    intent = engine.create_intent(
        kind=Intent.Kind.REMOVAL,
        scope_key=engine.catalog_scope_key(catalog.pk),
        subject=f"removal:{event.pk}",
        wanted=wanted,
        effects={"losses": losses},
        effects_hash=line.key,
        expires_at=None,
        now=now,
    )
    return PermissionRemoval.objects.create(
        catalog=catalog,
        key=line.key,
        atom=wanted,
        effects=losses,
        reason=reason,
        ordered_by=person,
        ordered_at=now,
        intent=intent,
        event=event,
    )


@transaction.atomic(durable=True)
def acknowledge_finding(*, acting_user: Person, finding_id: int, reason: str, now: datetime) -> DriftFinding:
    """Say why a difference may stay: it is shown last, with the reason. NotFoundError, ForbiddenError, RefusedError."""
    finding = get_finding(acting_user, finding_id)
    require_allowed(may_acknowledge_finding(acting_user, finding.catalog, finding.database, finding.table))
    _check_reason(reason)
    finding.known_at, finding.known_by, finding.known_reason = now, acting_user, reason.strip()
    finding.save(update_fields=["known_at", "known_by", "known_reason"])
    data = {"kind": finding.kind, "found": finding.text, "reason": finding.known_reason}
    record_by_person("acknowledge_finding", acting_user, f"finding:{finding.pk}", data, now)
    return finding


@transaction.atomic(durable=True)
def repair_finding(*, acting_user: Person, finding_id: int, now: datetime) -> DriftFinding:
    """Have the workers look at once, whatever back-off an older failure has earned. NotFoundError, ForbiddenError."""
    finding = get_finding(acting_user, finding_id)
    require_allowed(may_repair_finding(acting_user, finding.catalog))
    keys = set(Intent.objects.filter(pk__in=finding.intents).values_list("scope_key", flat=True))
    for key in sorted({engine.catalog_scope_key(finding.catalog_id), *keys}):
        engine.wake_scope(scope_key=key, reason="somebody asked to look again", now=now, retries=True)
    record_by_person("repair_finding", acting_user, f"finding:{finding.pk}", {"kind": finding.kind}, now)
    return finding


def _lock_permission(observed_id: int) -> None:
    """Two who act on the same permission follow each other. Rows of the engine are not the web's to lock."""
    acquire_transaction_lock(AdvisoryLock.PERMISSION, observed_id)


@builds_stored_text
def _describe_adoption() -> str:
    return _("Adopted: the permission was given in AWS before.")
