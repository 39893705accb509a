"""What nobody looks after or uses."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.glossary.models import Term
from catalog.mirror.models import Table
from catalog.products.may import filter_visible_products
from catalog.products.models import DataProduct
from identity.people.models import Person
from portal.charts.chart import Chart, Series
from portal.mesh.tables import ColumnKind, ReportColumn, ReportRow, ReportTable, SectionContent
from requests_app.mesh.unattended import (
    UNREAD_DAYS,
    UnattendedRows,
    list_products_without_owner,
    list_tables_without_product,
    list_unread_catalogs,
    list_unread_tables,
    list_unused_terms,
    take_rows,
)


def build_unattended_section(person: Person, now: datetime) -> SectionContent:
    """Nine queries at most."""
    tables = [
        _build_table_report(take_rows(list_tables_without_product(person))),
        _build_owner_report(person, take_rows(list_products_without_owner(person))),
        _build_unread_report(take_rows(list_unread_tables(person, now)), list_unread_catalogs(person, now)),
        _build_term_report(take_rows(list_unused_terms(person))),
    ]
    counts = tuple(table.total or 0 for table in tables)
    series = (Series(_("found"), counts),)
    names = tuple(table.title for table in tables)
    summary = _("%(n)s in all.") % {"n": sum(counts)}
    chart = Chart("unattended", _("Without owner or use"), summary, _("What"), names, series)
    return SectionContent(tables, [chart])


def _build_table_report(found: UnattendedRows[Table]) -> ReportTable:
    columns = [
        ReportColumn("table", _("Table")),
        ReportColumn("domain", _("Domain of its database")),
        ReportColumn("catalog", _("Catalog")),
    ]
    rows = [
        ReportRow(
            {
                "table": str(row),
                "domain": row.database.domain.name if row.database.domain else None,
                "catalog": row.database.catalog.short_name,
            },
            {"table": reverse("table", args=[row.pk])},
        )
        for row in found.rows
    ]
    source = _("Tables that the catalog sync has read and that no data product holds.")
    empty = _("Each table that you may see is in a data product.")
    title = _("Tables in no data product")
    return ReportTable("tables-without-product", title, source, columns, rows, found.total, empty)


def _build_owner_report(person: Person, found: UnattendedRows[DataProduct]) -> ReportTable:
    """Drafts of others have a name here, and no link."""
    shown = {visible_product.pk for visible_product in filter_visible_products(person, found.rows)}
    columns = [
        ReportColumn("data_product", _("Data product")),
        ReportColumn("domain", _("Domain")),
        ReportColumn("owner", _("Owner")),
    ]
    rows = [
        ReportRow(
            {"data_product": row.name, "domain": row.domain.name, "owner": row.owner.name},
            {"data_product": reverse("data-product", args=[row.slug])} if row.pk in shown else {},
        )
        for row in found.rows
    ]
    source = _("Data products of domains whose team has no active data owner: nobody can decide on requests.")
    empty = _("Each data product that you may see has an active data owner.")
    title = _("Data products without an active data owner")
    return ReportTable("products-without-owner", title, source, columns, rows, found.total, empty)


def _build_unread_report(found: UnattendedRows[Table], unknown: Sequence[str]) -> ReportTable:
    columns = [
        ReportColumn("table", _("Table")),
        ReportColumn("domain", _("Domain of its database")),
        ReportColumn("last_read", _("Last read"), ColumnKind.DAY),
    ]
    rows = [
        ReportRow(
            {
                "table": str(row),
                "domain": row.database.domain.name if row.database.domain else None,
                "last_read": row.last_used,  # type: ignore[attr-defined]
            },
            {"table": reverse("table", args=[row.pk])},
        )
        for row in found.rows
    ]
    source = _(
        "Tables of data products that nobody has read for %(days)s days, by CloudTrail's log files."
    ) % {"days": UNREAD_DAYS}
    if unknown:
        source += " " + _(
            "Unknown for these catalogs, as their log files of all these days were not read: %(names)s."
        ) % {"names": ", ".join(unknown)}
    empty = _("No table is known to be unread.")
    return ReportTable("unread-tables", _("Unread tables"), source, columns, rows, found.total, empty)


def _build_term_report(found: UnattendedRows[Term]) -> ReportTable:
    columns = [
        ReportColumn("term", _("Term")),
        ReportColumn("domain", _("Domain")),
        ReportColumn("team", _("Team")),
    ]
    rows = [
        ReportRow(
            {
                "term": row.name,
                "domain": row.domain.name if row.domain else None,
                "team": row.owner_team.name,
            },
            {"term": reverse("glossary-term", args=[row.slug])},
        )
        for row in found.rows
    ]
    source = _("Approved terms that are linked to nothing that you may see.")
    empty = _("Each approved term is linked to something.")
    return ReportTable("unused-terms", _("Terms without use"), source, columns, rows, found.total, empty)
