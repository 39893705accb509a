"""Reads of findings and scans."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.classification.detection.kinds import PERSONAL_KINDS
from catalog.classification.may import may_accept_findings, visible_findings, visible_scans
from catalog.classification.models import Finding, Scan
from catalog.classification.states import FindingState
from catalog.mirror.models import Column, Table
from identity.people.may import has_platform_role
from identity.people.models import Person, PlatformRole
from kernel.errors import NotFoundError

_RELATED = (
    "table__database__catalog__account",
    "table__database__domain__owner_team",
    "closed_by",
    "tag_change",
)


def list_findings(person: Person) -> QuerySet[Finding]:
    """By table and column, with all that a list shows."""
    rows = visible_findings(person).filter(table__tombstoned_at=None).select_related(*_RELATED, "scan")
    return rows.order_by("table__database__name", "table__name", "column", "pk")


def get_finding(person: Person, pk: int) -> Finding:
    """NotFoundError for whoever may not see it."""
    found = list_findings(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_findings_for_stewards(person: Person) -> QuerySet[Finding]:
    """Open ones that wait for the person as a steward, by `may_accept_findings`. None for others, without a query; else one query."""
    if not has_platform_role(person, PlatformRole.Role.STEWARD):
        return Finding.objects.none()
    rows = list_findings(person).filter(state=FindingState.OPEN)
    domain = "table__database__domain"
    barred = [
        one.table.database.domain_id
        for one in rows.order_by(domain, "pk").distinct(domain)
        if not may_accept_findings(person, one.table)
    ]
    if not barred:
        return rows
    without = Q(**{f"{domain}__in": [pk for pk in barred if pk is not None]})
    return rows.exclude(without | Q(**{domain: None}) if None in barred else without)


def list_scans(person: Person) -> QuerySet[Scan]:
    """Newest first."""
    return visible_scans(person).select_related("table__database__catalog", "requested_by").order_by("-pk")


def get_scan(person: Person, pk: int) -> Scan:
    """NotFoundError for whoever may not see it."""
    found = list_scans(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def list_unclassified_personal_columns(tables: Iterable[Table] | QuerySet[Table]) -> list[Finding]:
    """Columns that were detected as personal and have no class yet. Dismissed findings do not count."""
    bare = Column.objects.filter(table=OuterRef("table"), name=OuterRef("column"), classification="")
    kinds: Collection[str] = [kind.value for kind in PERSONAL_KINDS]
    rows = Finding.objects.filter(
        Exists(bare), table__in=tables, kind__in=kinds, state__in=(FindingState.OPEN, FindingState.ACCEPTED)
    )
    latest = rows.order_by("table", "column", "-pk").distinct("table", "column")
    return list(latest.select_related("table__database"))
