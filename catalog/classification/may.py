"""Who sees findings and decides on them: stewards, governance admins and the data owners of the domain."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.classification.models import Finding, Scan
from catalog.mirror.models import Table
from identity.people.may import can_read_everything, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal

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
    """Of this table: whoever may start a scan of it, unless a recent role change bars them."""
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
