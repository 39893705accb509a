"""Offers made ready for pages: what, how, which rows, for how long, and where one asks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import offers_in_force, template_of
from catalog.products.offers.states import OfferState, Scope, Use
from lakeformation.values.tag_expressions import TagExpression
from requests_app.display_states.vocabulary import Lifecycle
from requests_app.submission.offer_checks import format_hours

LIFECYCLES = {
    OfferState.DRAFT: Lifecycle.DRAFT,
    OfferState.IN_FORCE: Lifecycle.PUBLISHED,
    OfferState.WITHDRAWN: Lifecycle.RETIRED,
}


@dataclass(frozen=True)
class ValueShown:
    """`value` as it stands in a row rule; `label` without its quotes."""

    value: str
    label: str
    is_picked: bool = False


@dataclass(frozen=True)
class ChoiceShown:
    name: str
    column: str
    values: tuple[ValueShown, ...]


@dataclass(frozen=True)
class OfferShown:
    """`asks` are links to ask under it, by what is asked for; `rows` a sentence, empty for all rows."""

    version: OfferVersion
    lifecycle: Lifecycle
    what: str
    columns: str
    rows: str
    uses: str
    longest: str
    asks: tuple[tuple[str, str], ...]


def offers_shown(product: DataProduct, tables: Iterable[Table]) -> list[OfferShown]:
    """Those in force; `tables` are the product's. Two queries."""
    there = list(tables)
    return [offer_shown(version, there) for version in offers_in_force(product)]


def offer_shown(version: OfferVersion, tables: Iterable[Table] = ()) -> OfferShown:
    """No query for a version from `catalog.products.offers.queries`."""
    return OfferShown(
        version=version,
        lifecycle=LIFECYCLES[OfferState(version.state)],
        what=_what(version),
        columns=_columns(version),
        rows=_rows(version),
        uses=", ".join(str(Use(use).label) for use in version.uses),
        longest=format_hours(version.longest_hours),
        asks=_asks(version, tables),
    )


def choices_shown(version: OfferVersion, picked: Mapping[str, Collection[str]]) -> tuple[ChoiceShown, ...]:
    """What there is to choose of the rows; where there is but one value, it is chosen."""
    return tuple(
        ChoiceShown(
            choice.name,
            choice.column,
            tuple(
                ValueShown(
                    str(one), one.value, str(one) in picked.get(choice.name, ()) or len(choice.values) == 1
                )
                for one in choice.values
            ),
        )
        for choice in template_of(version).choices
    )


def _what(version: OfferVersion) -> str:
    if version.scope == Scope.TAGS:
        return _("everything with %(tags)s") % {"tags": TagExpression.of(version.tags).text}
    if version.database:
        return _("all tables of %(database)s, including future ones") % {"database": version.database.name}
    return ", ".join(str(one.table) for one in version.tables.all())


def _columns(version: OfferVersion) -> str:
    if version.future_columns:
        return _("all, or the whole table including future columns")
    said = {
        "public": _("public columns"),
        "private": _("public and private columns, no sensitive ones"),
        "sensitive": _("all, including sensitive columns"),
    }
    return said[version.highest_class]


def _rows(version: OfferVersion) -> str:
    template = template_of(version)
    fixed = [str(rule) for rule in template.fixed]
    open_ = [
        _("%(column)s of your choice: %(values)s")
        % {"column": one.column, "values": ", ".join(value.value for value in one.values)}
        for one in template.choices
    ]
    return "; ".join([*fixed, *open_])


def _asks(version: OfferVersion, tables: Iterable[Table]) -> tuple[tuple[str, str], ...]:
    if version.scope == Scope.TAGS:
        assert version.catalog is not None
        pairs = [("tag", f"{key}={value}") for key, values in version.tags.items() for value in values]
        said = urlencode([*pairs, ("catalog", version.catalog.short_name), ("offer", str(version.pk))])
        return ((TagExpression.of(version.tags).text, f"{reverse('access-request-new')}?{said}"),)
    covered = {one.table_id for one in version.tables.all()}
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
