"""Start scans; accept, dismiss and reclassify findings. Each is one transaction; no call to AWS is made."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.classification.models import FINDING_TRANSITIONS, OPEN_SCAN_STATES, Finding, FindingState, Scan
from catalog.mirror.glue_parser import CLASSIFICATION_TAG
from catalog.mirror.models import Classification, Table
from catalog.tag_changes.actions import write_proposal
from catalog.tag_changes.checks import MAX_ASSIGNMENTS, check_text
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.preview import preview_tag_change
from identity.accounts import ConnectedCatalog
from identity.people.events import record_by_person
from identity.people.may import can_read_everything, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.errors import NotFoundError, RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal
from lakeformation.tagging import TagAssignment, TagChangeEffects, TagTarget


@dataclass(frozen=True)
class Acceptance:
    """What accepting these findings would propose. `effects.digest()` is posted back."""

    catalog: ConnectedCatalog
    findings: Sequence[Finding]
    assignments: Sequence[TagAssignment]
    effects: TagChangeEffects


def build_acceptance(person: Person, findings: Sequence[Finding]) -> Acceptance:
    """RefusedError unless all are of one catalog; else as `preview_tag_change`."""
    catalogs = {finding.table.database.catalog for finding in findings}
    if not catalogs:
        raise RefusedError(_("Select at least one column."), "findings")
    if len(catalogs) > 1:
        raise RefusedError(_("Select columns of one catalog at a time."), "findings")
    if len(findings) > MAX_ASSIGNMENTS:
        raise RefusedError(_("Select at most %(max)s columns.") % {"max": MAX_ASSIGNMENTS}, "findings")
    catalog = catalogs.pop()
    assignments = sorted(map(_build_assignment, findings), key=lambda one: one.target)
    effects = preview_tag_change(person, catalog=catalog, assignments=assignments)
    return Acceptance(catalog, findings, assignments, effects)


def _build_assignment(finding: Finding) -> TagAssignment:
    target = TagTarget(finding.table.database.name, finding.table.name, finding.column)
    return TagAssignment(target, CLASSIFICATION_TAG, finding.proposed_class)


CLASSIFYING_ROLES = (PlatformRole.Role.STEWARD, PlatformRole.Role.GOVERNANCE_ADMIN)


def sees_classification(person: Person) -> bool:
    """Whether the person has anything to do with the queue."""
    return person.is_active and (
        _sees_every_finding(person) or bool(get_team_ids_with_role(person, Membership.Role.DATA_OWNER))
    )


def visible_findings(person: Person) -> QuerySet[Finding]:
    return Finding.objects.filter(table__in=scannable_tables(person))


def visible_scans(person: Person) -> QuerySet[Scan]:
    return Scan.objects.filter(table__in=scannable_tables(person))


def scannable_tables(person: Person) -> QuerySet[Table]:
    """Tables whose findings the person sees: all for stewards and those who read the whole mesh, else those of their domains."""
    if not person.is_active:
        return Table.objects.none()
    if _sees_every_finding(person):
        return Table.objects.all()
    teams = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    return Table.objects.filter(database__domain__owner_team__in=teams)


def may_start_scans(person: Person, table: Table) -> Verdict:
    """Stewards, governance admins and the data owners of the table's domain."""
    if person.is_active and has_platform_role(person, *CLASSIFYING_ROLES):
        return ALLOWED
    domain = table.database.domain
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if person.is_active and domain is not None and domain.owner_team_id in owned:
        return ALLOWED
    return refusal(
        _("Only stewards, governance admins and the domain's data owners can classify this table.")
    )


def may_accept_findings(person: Person, table: Table) -> Verdict:
    """Whoever may start a scan of the table may accept its findings, unless a recent role change bars them."""
    verdict = may_start_scans(person, table)
    return may_decide_on_basis(person, *_build_bases(table)) if verdict else verdict


def _build_bases(table: Table) -> list[DecisionBasis]:
    """As `decision_curator_bases` in SQL."""
    bases, domain = [DecisionBasis(role) for role in CLASSIFYING_ROLES], table.database.domain
    if domain is not None:
        bases.append(DecisionBasis(OWNER, domain.owner_team_id, rests_on={"domain": [domain.pk]}))
    return bases


def may_dismiss_findings(person: Person, table: Table) -> Verdict:
    return may_accept_findings(person, table)


def may_change_finding_classes(person: Person, table: Table) -> Verdict:
    return may_accept_findings(person, table)


def _sees_every_finding(person: Person) -> bool:
    return can_read_everything(person) or has_platform_role(person, PlatformRole.Role.STEWARD)


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
    for finding in findings:
        finding.tag_change = change
        _close(finding, FindingState.ACCEPTED, acting_user, reason, now)
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
    for finding in findings:
        _close(finding, FindingState.DISMISSED, acting_user, reason, now)
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
    for finding in findings:
        finding.proposed_class = proposed_class
        finding.save(update_fields=["proposed_class"])
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
