"""What the owners of a domain say of an offer, and whether it stands: each refusal names the input."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.mirror.models import Database, Table
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.bounds import CARE, DAY
from catalog.products.offers.may import answering
from catalog.products.offers.states import Scope, Use
from identity.accounts.models import ConnectedCatalog
from identity.errors import RefusedError
from lakeformation.values.row_rule_parser import RowRuleError, parse
from lakeformation.values.row_rule_templates import RowTemplate, read_template, rule_of
from lakeformation.values.tag_expressions import TagExpression
from lakeformation.values.wording import as_sentence

LONGEST_NAME, LONGEST_SUMMARY, LONGEST_TERMS = 120, 240, 8000
MOST_VALUES = 200
"""To choose from, under one name."""


@dataclass(frozen=True)
class Draft:
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
class CheckedDraft:
    """A draft whose rows were found; `tables` are those by name, `row_values` as they stand in a row rule."""

    draft: Draft
    tables: tuple[Table, ...]
    database: Database | None
    catalog: ConnectedCatalog | None
    tags: dict[str, list[str]]
    row_values: dict[str, list[str]]


def check_draft(draft: Draft, product: DataProduct, domain: Domain) -> CheckedDraft:
    """RefusedError at the first input that does not stand."""
    _check_words(draft)
    _check_bounds(draft)
    tables = _tables(draft, product, domain)
    database = _database(draft, product, domain)
    tags = TagExpression.of(draft.tags).to_json() if draft.scope == Scope.TAGS else {}
    catalog = (
        ConnectedCatalog.objects.filter(pk=draft.catalog or 0).first() if draft.scope == Scope.TAGS else None
    )
    if draft.scope == Scope.TAGS and not (tags and catalog):
        raise RefusedError(_("Enter the LF-Tags and choose their catalog."), "tags")
    template = _template(draft, tables or _first_tables(database))
    return CheckedDraft(draft, tables, database, catalog, tags, _written(template))


def _check_words(draft: Draft) -> None:
    if not 0 < len(draft.name.strip()) <= LONGEST_NAME:
        raise RefusedError(
            _("Give the offer a name of at most %(most)s characters.") % {"most": LONGEST_NAME}, "name"
        )
    if len(draft.summary.strip()) > LONGEST_SUMMARY:
        raise RefusedError(_("Use at most %(most)s characters.") % {"most": LONGEST_SUMMARY}, "summary")
    if len(draft.terms.strip()) > LONGEST_TERMS:
        raise RefusedError(
            _("Terms can have at most %(most)s characters.") % {"most": LONGEST_TERMS}, "terms"
        )


def _check_bounds(draft: Draft) -> None:
    if draft.scope not in Scope.values:
        raise RefusedError(_("Choose what can be requested."), "scope")
    if draft.highest_class not in CARE:
        raise RefusedError(_("Choose the highest classification that can be requested."), "highest_class")
    if draft.future_columns and draft.highest_class != CARE[-1]:
        said = _("A future column may be sensitive. Allow sensitive columns, or only named ones.")
        raise RefusedError(said, "future_columns")
    if not draft.uses or not set(draft.uses) <= set(Use.values):
        raise RefusedError(_("Choose how the data can be used."), "uses")
    most = settings.LONGEST_ACCESS_DAYS * DAY
    if not 1 <= draft.longest_hours <= most:
        said = _("Access can last from an hour to %(days)s days.") % {"days": settings.LONGEST_ACCESS_DAYS}
        raise RefusedError(said, "longest_hours")


def _tables(draft: Draft, product: DataProduct, domain: Domain) -> tuple[Table, ...]:
    if draft.scope != Scope.TABLES:
        return ()
    rows = product.tables.filter(pk__in=draft.tables, tombstoned_at=None)
    found = tuple(rows.select_related("database__domain").prefetch_related("columns").order_by("pk"))
    if not found or len(found) < len(set(draft.tables)):
        raise RefusedError(_("Choose tables of this product."), "tables")
    check_own(found, product, domain)
    return found


def check_own(tables: Sequence[Table], product: DataProduct, domain: Domain) -> None:
    """RefusedError for a table that another domain answers for: nobody offers another's data."""
    foreign = [table for table in tables if answering(table, product) != domain]
    if foreign:
        words = {"table": foreign[0], "domain": answering(foreign[0], product).name}
        raise RefusedError(
            _("%(table)s belongs to %(domain)s, so only its data owners can offer it.") % words, "tables"
        )


def _database(draft: Draft, product: DataProduct, domain: Domain) -> Database | None:
    if draft.scope != Scope.DATABASE:
        return None
    rows = Database.objects.filter(pk=draft.database or 0, tombstoned_at=None, tables__products=product)
    found = rows.filter(domain=domain).distinct().first()
    if found is None:
        words = _("Choose a database of this product that belongs to %(domain)s.")
        raise RefusedError(words % {"domain": domain.name}, "database")
    return found


def _first_tables(database: Database | None) -> Sequence[Table]:
    if database is None:
        return ()
    return list(database.tables.filter(tombstoned_at=None).prefetch_related("columns"))


def _template(draft: Draft, tables: Sequence[Table]) -> RowTemplate:
    """Read, and tried on each table with all its values. RefusedError."""
    if draft.row_template.strip() and draft.scope == Scope.TAGS:
        raise RefusedError(
            _("LF-Tags can't be combined with a row filter. Leave the rows empty."), "row_template"
        )
    if any(len(values) > MOST_VALUES for values in draft.row_values.values()):
        said = _("Enter at most %(most)s values for one name.") % {"most": MOST_VALUES}
        raise RefusedError(said, "row_values")
    try:
        template = read_template(draft.row_template, draft.row_values)
        rule = rule_of(template, _written(template))
        for table in tables if rule else ():
            _check_rule(rule, table)
    except RowRuleError as error:
        raise RefusedError(as_sentence(error.reason), "row_template") from error
    return template


def _check_rule(rule: str, table: Table) -> None:
    """RowRuleError where the table's columns do not compare with it as it is written."""
    read = str(parse(rule, {column.name: column.type for column in table.columns.all()}))
    if read != rule:
        raise RowRuleError(f"write the values as they are in {table}: {read}", 1)


def _written(template: RowTemplate) -> dict[str, list[str]]:
    return {choice.name: [str(value) for value in choice.values] for choice in template.choices}
