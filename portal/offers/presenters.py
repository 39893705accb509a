"""Summaries of offers: scope, rows, duration and request links."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import DataUse, OfferScope, OfferState, OfferVersion
from catalog.products.offers.queries import list_published_versions, parse_row_template
from lakeformation.values.tag_expressions import TagExpression
from requests_app.display_states.vocabulary import Lifecycle
from requests_app.submission.offer_checks import format_hours

LIFECYCLES = {
    OfferState.DRAFT: Lifecycle.DRAFT,
    OfferState.PUBLISHED: Lifecycle.PUBLISHED,
    OfferState.RETIRED: Lifecycle.RETIRED,
}


@dataclass(frozen=True)
class RowValueChoice:
    """`value` as in a row filter; `label` without quotes."""

    value: str
    label: str
    is_selected: bool = False


@dataclass(frozen=True)
class RowChoice:
    name: str
    column: str
    values: tuple[RowValueChoice, ...]


@dataclass(frozen=True)
class OfferSummary:
    """`request_links` are labels and URLs; `rows` is a sentence, empty for all rows."""

    version: OfferVersion
    lifecycle: Lifecycle
    scope_text: str
    columns: str
    rows: str
    uses: str
    max_duration: str
    request_links: tuple[tuple[str, str], ...]


def build_offer_summaries(product: DataProduct, tables: Iterable[Table]) -> list[OfferSummary]:
    """Published offers; `tables` are those of the product. Two queries."""
    there = list(tables)
    return [build_offer_summary(version, there) for version in list_published_versions(product)]


def build_offer_summary(version: OfferVersion, tables: Iterable[Table] = ()) -> OfferSummary:
    """No query for a version from `catalog.products.offers.queries`."""
    if version.scope == OfferScope.TAGS:
        scope_text = _("everything with %(tags)s") % {"tags": TagExpression.from_values(version.tags).text}
    elif version.database:
        scope_text = _("all tables of %(database)s, including future ones") % {
            "database": version.database.name
        }
    else:
        scope_text = ", ".join(str(table.table) for table in version.tables.all())
    template = parse_row_template(version)
    fixed = [str(rule) for rule in template.fixed]
    open_ = [
        _("%(column)s of your choice: %(values)s")
        % {"column": choice.column, "values": ", ".join(value.value for value in choice.values)}
        for choice in template.choices
    ]
    return OfferSummary(
        version=version,
        lifecycle=LIFECYCLES[OfferState(version.state)],
        scope_text=scope_text,
        columns=_describe_columns(version),
        rows="; ".join([*fixed, *open_]),
        uses=", ".join(str(DataUse(use).label) for use in version.uses),
        max_duration=format_hours(version.longest_hours),
        request_links=_build_request_links(version, tables),
    )


def build_row_choices(version: OfferVersion, picked: Mapping[str, Collection[str]]) -> tuple[RowChoice, ...]:
    """Row choices of the offer; a single value is preselected."""
    return tuple(
        RowChoice(
            choice.name,
            choice.column,
            tuple(
                RowValueChoice(
                    str(one), one.value, str(one) in picked.get(choice.name, ()) or len(choice.values) == 1
                )
                for one in choice.values
            ),
        )
        for choice in parse_row_template(version).choices
    )


def _describe_columns(version: OfferVersion) -> str:
    if version.future_columns:
        return _("all, or the whole table including future columns")
    said = {
        "public": _("public columns"),
        "private": _("public and private columns, no sensitive ones"),
        "sensitive": _("all, including sensitive columns"),
    }
    return said[version.highest_class]


def _build_request_links(version: OfferVersion, tables: Iterable[Table]) -> tuple[tuple[str, str], ...]:
    if version.scope == OfferScope.TAGS:
        assert version.catalog is not None
        pairs = [("tag", f"{key}={value}") for key, values in version.tags.items() for value in values]
        said = urlencode([*pairs, ("catalog", version.catalog.short_name), ("offer", str(version.pk))])
        return ((TagExpression.from_values(version.tags).text, f"{reverse('access-request-new')}?{said}"),)
    covered = {table.table_id for table in version.tables.all()}
    whole: tuple[tuple[str, str], ...] = ()
    if version.database and version.future_columns and not version.row_template:
        where = f"{reverse('access-request-new')}?database={version.database.pk}"
        whole = ((_("all of %(name)s") % {"name": version.database}, f"{where}&offer={version.pk}"),)
    return whole + tuple(
        (table.name, f"{reverse('access-request-new')}?table={table.pk}&offer={version.pk}")
        for table in tables
        if table.tombstoned_at is None
        and (table.pk in covered or table.database_id == (version.database_id or 0))
    )
