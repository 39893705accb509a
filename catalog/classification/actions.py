"""Start scans; accept, dismiss and reclassify findings. Each is one transaction; no call to AWS is made."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.classification.acceptance import build_acceptance
from catalog.classification.may import (
    may_accept_findings,
    may_change_finding_classes,
    may_dismiss_findings,
    may_start_scans,
    scannable_tables,
    visible_findings,
)
from catalog.classification.models import Finding, Scan
from catalog.classification.states import FINDING_TRANSITIONS, OPEN_SCAN_STATES, FindingState
from catalog.mirror.models import Classification, Table
from catalog.tag_changes.actions import write_proposal
from catalog.tag_changes.checks import check_text
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.models import TagChange
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.verdicts import Verdict

MAX_TABLES = 500
SUBJECT = "classification"


@transaction.atomic(durable=True)
def start_scans(*, acting_user: Person, table_ids: Collection[int], now: datetime) -> list[Scan]:
    """A scan for each table; one that is open is returned. NotFoundError, ForbiddenError, RefusedError."""
    ids = sorted(set(table_ids))
    if not ids:
        raise RefusedError(_("Choose at least one table."), "tables")
    if len(ids) > MAX_TABLES:
        raise RefusedError(_("Choose at most %(max)s tables.") % {"max": MAX_TABLES}, "tables")
    visible = scannable_tables(acting_user).filter(pk__in=ids, tombstoned_at=None)
    tables = list(visible.select_related("database__domain").order_by("pk"))
    if len(tables) < len(ids):
        raise NotFoundError
    for table in tables:
        require_allowed(may_start_scans(acting_user, table))
    Scan.objects.bulk_create(
        [Scan(table=table, requested_by=acting_user, requested_at=now) for table in tables],
        ignore_conflicts=True,
    )
    scans = list(Scan.objects.filter(table__in=ids, state__in=OPEN_SCAN_STATES).order_by("pk"))
    own = [scan.pk for scan in scans if scan.requested_by_id == acting_user.pk and scan.requested_at == now]
    record_by_person("start_scans", acting_user, SUBJECT, {"tables": ids, "scans": own}, now)
    return scans


@transaction.atomic(durable=True)
def accept_findings(
    *, acting_user: Person, finding_ids: Collection[int], effects_hash: str, reason: str, now: datetime
) -> TagChange:
    """Propose the classes of all of them in one tag change, which data owners approve.

    NotFoundError, ForbiddenError, RefusedError; IllegalTransitionError where one of them is decided already;
    TagEffectsChangedError where other effects were shown.
    """
    findings = _lock_findings(acting_user, finding_ids, may_accept_findings, FindingState.ACCEPTED)
    acceptance = build_acceptance(acting_user, findings)
    if acceptance.effects.digest() != effects_hash:
        raise TagEffectsChangedError(acceptance.effects)
    change = write_proposal(
        person=acting_user, catalog=acceptance.catalog, effects=acceptance.effects, reason=reason, now=now
    )
    for one in findings:
        one.tag_change = change
        _close(one, FindingState.ACCEPTED, acting_user, reason, now)
    data = {"findings": [one.pk for one in findings], "tag_change": change.pk, "reason": reason.strip()}
    record_by_person("accept_findings", acting_user, f"tag_change:{change.pk}", data, now)
    return change


@transaction.atomic(durable=True)
def dismiss_findings(
    *, acting_user: Person, finding_ids: Collection[int], reason: str, now: datetime
) -> list[Finding]:
    """They do not come back unless another kind is detected. Errors as `accept_findings`."""
    findings = _lock_findings(acting_user, finding_ids, may_dismiss_findings, FindingState.DISMISSED)
    check_text(reason, "reason", is_required=True)
    for one in findings:
        _close(one, FindingState.DISMISSED, acting_user, reason, now)
    data = {"findings": [one.pk for one in findings], "reason": reason.strip()}
    record_by_person("dismiss_findings", acting_user, SUBJECT, data, now)
    return findings


@transaction.atomic(durable=True)
def change_finding_classes(
    *, acting_user: Person, finding_ids: Collection[int], proposed_class: str, now: datetime
) -> list[Finding]:
    """Propose another class than was detected. Errors as `accept_findings`."""
    if proposed_class not in Classification.values:
        raise RefusedError(_("Choose a class."), "proposed_class")
    findings = _lock_findings(acting_user, finding_ids, may_change_finding_classes, FindingState.ACCEPTED)
    before = {str(one.pk): one.proposed_class for one in findings}
    for one in findings:
        one.proposed_class = proposed_class
        one.save(update_fields=["proposed_class"])
    data = {"before": before, "proposed_class": proposed_class}
    record_by_person("change_finding_classes", acting_user, SUBJECT, data, now)
    return findings


def _lock_findings(
    person: Person,
    finding_ids: Collection[int],
    may: Callable[[Person, Table], Verdict],
    target: FindingState,
) -> list[Finding]:
    """All of them, in order. They must be open."""
    ids = sorted(set(finding_ids))
    if not ids:
        raise RefusedError(_("Select at least one column."), "findings")
    rows = visible_findings(person).filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    found = list(rows.select_related("table__database__catalog__account", "table__database__domain"))
    if len(found) < len(ids):
        raise NotFoundError
    for table in {one.table_id: one.table for one in found}.values():
        require_allowed(may(person, table))
    for one in found:
        FINDING_TRANSITIONS.check(one.state, target)
    return found


def _close(row: Finding, state: FindingState, person: Person, reason: str, now: datetime) -> None:
    row.state = FINDING_TRANSITIONS.check(row.state, state)
    row.closed_by, row.closed_at, row.reason = person, now, reason.strip()
    row.save(update_fields=["state", "closed_by", "closed_at", "reason", "tag_change"])
