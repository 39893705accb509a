"""Facts of the columns of several tables."""

from collections import defaultdict
from collections.abc import Iterable

from catalog.mirror.models import Column, ColumnFacts, Table


def load_column_facts(tables: Iterable[Table]) -> None:
    """Reads `column_facts` of all tables in one query."""
    rows = list(tables)
    facts: dict[int, list[ColumnFacts]] = defaultdict(list)
    columns = Column.objects.filter(table__in=[row.pk for row in rows])
    for pk, *fields in columns.values_list("table_id", *ColumnFacts._fields):
        facts[pk].append(ColumnFacts(*fields))
    for row in rows:
        row.column_facts = facts[row.pk]
