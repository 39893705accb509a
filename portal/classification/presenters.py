"""Findings and effects as the queue shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.classification.may import may_accept_findings, scannable_tables
from catalog.classification.models import KIND_LABELS, Finding, Scan
from catalog.classification.states import FindingState
from catalog.classification.wording import describe_evidence
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct, Domain
from identity.accounts.models import Principal
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason
from lakeformation.tagging.effects import AccessChange
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import FINDING_STATES, SCAN_STATES


@dataclass(frozen=True)
class FindingRow:
    """`classification` is the column's present class; `may_decide`: the finding is open and the person decides on it."""

    finding: Finding
    kind: str
    evidence: Sequence[str]
    classification: str
    may_decide: bool
    barred: str

    @property
    def display_state(self) -> DisplayState:
        return FINDING_STATES[self.finding.state]

    @property
    def percent(self) -> int:
        return round(self.finding.score * 100)


@dataclass(frozen=True)
class AccessRow:
    """What one role gains and loses of one table."""

    change: AccessChange
    principal: Principal | None

    @property
    def name(self) -> str:
        return self.principal.name if self.principal else self.change.principal.rsplit("/", 1)[-1]


def build_finding_rows(person: Person, findings: Iterable[Finding]) -> list[FindingRow]:
    rows = list(findings)
    tables = {one.table_id: one.table for one in rows}
    decides = {pk: may_accept_findings(person, table) for pk, table in tables.items()}
    columns = Column.objects.filter(table__in=tables, name__in={one.column for one in rows})
    classes = {(pk, name): said for pk, name, said in columns.values_list("table", "name", "classification")}
    labels = {kind.value: label for kind, label in KIND_LABELS.items()}
    return [
        FindingRow(
            one,
            str(labels[one.kind]),
            describe_evidence(one),
            classes.get((one.table_id, one.column), ""),
            one.state == FindingState.OPEN and bool(decides[one.table_id]),
            get_bar_reason(decides[one.table_id]) if one.state == FindingState.OPEN else "",
        )
        for one in rows
    ]


def build_access_rows(changes: Sequence[AccessChange]) -> list[AccessRow]:
    found = Principal.objects.filter(arn__in={one.principal for one in changes}, gone_at=None)
    principals = {one.arn: one for one in found.select_related("account")}
    return [AccessRow(one, principals.get(one.principal)) for one in changes]


def get_scan_state(scan: Scan) -> DisplayState:
    return SCAN_STATES[scan.state]


def list_filter_domains(person: Person) -> list[Domain]:
    tables = scannable_tables(person).exclude(findings=None)
    return list(Domain.objects.filter(databases__tables__in=tables).distinct().order_by("name"))


def list_filter_products(person: Person) -> list[DataProduct]:
    """Those with findings."""
    tables = scannable_tables(person).exclude(findings=None)
    return list(DataProduct.objects.filter(tables__in=tables).distinct().order_by("name"))


def list_scannable_products(person: Person) -> list[DataProduct]:
    tables = scannable_tables(person)
    return list(DataProduct.objects.filter(tables__in=tables, retired_at=None).distinct().order_by("name"))


def list_product_table_ids(person: Person, slug: str) -> list[int]:
    live = scannable_tables(person).filter(products__slug=slug, tombstoned_at=None)
    return list(live.values_list("pk", flat=True))


def find_table_ids(person: Person, name: str) -> list[int]:
    """Tables of this name, `database.table`, in every catalog."""
    database, _dot, table = name.strip().partition(".")
    rows: Iterable[Table] = scannable_tables(person).filter(
        database__name=database, name=table, tombstoned_at=None, database__tombstoned_at=None
    )
    return [one.pk for one in rows]
