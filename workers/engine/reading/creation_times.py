"""Reads creation times of tables, which identify them, with few calls."""

from collections import Counter
from collections.abc import Collection, Iterator

from django.db.models import Count

from catalog.mirror.digest import to_utc_iso
from catalog.mirror.models import Table
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.permissions import ALL_TABLES
from workers.aws.glue import PAGE_SIZE
from workers.aws.glue_lookup import GlueReader

TableName = tuple[str, str]
"""Database and name; of the database itself the name is `*`."""


def read_creation_times(catalog: ConnectedCatalog, wanted: Collection[TableName]) -> dict[TableName, str]:
    """Glue's CreateTime of each that is there. AwsError.

    Of a database of which more tables are wanted than its list has pages the list is read. Whoever may not see a table
    finds it in no list: what a list lacks is asked for by itself.
    """
    glue = GlueReader(catalog.account, catalog.region)
    listed = {
        (database, row["Name"]): to_utc_iso(row.get("CreateTime"))
        for database in _find_databases_to_list(catalog, wanted)
        for row in glue.list_tables(database)
        if (database, row["Name"]) in wanted
    }
    found = ((one, listed.get(one) or _read_creation_time(glue, *one)) for one in sorted(wanted))
    return {one: created for one, created in found if created}


def _find_databases_to_list(catalog: ConnectedCatalog, wanted: Collection[TableName]) -> Iterator[str]:
    """Databases for which listing takes fewer calls than single reads, by the number of tables in the mirror."""
    names = Counter(database for database, name in wanted if name != ALL_TABLES)
    many = [database for database, count in names.items() if count > 1]
    live = Table.objects.filter(database__catalog=catalog, database__name__in=many, tombstoned_at=None)
    for database, known in live.values_list("database__name").annotate(Count("pk")).order_by():
        if -(-known // PAGE_SIZE) < names[database]:
            yield database


def _read_creation_time(glue: GlueReader, database: str, name: str) -> str | None:
    """Of the database itself where every table of it is meant; None for what is not there."""
    if name == ALL_TABLES:
        whole = glue.find_database(database)
        return None if whole is None else to_utc_iso(whole.get("CreateTime"))
    one = glue.find_table(database, name)
    return None if one is None else to_utc_iso(one.get("CreateTime"))
