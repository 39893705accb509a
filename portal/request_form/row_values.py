"""Values that the request form offers for conditions on rows: those that the reader knows or may see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.mirror.models import ColumnFacts, Table
from catalog.products.offers.models import OfferVersion
from catalog.products.offers.queries import parse_row_template
from catalog.quality.models import MeasureKind
from catalog.quality.queries import list_measures
from identity.people.may import get_team_ids
from identity.people.models import Person
from lakeformation.values.row_filters import (
    MAX_LENGTH,
    Literal,
    RowFilterError,
    add_values,
    list_values,
    parse_row_filter,
)
from requests_app.access_requests.models import RequestItem
from requests_app.data_queries.models import TableProfile
from requests_app.data_queries.profiles import ColumnProfile, list_column_profiles

FIELD_PREFIX = "values-"
"""Prefix of the names of the tick boxes; the rest is the column."""
RECENT_FILTERS = 50
MAX_VALUES = 12
"""Of one column."""
MAX_RANGES = 8
"""Columns of which only the least and greatest value are known."""


@dataclass(frozen=True)
class ColumnValues:
    """`values` can be ticked; `span` says between which values all are, where that is known and the reader may see it."""

    column: str
    values: tuple[str, ...] = ()
    span: str = ""

    @property
    def field_name(self) -> str:
        return f"{FIELD_PREFIX}{self.column}"

    def add_profile(self, profile: ColumnProfile, row_count: int) -> "ColumnValues":
        """Of one value or two, the least and the greatest are all of them."""
        bounds = tuple(dict.fromkeys([profile.least, profile.greatest]))
        words = {
            "least": profile.least,
            "greatest": profile.greatest,
            "n": profile.distinct,
            "rows": row_count,
        }
        span = ngettext(
            "%(n)d value, %(least)s, in %(rows)d rows that were looked at",
            "%(n)d values, from %(least)s to %(greatest)s, in %(rows)d rows that were looked at",
            profile.distinct,
        )
        values = self.values or (bounds if profile.distinct == len(bounds) else ())
        return replace(self, values=values, span=span % words)


def list_column_values(
    person: Person, table: Table, offers: Iterable[OfferVersion], now: datetime
) -> list[ColumnValues]:
    """From offers that the reader sees, row filters that their teams requested, and the table's profile, as far as they may see its
    values. Columns with values first. At most five queries.
    """
    values_by_column: dict[str, list[Literal]] = {}
    for version in offers:
        for choice in parse_row_template(version).choices:
            values_by_column.setdefault(choice.column, []).extend(choice.values)
    requested = RequestItem.objects.filter(table=table.pk, request__team__in=get_team_ids(person))
    filters = requested.exclude(row_filter="").order_by("-pk").values_list("row_filter", flat=True)
    for text in dict.fromkeys(filters[:RECENT_FILTERS]):
        try:
            named = list_values(parse_row_filter(text))
        except RowFilterError:
            continue
        for column, values in named.items():
            values_by_column.setdefault(column, []).extend(values)
    names = {column.name for column in table.column_facts}
    rows = {
        column: ColumnValues(column, tuple(dict.fromkeys(value.value for value in values))[:MAX_VALUES])
        for column, values in values_by_column.items()
        if column in names
    }
    profile = TableProfile.objects.filter(table=table.pk).first()
    if profile:
        profile.table = table
        for column_profile in list_column_profiles(profile, person, now):
            if column_profile.greatest:
                row = rows.get(column_profile.name, ColumnValues(column_profile.name))
                rows[row.column] = row.add_profile(column_profile, profile.row_count)
    rows_with_values = [row for row in rows.values() if row.values]
    return rows_with_values + [row for row in rows.values() if not row.values][:MAX_RANGES]


def describe_row_count(table: Table) -> str:
    """How many rows the table had when they were last counted; empty if they never were. One query."""
    measures = list_measures(table, "", MeasureKind.ROWS, 1)
    if not measures:
        return ""
    count, day = int(measures[-1].value), localtime(measures[-1].measured_at)
    text = ngettext("The table had %(n)d row on %(day)s.", "The table had %(n)d rows on %(day)s.", count)
    return text % {"n": count, "day": date_format(day, _("j M Y"))}


def merge_ticked_values(data: QueryDict, columns: Sequence[ColumnFacts]) -> QueryDict:
    """The form with its ticked values in the row filter. One that can't be read stays as it was typed, and is refused with the form."""
    values_by_name = {name: data.getlist(name) for name in data if name.startswith(FIELD_PREFIX)}
    if not values_by_name:
        return data
    merged, types = data.copy(), {column.name: column.type for column in columns}
    for name, values in values_by_name.items():
        del merged[name]
        row_filter, column = merged.get("row_filter", ""), name.removeprefix(FIELD_PREFIX)
        try:
            merged["row_filter"] = add_values(row_filter, column, values, types)
        except RowFilterError:
            merged["row_filter"] = f"({row_filter}) AND {column} ({', '.join(values)})"[: MAX_LENGTH + 1]
    return merged
