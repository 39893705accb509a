"""When tables were made, which is who they are: by as few calls as may be."""

from collections import Counter
from collections.abc import Collection, Iterator

from django.db.models import Count

from catalog.mirror.digest import utc
from catalog.mirror.models import Table
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.permissions import ALL_TABLES
from workers.aws.glue import PAGE
from workers.aws.glue_lookup import Reader

Named = tuple[str, str]
"""Database and name; of the database itself the name is `*`."""


def creations(catalog: ConnectedCatalog, wanted: Collection[Named]) -> dict[Named, str]:
    """Glue's CreateTime of each that is there. AwsError.

    Of a database of which more tables are wanted than its list has pages the list is read. Whoever may not see a table
    finds it in no list: what a list lacks is asked for by itself.
    """
    glue = Reader(catalog.account, catalog.region)
    listed = {
        (database, row["Name"]): utc(row.get("CreateTime"))
        for database in _worth_listing(catalog, wanted)
        for row in glue.tables_in(database)
        if (database, row["Name"]) in wanted
    }
    found = ((one, listed.get(one) or _created(glue, *one)) for one in sorted(wanted))
    return {one: created for one, created in found if created}


def _worth_listing(catalog: ConnectedCatalog, wanted: Collection[Named]) -> Iterator[str]:
    """By how many tables the mirror knows."""
    names = Counter(database for database, name in wanted if name != ALL_TABLES)
    many = [database for database, count in names.items() if count > 1]
    live = Table.objects.filter(database__catalog=catalog, database__name__in=many, tombstoned_at=None)
    for database, known in live.values_list("database__name").annotate(Count("pk")).order_by():
        if -(-known // PAGE) < names[database]:
            yield database


def _created(glue: Reader, database: str, name: str) -> str | None:
    """Of the database itself where every table of it is meant; None for what is not there."""
    if name == ALL_TABLES:
        whole = glue.database(database)
        return None if whole is None else utc(whole.get("CreateTime"))
    one = glue.table(database, name)
    return None if one is None else utc(one.get("CreateTime"))
