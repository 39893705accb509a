"""Reads of findings and scans."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.classification.actions import may_accept_findings, visible_findings, visible_scans
from catalog.classification.kinds import PERSONAL_KINDS
from catalog.classification.models import Finding, FindingState, Scan
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
    finding = list_findings(person).filter(pk=pk).first()
    if finding is None:
        raise NotFoundError
    return finding


def list_findings_for_stewards(person: Person) -> QuerySet[Finding]:
    """Open ones that wait for the person as a steward, by `may_accept_findings`. None for others, without a query; else one query."""
    if not has_platform_role(person, PlatformRole.Role.STEWARD):
        return Finding.objects.none()
    rows = list_findings(person).filter(state=FindingState.OPEN)
    domain = "table__database__domain"
    barred = [
        row.table.database.domain_id
        for row in rows.order_by(domain, "pk").distinct(domain)
        if not may_accept_findings(person, row.table)
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
    scan = list_scans(person).filter(pk=pk).first()
    if scan is None:
        raise NotFoundError
    return scan


def list_unclassified_personal_columns(tables: Iterable[Table] | QuerySet[Table]) -> list[Finding]:
    """Columns that were detected as personal and have no class yet. Dismissed findings do not count."""
    bare = Column.objects.filter(table=OuterRef("table"), name=OuterRef("column"), classification="")
    kinds: Collection[str] = [kind.value for kind in PERSONAL_KINDS]
    rows = Finding.objects.filter(
        Exists(bare), table__in=tables, kind__in=kinds, state__in=(FindingState.OPEN, FindingState.ACCEPTED)
    )
    latest = rows.order_by("table", "column", "-pk").distinct("table", "column")
    return list(latest.select_related("table__database"))


CHECK_LABELS = {
    "iban": gettext_lazy("IBANs with a valid checksum"),
    "payment_card": gettext_lazy("payment card numbers with a valid checksum"),
    "email": gettext_lazy("email addresses"),
    "phone": gettext_lazy("phone numbers"),
    "ip_address": gettext_lazy("IP addresses"),
    "date_of_birth": gettext_lazy("dates that can be dates of birth"),
    "reference": gettext_lazy("different values"),
    "de_idnr": gettext_lazy("German tax identification numbers"),
    "us_ssn": gettext_lazy("US Social Security numbers"),
    "ch_ahv": gettext_lazy("Swiss AHV numbers"),
    "fr_nir": gettext_lazy("French social security numbers"),
    "it_codice_fiscale": gettext_lazy("Italian tax codes"),
    "es_dni": gettext_lazy("Spanish DNI or NIE numbers"),
    "pl_pesel": gettext_lazy("Polish PESEL numbers"),
    "nl_bsn": gettext_lazy("Dutch citizen service numbers"),
    "gb_nino": gettext_lazy("UK National Insurance numbers"),
    "gb_nhs": gettext_lazy("UK NHS numbers"),
    "at_vnr": gettext_lazy("Austrian social insurance numbers"),
    "be_nn": gettext_lazy("Belgian national numbers"),
    "se_personnummer": gettext_lazy("Swedish personal identity numbers"),
    "dk_cpr": gettext_lazy("Danish CPR numbers"),
}


def describe_evidence(finding: Finding) -> list[str]:
    """A sentence for each piece of evidence."""
    return [_describe(line) for line in finding.evidence]


def _describe(line: Mapping[str, Any]) -> str:
    if line["check"] == "name":
        return _("The column's name says so.")
    words = {"valid": line["valid"], "sampled": line["sampled"], "what": CHECK_LABELS.get(line["check"], "")}
    if not words["what"]:
        return _("%(valid)s of %(sampled)s sampled values look like it.") % words
    if line["check"] == "reference":
        return (
            ngettext(
                "%(sampled)s sampled value has %(valid)s different values.",
                "%(sampled)s sampled values have %(valid)s different values.",
                line["sampled"],
            )
            % words
        )
    return (
        ngettext(
            "%(valid)s of %(sampled)s sampled value: %(what)s.",
            "%(valid)s of %(sampled)s sampled values: %(what)s.",
            line["sampled"],
        )
        % words
    )
