"""The list of scans."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.classification.actions import may_accept_findings, scannable_tables, sees_classification
from catalog.classification.models import KIND_LABELS, KINDS, Finding, FindingState, Scan, ScanState
from catalog.classification.queries import describe_evidence, list_findings, list_scans
from catalog.mirror.models import Classification
from catalog.mirror.models import Column as TableColumn
from catalog.products.models import DataProduct, Domain
from identity.people.models import Person
from identity.role_changes.bars import get_bar_reason
from kernel.errors import NotFoundError
from portal.api.filters import ListFilters, by_choice, by_id, by_text
from portal.api.pagination import Rows
from portal.lists.declaration import Column, EmptyState, FilterInput, ListPage, Text
from requests_app.display_states.vocabulary import DisplayState
from requests_app.display_states.work_states import FINDING_STATES, SCAN_STATES


class ScanFilters(ListFilters):
    table = by_id("table", "Its table.")
    state = by_choice("state", ScanState.values, "Its state.")


@dataclass(frozen=True)
class ScanRow:
    scan: Scan
    display_state: DisplayState


class ScanList(ListPage):
    route, api_route = "classification-scans", "api-classification-scans"
    template = "portal/classification/scans.html"
    title = _("Scans")
    lead = _(
        "A worker reads a few rows of a table as the sampling role of its catalog. Values are never kept."
    )
    label = _("List of scans")
    cells = "portal/classification/_scan_cells.html"
    columns = (
        Column(_("Table"), "table", is_labelled=False),
        Column(_("Requested by"), "requested_by"),
        Column(_("State"), "components/cells.html#state", "display_state"),
        Column(_("Read"), "read"),
    )
    filters = ScanFilters
    empty = EmptyState(
        "table", _("No scans yet"), _("Tables with new or changed columns are scanned by a schedule.")
    )

    def list_rows(self) -> QuerySet[Any]:
        if not sees_classification(self.person):
            raise NotFoundError
        return list_scans(self.person)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return [ScanRow(row, SCAN_STATES[row.state]) for row in rows]


ANY = "any"


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


def build_finding_rows(person: Person, findings: Collection[Finding]) -> list[FindingRow]:
    tables = {finding.table_id: finding.table for finding in findings}
    decides = {pk: may_accept_findings(person, table) for pk, table in tables.items()}
    columns = TableColumn.objects.filter(table__in=tables, name__in={finding.column for finding in findings})
    classes = {(pk, name): said for pk, name, said in columns.values_list("table", "name", "classification")}
    labels = {kind.value: label for kind, label in KIND_LABELS.items()}
    return [
        FindingRow(
            finding,
            str(labels[finding.kind]),
            describe_evidence(finding),
            classes.get((finding.table_id, finding.column), ""),
            finding.state == FindingState.OPEN and bool(decides[finding.table_id]),
            get_bar_reason(decides[finding.table_id]) if finding.state == FindingState.OPEN else "",
        )
        for finding in findings
    ]


def list_filter_products(person: Person) -> list[DataProduct]:
    """Lists the products with findings."""
    tables = scannable_tables(person).exclude(findings=None)
    return list(DataProduct.objects.filter(tables__in=tables).distinct().order_by("name"))


class FindingFilters(ListFilters):
    domain = by_text("table__database__domain__slug", "Its domain.")
    data_product = by_text("table__products__slug", "A data product with the table.")
    table = by_id("table", "Its table.")
    kind = by_choice("kind", [kind for kind, _label in KINDS], "What was detected.")
    proposed_class = by_choice("proposed_class", Classification.values, "The proposed class.")
    state = by_choice("state", FindingState.values, "Its state.")


def list_filter_domains(person: Person) -> list[Domain]:
    """Lists the domains with findings."""
    tables = scannable_tables(person).exclude(findings=None)
    return list(Domain.objects.filter(databases__tables__in=tables).distinct().order_by("name"))


class FindingList(ListPage):
    """With `select=all`, every finding that is shown is selected: it works without JavaScript. The page shows open ones unless
    its `state` says otherwise.
    """

    route = "classification"
    template = cells = "portal/classification/queue.html"
    title = _("Classification")
    label = _("Findings")
    columns = (
        Column(_("Column"), "column", is_labelled=False, sort="column"),
        Column(_("Detected"), "detected", sort="score"),
        Column(_("Evidence"), "evidence"),
        Column(_("Class now"), "components/cells.html#classification", "classification"),
        Column(_("Proposed class"), "components/cells.html#classification", "finding.proposed_class"),
        Column(_("State"), "state"),
    )
    filters = FindingFilters
    aliases = {"product": "data_product"}
    tab_parameter = "state"
    inputs = (
        FilterInput(
            "domain",
            _("Domain"),
            "select",
            any_label=_("all"),
            options=lambda listed: [
                (filter_domain.slug, filter_domain.name)
                for filter_domain in list_filter_domains(listed.person)
            ],
            is_closed=True,
        ),
        FilterInput(
            "data_product",
            _("Data product"),
            "select",
            any_label=_("all"),
            options=lambda listed: [
                (filter_product.slug, filter_product.name)
                for filter_product in list_filter_products(listed.person)
            ],
            is_closed=True,
        ),
        FilterInput("kind", _("Detected"), "select", any_label=_("all"), options=lambda _list: KINDS),
        FilterInput(
            "proposed_class",
            _("Proposed class"),
            "select",
            any_label=_("all"),
            options=lambda _list: Classification.choices,
        ),
        FilterInput("state", _("State"), "select", options=lambda listed: listed.tabs.items()),
    )
    empty = EmptyState(
        "table",
        _("No findings"),
        _("Change the filter, or start a scan of a table."),
        _("Scans"),
        "classification-scans",
        "plain",
    )

    def list_tabs(self) -> dict[str, Text]:
        return {**dict(FindingState.choices), ANY: _("all")}

    def get_usual_tab(self) -> str:
        return FindingState.OPEN.value

    def list_rows(self) -> QuerySet[Any]:
        if not sees_classification(self.person):
            raise NotFoundError
        return list_findings(self.person)

    def list_tab_rows(self) -> Rows:
        rows = self.list_rows()
        return rows if self.tab == ANY else rows.filter(state=self.tab)

    def build_rows(self, rows: list[Any]) -> list[Any]:
        return build_finding_rows(self.person, rows)

    def build_context(self, rows: list[Any]) -> Mapping[str, Any]:
        asked = self.query.copy()
        asked.pop("select", None)
        return {
            "may_decide": any(row.may_decide for row in rows),
            "barred": next((row.barred for row in rows if row.barred), ""),
            "all_selected": self.query.get("select") == "all",
            "select_none_url": f"?{asked.urlencode()}",
            "select_all_url": f"?{urlencode([*asked.items(), ('select', 'all')])}",
        }
