"""Drafts of offers and their validation. Each RefusedError names the form field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.bounds import CLASSES_BY_SENSITIVITY, HOURS_PER_DAY
from catalog.products.offers.models import DataUse, OfferScope
from catalog.products.offers.queries import get_responsible_domain
from identity.accounts import ConnectedCatalog
from kernel.errors import RefusedError
from kernel.text import check_length
from lakeformation.values.row_filter_templates import RowTemplate, build_row_filter, read_template
from lakeformation.values.row_filters import RowFilterError, parse_row_filter
from lakeformation.values.tag_expressions import TagExpression
from lakeformation.values.wording import to_sentence

MAX_NAME_LENGTH, MAX_SUMMARY_LENGTH, MAX_TERMS_LENGTH = 120, 240, 8000
MAX_VALUES = 200
"""To choose from, under one name."""


@dataclass(frozen=True)
class OfferDraft:
    """A version as its owners write it. `tables` by id; `database` and `catalog` by id, for their scopes; a row
    template with its values by name; `terms` empty for none.
    """

    name: str
    scope: str
    highest_class: str
    uses: tuple[str, ...]
    longest_hours: int
    summary: str = ""
    tables: tuple[int, ...] = ()
    database: int | None = None
    catalog: int | None = None
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    future_columns: bool = False
    row_template: str = ""
    row_values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    terms: str = ""
    automatic: bool = False


@dataclass(frozen=True)
class CheckedOfferDraft:
    """A draft whose rows were found; `tables` are those by name, `row_values` as written in a row filter."""

    draft: OfferDraft
    tables: tuple[Table, ...]
    database: Database | None
    catalog: ConnectedCatalog | None
    tags: dict[str, list[str]]
    row_values: dict[str, list[str]]


def check_draft(draft: OfferDraft, product: DataProduct, domain: Domain) -> CheckedOfferDraft:
    """Raises RefusedError at the first invalid field."""
    if not 0 < len(draft.name.strip()) <= MAX_NAME_LENGTH:
        raise RefusedError(
            _("Give the offer a name of at most %(most)s characters.") % {"most": MAX_NAME_LENGTH}, "name"
        )
    check_length(draft.summary.strip(), "summary", MAX_SUMMARY_LENGTH)
    if len(draft.terms.strip()) > MAX_TERMS_LENGTH:
        raise RefusedError(
            _("Terms can have at most %(most)s characters.") % {"most": MAX_TERMS_LENGTH}, "terms"
        )
    if draft.scope not in OfferScope.values:
        raise RefusedError(_("Choose what can be requested."), "scope")
    if draft.highest_class not in CLASSES_BY_SENSITIVITY:
        raise RefusedError(_("Choose the highest classification that can be requested."), "highest_class")
    if draft.future_columns and draft.highest_class != CLASSES_BY_SENSITIVITY[-1]:
        said = _("A future column may be sensitive. Allow sensitive columns, or only named ones.")
        raise RefusedError(said, "future_columns")
    if not draft.uses or not set(draft.uses) <= set(DataUse.values):
        raise RefusedError(_("Choose how the data can be used."), "uses")
    most = settings.LONGEST_ACCESS_DAYS * HOURS_PER_DAY
    if not 1 <= draft.longest_hours <= most:
        said = _("Access can last from an hour to %(days)s days.") % {"days": settings.LONGEST_ACCESS_DAYS}
        raise RefusedError(said, "longest_hours")
    tables = _find_tables(draft, product, domain)
    database = _find_database(draft, product, domain)
    tags = TagExpression.from_values(draft.tags).to_json() if draft.scope == OfferScope.TAGS else {}
    catalog = (
        ConnectedCatalog.objects.filter(pk=draft.catalog or 0).first()
        if draft.scope == OfferScope.TAGS
        else None
    )
    if draft.scope == OfferScope.TAGS and not (tags and catalog):
        raise RefusedError(_("Enter the LF-Tags and choose their catalog."), "tags")
    template = _parse_template(draft, tables or _list_database_tables(database))
    return CheckedOfferDraft(draft, tables, database, catalog, tags, _serialize_values(template))


def _find_tables(draft: OfferDraft, product: DataProduct, domain: Domain) -> tuple[Table, ...]:
    if draft.scope != OfferScope.TABLES:
        return ()
    rows = product.tables.filter(pk__in=draft.tables, tombstoned_at=None)
    found = tuple(rows.select_related("database__domain").prefetch_related("columns").order_by("pk"))
    if not found or len(found) < len(set(draft.tables)):
        raise RefusedError(_("Choose tables of this product."), "tables")
    check_domain_tables(found, product, domain)
    return found


def check_domain_tables(tables: Sequence[Table], product: DataProduct, domain: Domain) -> None:
    """RefusedError for a table that another domain answers for: nobody offers another's data."""
    foreign = [table for table in tables if get_responsible_domain(table, product) != domain]
    if foreign:
        words = {"table": foreign[0], "domain": get_responsible_domain(foreign[0], product).name}
        raise RefusedError(
            _("%(table)s belongs to %(domain)s, so only its data owners can offer it.") % words, "tables"
        )


def _find_database(draft: OfferDraft, product: DataProduct, domain: Domain) -> Database | None:
    if draft.scope != OfferScope.DATABASE:
        return None
    rows = Database.objects.filter(pk=draft.database or 0, tombstoned_at=None, tables__products=product)
    row = rows.filter(domain=domain).distinct().first()
    if row is None:
        words = _("Choose a database of this product that belongs to %(domain)s.")
        raise RefusedError(words % {"domain": domain.name}, "database")
    return row


def _list_database_tables(database: Database | None) -> Sequence[Table]:
    if database is None:
        return ()
    return list(database.tables.filter(tombstoned_at=None).prefetch_related("columns"))


def _parse_template(draft: OfferDraft, tables: Sequence[Table]) -> RowTemplate:
    """Read, and tried on each table with all its values. RefusedError."""
    if draft.row_template.strip() and draft.scope == OfferScope.TAGS:
        raise RefusedError(
            _("LF-Tags can't be combined with a row filter. Leave the rows empty."), "row_template"
        )
    if any(len(values) > MAX_VALUES for values in draft.row_values.values()):
        said = _("Enter at most %(most)s values for one name.") % {"most": MAX_VALUES}
        raise RefusedError(said, "row_values")
    try:
        template = read_template(draft.row_template, draft.row_values)
        rule = build_row_filter(template, _serialize_values(template))
        for table in tables if rule else ():
            _check_row_filter(rule, table)
    except RowFilterError as error:
        raise RefusedError(to_sentence(error.reason), "row_template") from error
    return template


def _check_row_filter(rule: str, table: Table) -> None:
    """RowFilterError where the table's columns do not compare with it as it is written."""
    read = str(parse_row_filter(rule, {column.name: column.type for column in table.columns.all()}))
    if read != rule:
        raise RowFilterError(f"write the values as they are in {table}: {read}", 1)


def _serialize_values(template: RowTemplate) -> dict[str, list[str]]:
    return {choice.name: [str(value) for value in choice.values] for choice in template.choices}
