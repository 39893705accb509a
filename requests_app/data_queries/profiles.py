"""What a person may see of a table's profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.mirror.models import Classification, Table
from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.data_queries.models import TableProfile
from requests_app.data_queries.readers import list_unfiltered_columns


@dataclass(frozen=True)
class ColumnProfile:
    """Counts of the rows that were looked at. `least` and `greatest` are values of any of these rows: empty for whoever may not see
    them.
    """

    name: str
    nulls: int
    distinct: int
    least: str
    greatest: str


def get_profile(table: Table) -> TableProfile:
    """NotFoundError before the first one."""
    table_profile = TableProfile.objects.select_related("table", "requested_by").filter(table=table).first()
    if table_profile is None:
        raise NotFoundError
    return table_profile


def list_column_profiles(profile: TableProfile, person: Person, now: datetime) -> Sequence[ColumnProfile]:
    """In table order, without what became sensitive since. Values are shown of `list_unfiltered_columns` alone."""
    table = profile.table
    columns = [column_fact for column_fact in table.column_facts if column_fact.name in profile.columns]
    shown = [column for column in columns if column.classification not in {"", Classification.SENSITIVE}]
    unfiltered = list_unfiltered_columns(person, table, now)
    return [
        _build_column(profile.columns[one.name], one.name, shows_values=one.name in unfiltered)
        for one in shown
    ]


def _build_column(counts: dict[str, int | str | None], name: str, *, shows_values: bool) -> ColumnProfile:
    least, greatest = (str(counts[one] or "") if shows_values else "" for one in ("least", "greatest"))
    return ColumnProfile(name, int(counts["nulls"] or 0), int(counts["distinct"] or 0), least, greatest)
